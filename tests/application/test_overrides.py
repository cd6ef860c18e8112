"""A way that the rules close, opened for one delivery: where they grant it, by two people, and for nothing else."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.acts.acting import Act, Acted, AskedAct
from gateway.application.people.own_offices import OwnOffices
from gateway.application.people.staff import new_secret
from gateway.application.sealed import data_key
from gateway.domain.accounts import AccountRole
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import Event, EventName
from gateway.domain.failures import Refused
from gateway.domain.problem import Conflict, InputRefused, NotAllowed
from gateway.domain.proposals import ProposalState
from gateway.domain.reasons import Reason
from gateway.domain.ways import Opened
from tests.application.stage import Stage, stage_rules
from tests.contracts.fake_channel import FakeChannel

WHY = "the party consented in writing"


def gate(name: str, *channels: str, grants: bool) -> str:
    """A rule that closes channels whatever the package."""
    override = (
        """
[gate.override]
source = { en = "Directive 7", fr = "Directive 7" }
explanation = { en = "With consent.", fr = "Avec consentement." }
"""
        if grants
        else ""
    )
    return f"""
[[gate]]
id = "{name}"
when = {{ sensitive = true }}
channels = {list(channels)}
reason = "plan.confidential"
source = {{ en = "test", fr = "essai" }}
explanation = {{ en = "Test.", fr = "Essai." }}
{override}"""


UPLOAD_CLOSED = gate("no-upload", "secure-upload", grants=True)
ALL_CLOSED = gate("nothing-electronic", "encrypted-email", "secure-upload", grants=True)


class Desk:
    """Stages over one home, each under its own rules, with e-mail and an exchange."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stages: list[Stage] = []

    def opens(self, rules: str, *mail: Refused) -> Stage:
        self.mail, self.upload = FakeChannel(*mail), FakeChannel(name="secure-upload")
        stage = Stage(self.folder, self.mail, self.upload, rules=stage_rules(rules))
        self.stages.append(stage)
        return stage


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    for one in made.stages:
        one.close()


def two_people(on: Stage) -> None:
    on.recipients(also=["secure-upload"])
    for name, role in (("alice", AccountRole.ADMINISTRATOR), ("bob", AccountRole.APPROVER)):
        on.staff.add(name, frozenset({role}), digest=new_secret().digest, actor="alice", reason=None)


def planned(on: Stage) -> Delivery:
    return on.planned_and_rendered(sensitive=True)


def asks(on: Stage, delivery: Delivery, channel: str = "secure-upload", why: str = WHY) -> Acted:
    act = Act(
        resolve=on.resolve,
        reroute=on.reroute,
        override=on.override,
        readdress=on.readdress,
        record_service=on.record_service,
        record_receipt=on.record_receipt,
        own_offices=OwnOffices(on.database),
    )
    return act(delivery.id, AskedAct(action=Action.REROUTE, reason=why, channel=channel, override=True), actor="alice")


def works(on: Stage) -> None:
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 10):
            work(claimed)


def opened(on: Stage, delivery: Delivery) -> Mapping[str, Opened]:
    with on.database.read() as tx:
        return tx.opened_ways.of_dispatch(delivery.dispatch)


def acts(on: Stage, delivery: Delivery) -> list[Event]:
    with on.database.read() as tx:
        return [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.DELIVERY_RESOLVED]


def test_one_person_proposes_another_approves_and_it_goes_by_that_way(desk: Desk) -> None:
    on = desk.opens(UPLOAD_CLOSED, Refused(reason=Reason.SMTP_REFUSED))
    two_people(on)
    delivery = planned(on)
    on.deliver()
    before = on.delivery(delivery.id)
    asked = asks(on, delivery)
    assert asked.proposal is not None
    assert on.delivery(delivery.id) == before == asked.delivery
    on.deliver()
    assert desk.upload.sent == []
    on.approvals.approve(asked.proposal, actor="bob", reason="I read the consent")
    on.deliver()
    after = on.delivery(delivery.id)
    assert (after.state, after.channel) == (DeliveryState.HANDED_OVER, "secure-upload")
    assert opened(on, delivery) == {"m1": Opened(channel="secure-upload", gates=frozenset({"no-upload"}))}
    assert len(desk.upload.sent) == 1


def test_the_record_of_the_delivery_says_who_opened_what_and_why(desk: Desk) -> None:
    on = desk.opens(UPLOAD_CLOSED, Refused(reason=Reason.SMTP_REFUSED))
    two_people(on)
    delivery = planned(on)
    on.deliver()
    on.approvals.approve(str(asks(on, delivery).proposal), actor="bob", reason="agreed")
    event = acts(on, delivery)[-1]
    assert (event.actor, event.facts["approved_by"]) == ("alice", "bob")
    assert (event.facts["channel"], event.facts["set_aside"]) == ("secure-upload", "no-upload")
    assert event.reason is not None
    with on.database.read() as tx:
        key = data_key(tx.registry, tx.dispatches.get(delivery.dispatch).data_key)
    assert on.vault.open(key, contexts.reason(delivery.id), event.reason).decode() == WHY


def test_nobody_does_it_alone_even_before_there_is_a_second_account(desk: Desk) -> None:
    on = desk.opens(UPLOAD_CLOSED, Refused(reason=Reason.SMTP_REFUSED))
    on.recipients(also=["secure-upload"])
    delivery = planned(on)
    on.deliver()
    asked = asks(on, delivery)
    assert opened(on, delivery) == {}
    with pytest.raises(NotAllowed) as refused:
        on.approvals.approve(str(asked.proposal), actor="alice", reason="myself")
    assert refused.value.code is Code.APPROVAL_OWN


def test_what_could_never_be_planned_is_planned_once_two_people_open_a_way(desk: Desk) -> None:
    on = desk.opens(ALL_CLOSED)
    two_people(on)
    dispatch = on.accept(sensitive=True)
    works(on)
    (delivery,) = on.deliveries(dispatch.id)
    assert (delivery.state, delivery.reason) == (DeliveryState.NEEDS_PERSON, Reason.CONFIDENTIAL)
    on.approvals.approve(str(asks(on, delivery).proposal), actor="bob", reason="agreed")
    works(on)
    assert on.delivery(delivery.id).plan == ("secure-upload",)  # not the other way that the same rule closes
    on.deliver()
    assert (len(desk.mail.sent), len(desk.upload.sent)) == (0, 1)


@pytest.mark.parametrize(
    "rules",
    [
        gate("strict", "secure-upload", grants=False),
        UPLOAD_CLOSED + gate("strict", "secure-upload", grants=False),
    ],
)
def test_where_a_rule_grants_nothing_nobody_may_even_ask(desk: Desk, rules: str) -> None:
    on = desk.opens(rules, Refused(reason=Reason.SMTP_REFUSED))
    on.recipients(also=["secure-upload"])
    delivery = planned(on)
    on.deliver()
    with pytest.raises(Conflict) as refused:
        asks(on, delivery)
    assert refused.value.code is Code.DELIVERY_CHANNEL_FORBIDDEN
    assert on.approvals.all(open_only=True) == []


def test_neither_the_lack_of_an_address_nor_an_open_way_is_anything_to_set_aside(desk: Desk) -> None:
    on = desk.opens(gate("no-fax", "fax", grants=True), Refused(reason=Reason.SMTP_REFUSED))
    on.recipients(also=["secure-upload"])
    delivery = planned(on)
    on.deliver()
    for channel, code in (("fax", Code.DELIVERY_CHANNEL_FORBIDDEN), ("secure-upload", Code.DELIVERY_CHANNEL_OPEN)):
        with pytest.raises(Conflict) as refused:
            asks(on, delivery, channel)
        assert refused.value.code is code
    with pytest.raises(InputRefused):
        asks(on, delivery, why=" ")


def test_a_proposal_made_under_other_rules_is_overtaken(desk: Desk) -> None:
    on = desk.opens(UPLOAD_CLOSED, Refused(reason=Reason.SMTP_REFUSED))
    on.recipients(also=["secure-upload"])
    delivery = planned(on)
    on.deliver()
    proposal = str(asks(on, delivery).proposal)
    now = desk.opens(UPLOAD_CLOSED + gate("strict", "secure-upload", grants=False))
    with pytest.raises(Conflict) as refused:
        now.approvals.approve(proposal, actor="bob", reason="agreed")
    assert refused.value.code is Code.APPROVAL_OVERTAKEN
    assert now.approvals.look(proposal)[0].state is ProposalState.OVERTAKEN
    assert opened(now, delivery) == {}


def test_what_was_opened_is_closed_again_by_a_plan_under_rules_that_grant_it_no_more(desk: Desk) -> None:
    on = desk.opens(ALL_CLOSED)
    two_people(on)
    dispatch = on.accept(sensitive=True)
    works(on)
    (delivery,) = on.deliveries(dispatch.id)
    on.approvals.approve(str(asks(on, delivery).proposal), actor="bob", reason="agreed")
    now = desk.opens(gate("nothing-electronic", "encrypted-email", "secure-upload", grants=False))
    works(now)
    after = now.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.NEEDS_PERSON, Reason.CONFIDENTIAL)
    assert desk.upload.sent == []
