"""Another address for a delivery: two people give it, nothing goes to the old one meanwhile, and nothing that comes
back from there moves what went to the new one."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.application.evidence.proof_drawing import Given
from gateway.application.evidence.records import provision_of, read_record, transmission_record
from gateway.application.people.approvals import Outcome
from gateway.application.people.staff import new_secret
from gateway.application.recipients.postal_checks import check_chosen
from gateway.application.recipients.proposal_views import differences
from gateway.domain.accounts import AccountRole
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.failures import Refused
from gateway.domain.parties import Contact, PostalAddress, RecipientChannel
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, NotAllowed, Problem
from gateway.domain.proposals import ProposalState
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding
from gateway.domain.retention import FLOOR_YEARS
from tests.application.exporting import desk as proof_desk
from tests.application.packages import POSTAL
from tests.application.stage import Stage
from tests.application.test_parties_at_sending import tell
from tests.application.test_receiving import raw_of, receive
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

WHY = "returned by the post office"
ELSEWHERE = Contact(
    postal=PostalAddress(
        lines=("77 Other Rd",), municipality="Toronto", province="ON", postal_code="M5V 3L9", country="CA"
    )
)
NO_CODE = PostalAddress(lines=("1 Old Rd",), municipality="Toronto", province="ON", postal_code="D5V", country="CA")
CLAIMANT = {"id": "a1", "roles": ["claimant"], "represents": ["p1"], "contact": {"postal": POSTAL}}


@dataclass
class Desk:
    """A stage with a courier and mail, and two people."""

    on: Stage
    courier: FakeChannel

    def claimant(self, **changes: Any) -> Delivery:
        """The delivery of a claimant who is reached by courier."""
        return self.on.planned_and_rendered(participants=[CLAIMANT | changes], minister={"party": False})

    def readdress(self, delivery: Delivery, action: Action = Action.CORRECT_ADDRESS, **to: Any) -> str:
        """The proposal for it, by alice."""
        to = to or {"contact": ELSEWHERE}
        _, made = self.on.readdress(delivery.id, action, actor="alice", reason=WHY, **to)
        assert made.outcome is Outcome.PROPOSED
        return made.proposal or ""

    def approve(self, proposal: str) -> None:
        """By bob; and what is due is planned, rendered and sent."""
        self.on.approvals.approve(proposal, actor="bob", reason="asked the claimant by telephone")
        self.works()

    def works(self) -> None:
        for step, work in ((Step.PLAN, self.on.plan), (Step.RENDER, self.on.render)):
            for claimed in self.on.steps.claim(step, 10):
                work(claimed)
        self.on.deliver()

    def went_to(self) -> list[str]:
        """The destinations of what was sent, in order."""
        return [one.destination for one in self.courier.sent]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    courier = FakeChannel(name="courier")
    on = Stage(tmp_path, FakeChannel(), courier)
    on.recipients()
    on.recipients("cbsa-montreal", way=RecipientChannel(type="courier", postal=ELSEWHERE.postal))
    on.recipients("cbsa-old", way=RecipientChannel(type="courier", postal=NO_CODE))
    for name in ("alice", "bob"):
        roles = frozenset({AccountRole.ADMINISTRATOR, AccountRole.REGISTRY, AccountRole.APPROVER})
        on.staff.add(name, roles, digest=new_secret().digest, actor="alice", reason=None)
    yield Desk(on, courier)
    on.close()


def refused(problem: type[Problem], code: Code) -> "pytest.RaisesExc[Problem]":
    return pytest.raises(problem, check=lambda error: error.code is code)


def test_nothing_goes_to_an_address_in_doubt_and_everything_to_the_one_that_two_people_gave(desk: Desk) -> None:
    delivery = desk.claimant()
    proposal = desk.readdress(delivery)
    held = desk.on.delivery(delivery.id)
    assert (held.state, held.reason) == (DeliveryState.HELD, Reason.ADDRESS_IN_DOUBT)
    assert desk.on.deliver() == 0
    with refused(NotAllowed, Code.APPROVAL_OWN):
        desk.on.approvals.approve(proposal, actor="alice", reason="mine")
    desk.approve(proposal)
    after = desk.on.delivery(delivery.id)
    assert (after.state, after.reason, after.plan) == (DeliveryState.HANDED_OVER, None, ("courier",))
    assert desk.went_to() == ["77 Other Rd"]


def test_who_approves_sees_the_address_that_stands_beside_the_one_that_shall_stand(desk: Desk) -> None:
    proposal = desk.readdress(desk.claimant())
    found, standing, content, reason = desk.on.approvals.look(proposal)
    changes = {str(one["field"]): (one["before"], one["after"]) for one in differences(standing, content, lambda _: {})}
    assert changes == {
        "action": (None, "correct-address"),
        "address.contact.postal.lines": (["123 Example St"], ["77 Other Rd"]),
    }
    assert (reason, [one.value for one in found.cautions]) == (WHY, ["new-address"])


def test_the_act_stands_in_the_deliverys_record_with_both_names_and_the_reason_under_its_own_key(desk: Desk) -> None:
    delivery = desk.claimant()
    desk.approve(desk.readdress(delivery))
    with desk.on.database.read() as tx:
        acts = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.DELIVERY_RESOLVED]
    assert [(one.actor, one.facts["action"], one.facts.get("approved_by")) for one in acts] == [
        ("alice", "hold", None),
        ("alice", "correct-address", "bob"),
    ]
    assert all(one.reason for one in acts)


def test_what_was_refused_stays_held_until_a_person_releases_it(desk: Desk) -> None:
    delivery = desk.claimant()
    desk.on.approvals.refuse(desk.readdress(delivery), actor="bob", reason="the first one was right")
    assert desk.on.deliver() == 0
    desk.on.resolve(delivery.id, Action.RELEASE, actor="bob", reason="the first one was right")
    desk.works()
    assert desk.went_to() == ["123 Example St"]


def test_what_a_person_holds_for_another_reason_stays_held_and_goes_to_the_new_address_then(desk: Desk) -> None:
    delivery = desk.claimant()
    desk.on.resolve(delivery.id, Action.HOLD, actor="carol", reason="a question to the member")
    desk.approve(desk.readdress(delivery))
    assert desk.on.delivery(delivery.id).reason is Reason.HELD_BY_PERSON
    assert desk.went_to() == []
    desk.on.resolve(delivery.id, Action.RELEASE, actor="carol", reason="answered")
    desk.works()
    assert desk.went_to() == ["77 Other Rd"]


def test_what_came_back_is_served_again_elsewhere_under_a_reference_of_its_own(desk: Desk) -> None:
    delivery = desk.claimant()
    desk.on.deliver()
    proposal = desk.readdress(delivery, Action.RE_SERVE)
    assert desk.on.delivery(delivery.id).state is DeliveryState.HANDED_OVER, "nothing moves before it is approved"
    desk.approve(proposal)
    after, (first, second) = desk.on.delivery(delivery.id), desk.on.attempts(delivery.id)
    assert (after.state, after.settled) == (DeliveryState.HANDED_OVER, False)
    assert desk.went_to() == ["123 Example St", "77 Other Rd"]
    assert first.reference != second.reference


def test_what_comes_back_from_the_old_address_is_kept_and_moves_nothing(desk: Desk) -> None:
    delivery = desk.claimant()
    desk.on.deliver()
    late = raw_of(desk.on, delivery, Finding.FAILED)
    desk.approve(desk.readdress(delivery, Action.RE_SERVE))
    receive(desk.on, late)
    after = desk.on.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.HANDED_OVER, None)
    with desk.on.database.read() as tx:
        kept = tx.records.receipts_of([delivery.id])[delivery.id]
    assert [one.receipt.event.value for one in kept].count("RelayToNonERDSFailure") == 1
    receive(desk.on, raw_of(desk.on, delivery, Finding.FAILED))
    assert desk.on.delivery(delivery.id).state is DeliveryState.FAILED, "what comes back from the new one does"


def test_a_change_that_the_registry_told_is_answered_by_the_address_and_a_later_one_stops_it_again(desk: Desk) -> None:
    delivery = desk.claimant()
    tell(desk.on, {"participant": "a1", "contact": {"postal": POSTAL | {"lines": ["9 Third Ave"]}}})
    desk.on.deliver()
    assert desk.on.delivery(delivery.id).reason is Reason.ADDRESS_CHANGED
    proposal = desk.readdress(delivery)
    desk.on.clock.move(desk.on.retry_policy.waits[0])
    desk.approve(proposal)
    assert desk.went_to() == ["77 Other Rd"], "whatever the message said: two people knew of it"
    desk.on.clock.move(desk.on.retry_policy.waits[0])
    tell(desk.on, {"participant": "a1", "contact": {"postal": POSTAL | {"lines": ["1 Last St"]}}}, sequence=2)
    again = desk.readdress(delivery, Action.RE_SERVE, contact=Contact(fax="+14165550123", postal=ELSEWHERE.postal))
    desk.approve(again)
    assert len(desk.went_to()) == 2


def test_a_message_after_the_address_was_given_stops_the_sending(desk: Desk) -> None:
    delivery = desk.claimant()
    desk.on.approvals.approve(desk.readdress(delivery), actor="bob", reason="asked the claimant")
    desk.on.clock.move(desk.on.retry_policy.waits[0])
    tell(desk.on, {"participant": "a1", "contact": {"postal": POSTAL | {"lines": ["1 Last St"]}}})
    desk.works()
    after = desk.on.delivery(delivery.id)
    assert (after.state, after.reason, desk.went_to()) == (DeliveryState.NEEDS_PERSON, Reason.ADDRESS_CHANGED, [])


def test_another_entry_of_the_directory_receives_in_place_of_the_one_planned(desk: Desk) -> None:
    delivery = desk.on.planned_and_rendered()
    desk.approve(desk.readdress(delivery, Action.REPLACE_RECIPIENT, recipient="cbsa-montreal"))
    after = desk.on.delivery(delivery.id)
    assert (after.recipient, after.plan) == ("cbsa-montreal", ("courier",))
    with refused(NoSuchThing, Code.RECIPIENT_UNKNOWN):
        desk.readdress(delivery, Action.RE_SERVE, recipient="nobody")


def test_an_entry_that_was_imported_before_addresses_were_judged_is_judged_when_it_is_chosen(desk: Desk) -> None:
    """Where no way of it reaches anybody the person is told at once, with the way at fault; where one does, the plan
    passes the others over."""
    delivery = desk.claimant()
    with refused(InputRefused, Code.ADDRESS_POSTAL_CODE) as met:
        desk.readdress(delivery, Action.REPLACE_RECIPIENT, recipient="cbsa-old")
    assert met.value.where == "cbsa-old.courier"
    assert desk.on.delivery(delivery.id).state is DeliveryState.READY, "nothing was held for it"
    entry = desk.on.directory.known("cbsa-old")
    check_chosen(replace(entry, channels=(*entry.channels, RecipientChannel(type="fax", number="+14165550123"))))
    for way, code in (
        (RecipientChannel(type="fax", number="+1416555"), Code.ADDRESS_FAX),
        (RecipientChannel(type="encrypted-email", address="a@x.test, b@y.test"), Code.ADDRESS_EMAIL),
    ):
        with refused(InputRefused, code):
            check_chosen(replace(entry, channels=(way,)))


def test_two_envelopes_never_become_one(desk: Desk) -> None:
    both = [CLAIMANT, {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}]
    dispatch = desk.on.accept(participants=both)
    for step, work in ((Step.PLAN, desk.on.plan), (Step.RENDER, desk.on.render)):
        (claimed,) = desk.on.steps.claim(step, 10)
        work(claimed)
    (mine,) = [one for one in desk.on.deliveries(dispatch.id) if one.participant == "a1"]
    with refused(Conflict, Code.DELIVERY_RECIPIENT_SHARED):
        desk.readdress(mine, Action.REPLACE_RECIPIENT, recipient="cbsa-hearings-gta")


@pytest.mark.parametrize("action", [Action.CORRECT_ADDRESS, Action.REPLACE_RECIPIENT])
def test_what_left_us_is_not_corrected_behind_its_back(desk: Desk, action: Action) -> None:
    delivery = desk.claimant()
    desk.on.deliver()
    with refused(Conflict, Code.DELIVERY_ACTION_NOT_POSSIBLE):
        desk.readdress(delivery, action)


def test_the_address_that_stands_is_no_other_address(desk: Desk) -> None:
    delivery = desk.claimant()
    assert ELSEWHERE.postal is not None
    stands = Contact(postal=replace(ELSEWHERE.postal, lines=("123 Example St",)))
    with refused(InputRefused, Code.REQUEST_INVALID):
        desk.readdress(delivery, contact=stands)
    assert desk.on.delivery(delivery.id).state is DeliveryState.READY, "and nothing is held for it"


def test_no_act_goes_without_a_reason(desk: Desk) -> None:
    delivery = desk.claimant()
    with refused(InputRefused, Code.REQUEST_INVALID):
        desk.on.readdress(delivery.id, Action.CORRECT_ADDRESS, contact=ELSEWHERE, actor="alice", reason=" ")
    assert desk.on.delivery(delivery.id).state is DeliveryState.READY


def test_a_proposal_is_overtaken_by_another_address_that_was_given_first(desk: Desk) -> None:
    delivery = desk.claimant()
    first, second = desk.readdress(delivery), desk.readdress(delivery, contact=Contact(fax="+14165550123"))
    desk.approve(first)
    with refused(Conflict, Code.APPROVAL_OVERTAKEN):
        desk.on.approvals.approve(second, actor="bob", reason="too late")


def test_in_bootstrap_one_person_gives_it_at_once_and_that_is_recorded(tmp_path: Path) -> None:
    courier = FakeChannel(HANDED_OVER, name="courier")
    desk = Desk(Stage(tmp_path, courier), courier)
    delivery = desk.claimant()
    _, made = desk.on.readdress(delivery.id, Action.CORRECT_ADDRESS, contact=ELSEWHERE, actor="alice", reason=WHY)
    assert made.outcome is Outcome.APPLIED
    desk.works()
    assert desk.went_to() == ["77 Other Rd"]
    with desk.on.database.read() as tx:
        last = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.DELIVERY_RESOLVED][-1]
    assert last.facts["bootstrap"] is True
    desk.on.close()


def test_what_failed_at_the_old_address_goes_to_the_new_one(tmp_path: Path) -> None:
    courier = FakeChannel(Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID), HANDED_OVER, name="courier")
    desk = Desk(Stage(tmp_path, courier), courier)
    delivery = desk.claimant()
    desk.on.deliver()
    assert desk.on.delivery(delivery.id).state is DeliveryState.FAILED
    desk.on.readdress(delivery.id, Action.CORRECT_ADDRESS, contact=ELSEWHERE, actor="alice", reason=WHY)
    desk.works()
    assert (desk.on.delivery(delivery.id).state, desk.went_to()[-1]) == (DeliveryState.HANDED_OVER, "77 Other Rd")
    assert json.dumps(desk.on.views.dispatch(delivery.dispatch)).find("Other Rd") == -1
    desk.on.close()


def test_each_paper_says_where_its_own_attempt_went_and_what_it_sent(desk: Desk) -> None:
    delivery = desk.claimant()
    desk.on.deliver()
    desk.approve(desk.readdress(delivery, Action.RE_SERVE))
    first, second = desk.on.attempts(delivery.id)
    assert desk.went_to() == ["123 Example St", "77 Other Rd"]
    given = Given(name="Marie Officer", title="Registry Officer", explanation="The courier lost the slip.")
    made = proof_desk(desk.on).make(delivery.dispatch, "a1", given, officer="alice", actor="alice")
    assert [one.attempt for one in made.papers] == [first.id, second.id]
    with desk.on.database.read() as tx:
        record = read_record(tx, tx.dispatches.get(delivery.dispatch), tx.deliveries.get(delivery.id))
    facts = desk.on.facts(record.dispatch)
    was, now = provision_of(record, facts, first), provision_of(record, facts, second)
    assert (was.to.lines[0], now.to.lines[0]) == ("123 Example St", "77 Other Rd")
    (former,) = record.former
    assert record.papers_of(first) is former
    assert {one.object_name for one in former.documents}.isdisjoint(one.object_name for one in record.documents)
    told = transmission_record(record, facts, desk.on.clock.now())
    assert [(one.reference, one.instead) for one in told.attempts] == [
        (first.reference, was.to),
        (second.reference, None),
    ]


def test_a_paper_drafted_before_the_address_changed_can_still_be_signed(desk: Desk) -> None:
    delivery = desk.claimant()
    desk.on.deliver()
    papers = proof_desk(desk.on)
    given = Given(name="Marie Officer", title="Registry Officer", explanation="The courier lost the slip.")
    (draft,) = papers.make(delivery.dispatch, "a1", given, officer="alice", actor="alice").papers
    desk.approve(desk.readdress(delivery, Action.RE_SERVE))
    (signed,) = papers.sign([draft.id], actor="alice")
    assert (signed.attempt, signed.signed_by) == (desk.on.attempts(delivery.id)[0].id, "alice")


def test_until_papers_are_made_for_the_new_address_those_that_stand_are_what_was_sent(desk: Desk) -> None:
    delivery = desk.claimant()
    desk.on.deliver()
    desk.on.approvals.approve(desk.readdress(delivery, Action.RE_SERVE), actor="bob", reason="asked the claimant")
    with desk.on.database.read() as tx:
        record = read_record(tx, tx.dispatches.get(delivery.dispatch), tx.deliveries.get(delivery.id))
    (attempt,) = record.attempts
    assert (record.former, record.papers_of(attempt)) == ([], None)
    to = provision_of(record, desk.on.facts(record.dispatch), attempt).to
    assert to.lines[0] == "123 Example St"


def test_a_proposal_about_a_delivery_is_lost_with_its_package_and_can_only_be_refused(desk: Desk) -> None:
    delivery = desk.claimant()
    proposal = desk.readdress(delivery)
    proposed = desk.on.approvals.look(proposal)
    assert b"77 Other Rd" in proposed[2]
    desk.on.resolve(delivery.id, Action.CANCEL, actor="alice", reason="withdrawn by the Registry")
    desk.on.clock.move(dt.timedelta(days=366 * FLOOR_YEARS))
    assert len(desk.on.retention().run(actor="archivist")) == 1
    with refused(Conflict, Code.RETENTION_EXPIRED):
        desk.on.approvals.look(proposal)
    with refused(Conflict, Code.RETENTION_EXPIRED):
        desk.on.approvals.approve(proposal, actor="bob", reason="too late")
    assert desk.on.approvals.refuse(proposal, actor="bob", reason="expired").state is ProposalState.REFUSED
