"""What people do with a delivery: held, cancelled, sent another way, served by hand — and what nobody may do."""

import datetime as dt
import email
import email.policy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.acts.acting import Act, AskedAct
from gateway.application.acts.service_record import HandService
from gateway.application.people.own_offices import OwnOffices
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import Event, EventName
from gateway.domain.failures import MaybeSent, NotSent, Refused
from gateway.domain.problem import Conflict, InputRefused, Problem
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from tests.application.stage import START, WAITS, Stage
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel
from tests.contracts.fake_channel import Step as Sends

PROOF = b"%PDF-1.7 a signed acknowledgement"
WHY = "the registrar asked"


class Desk:
    """A stage with an e-mail channel, an exchange, and whoever acts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stages: list[Stage] = []

    def opens(self, *mail: Sends) -> Stage:
        self.mail, self.upload = FakeChannel(*mail), FakeChannel(name="secure-upload")
        self.stages.append(Stage(self.folder, self.mail, self.upload))
        return self.stages[-1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    for one in made.stages:
        one.close()


def ready(on: Stage) -> Delivery:
    on.recipients(also=["secure-upload"])
    on.recipients("cbsa-montreal")
    return on.planned_and_rendered()


def by_hand(on: Stage, **changes: object) -> HandService:
    told = HandService(at=on.clock.now(), place="200 rue Kent, Ottawa", handed_to="Claire Tremblay", proof=PROOF)
    return replace(told, **changes)  # type: ignore[arg-type]


def acts(on: Stage, delivery: Delivery) -> list[Event]:
    with on.database.read() as tx:
        return [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.DELIVERY_RESOLVED]


def works(on: Stage) -> None:
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 10):
            work(claimed)


def test_what_is_held_is_not_sent_until_it_is_released_and_then_goes_by_a_new_plan(desk: Desk) -> None:
    on = desk.opens()
    delivery = ready(on)
    held = on.resolve(delivery.id, Action.HOLD, actor="clerk", reason=WHY)
    assert (held.state, held.reason) == (DeliveryState.HELD, Reason.HELD_BY_PERSON)
    assert on.deliver() == 0
    on.resolve(delivery.id, Action.RELEASE, actor="clerk", reason=WHY)
    works(on)
    assert on.deliver() == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert [(one.actor, one.facts["action"]) for one in acts(on, delivery)] == [("clerk", "hold"), ("clerk", "release")]


def test_what_is_cancelled_is_never_sent(desk: Desk) -> None:
    on = desk.opens()
    delivery = ready(on)
    on.resolve(delivery.id, Action.CANCEL, actor="clerk", reason=WHY)
    on.clock.move(dt.timedelta(days=30))
    assert on.deliver() == 0
    with pytest.raises(Conflict):
        on.resolve(delivery.id, Action.RETRY, actor="clerk", reason=WHY)


SETTLING = {Action.CONFIRM_SENT, Action.CONFIRM_NOT_SENT, Action.RECORD_SERVICE}


@pytest.mark.parametrize("action", [one for one in Action if one not in SETTLING])
def test_what_may_have_been_sent_takes_no_act_that_could_send_it_again_or_hide_it(desk: Desk, action: Action) -> None:
    on = desk.opens(MaybeSent(reason=Reason.SMTP_UNCERTAIN), HANDED_OVER)
    delivery = ready(on)
    on.deliver()
    with pytest.raises(Conflict) as refused:
        act_of(on)(delivery.id, asked_of(action), actor="clerk")
    assert refused.value.code is Code.DELIVERY_ACTION_NOT_POSSIBLE
    assert on.delivery(delivery.id).state is DeliveryState.UNCONFIRMED
    assert desk.upload.sent == []


ADDRESSES = [Action.CORRECT_ADDRESS, Action.REPLACE_RECIPIENT, Action.RE_SERVE]


@pytest.mark.parametrize("action", [Action.RETRY, Action.REROUTE, Action.CANCEL, *ADDRESSES])
def test_what_a_receipt_shows_to_have_been_sent_is_confirmed_one_way_or_the_other_first(
    desk: Desk, action: Action
) -> None:
    on = desk.opens(NotSent(reason=Reason.SMTP_TEMPORARY))
    delivery = ready(on)
    on.deliver()
    with on.database.write() as tx:
        standing = tx.deliveries.get(delivery.id)
        tx.deliveries.save(replace(standing, state=DeliveryState.NEEDS_PERSON, reason=Reason.SHOWN_SENT))
    with pytest.raises(Conflict) as refused:
        act_of(on)(delivery.id, asked_of(action), actor="clerk")
    assert refused.value.code is Code.DELIVERY_SHOWN_SENT
    after = on.resolve(delivery.id, Action.CONFIRM_SENT, actor="clerk", reason="the report names it")
    assert after.state is DeliveryState.HANDED_OVER


def test_nobody_confirms_what_was_never_tried(desk: Desk) -> None:
    on = desk.opens()
    delivery = on.accept()
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    on.plan(claimed)
    (waiting,) = on.deliveries(delivery.id)
    assert waiting.state is DeliveryState.NEEDS_PERSON
    with pytest.raises(Conflict) as refused:
        on.resolve(waiting.id, Action.CONFIRM_SENT, actor="clerk", reason=WHY)
    assert refused.value.code is Code.DELIVERY_ACTION_NOT_POSSIBLE


def test_a_person_sends_it_by_another_channel_that_the_rules_leave_open(desk: Desk) -> None:
    on = desk.opens(NotSent(reason=Reason.SMTP_TEMPORARY))
    delivery = ready(on)
    on.deliver()
    after = on.reroute(delivery.id, "secure-upload", actor="clerk", reason=WHY)
    assert (after.channel, after.reason) == ("secure-upload", Reason.REROUTED_BY_PERSON)
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert (len(desk.mail.sent), len(desk.upload.sent)) == (1, 1)
    assert acts(on, delivery)[-1].facts["channel"] == "secure-upload"


def test_a_channel_that_a_rule_closes_stays_closed_and_the_rule_is_named(desk: Desk) -> None:
    on = desk.opens(Refused(reason=Reason.SMTP_REFUSED))
    delivery = ready(on)
    for channel in ("hand-delivery", "carrier-pigeon"):
        with pytest.raises(Conflict) as refused:
            on.reroute(delivery.id, channel, actor="clerk", reason=WHY)
        assert refused.value.code is Code.DELIVERY_CHANNEL_FORBIDDEN
        assert refused.value.facts["rule"] == "email"
        assert refused.value.facts["source"] == "test"
    assert on.delivery(delivery.id) == delivery


def test_there_is_no_other_way_for_papers_that_are_not_made(desk: Desk) -> None:
    on = desk.opens()
    dispatch = on.accept()
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    on.plan(claimed)
    (delivery,) = on.deliveries(dispatch.id)
    with pytest.raises(Conflict) as refused:
        on.reroute(delivery.id, "secure-upload", actor="clerk", reason=WHY)
    assert refused.value.code is Code.DELIVERY_PAPERS_NOT_MADE


def test_who_comes_second_is_told_that_somebody_acted_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    on = desk.opens()
    delivery = ready(on)
    looked = on.reroute._look

    def meanwhile(delivery_id: str, channel: str) -> object:
        found = looked(delivery_id, channel)
        on.resolve(delivery.id, Action.HOLD, actor="another", reason=WHY)
        return found

    monkeypatch.setattr(on.reroute, "_look", meanwhile)
    with pytest.raises(Conflict) as refused:
        on.reroute(delivery.id, "secure-upload", actor="clerk", reason=WHY)
    assert refused.value.code is Code.DELIVERY_CHANGED_MEANWHILE
    assert on.delivery(delivery.id).state is DeliveryState.HELD


def test_service_by_hand_ends_the_delivery_with_its_proof_under_the_evidence_key(desk: Desk) -> None:
    on = desk.opens(NotSent(reason=Reason.SMTP_TEMPORARY))
    delivery = ready(on)
    on.deliver()
    on.clock.move(dt.timedelta(minutes=1))
    after = on.record_service(delivery.id, by_hand(on), actor="clerk", reason=WHY)
    assert (after.state, after.settled) == (DeliveryState.DELIVERED, True)
    on.clock.move(10 * WAITS[-1])
    assert on.deliver() == 0
    with on.database.read() as tx:
        (record,) = tx.records.receipts_of([delivery.id])[delivery.id]
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
    assert record.receipt.event is ReceiptEvent.CONTENT_HANDOVER
    raw = on.vault.get(key, contexts.service_record(record.id), record.object_name or "")
    told, proof = email.message_from_bytes(raw, policy=email.policy.default).iter_parts()
    assert json.loads(told.get_content())["handed_to"] == "Claire Tremblay"
    assert proof.get_content() == PROOF
    view = on.views.dispatch(delivery.dispatch)["deliveries"][0]  # type: ignore[index]
    assert view["service"]["method"] == "hand-delivery"
    assert view["service"]["basis"] == "recorded"
    assert view["service"]["received_at"] is not None
    assert "Tremblay" not in json.dumps(view)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"place": " "}, "place"),
        ({"handed_to": ""}, "handed-to"),
        ({"proof": b""}, "file"),
        ({"at": START - dt.timedelta(seconds=1)}, "at"),
        ({"at": START + dt.timedelta(days=1)}, "at"),
    ],
)
def test_a_service_is_recorded_whole_or_not_at_all(desk: Desk, wrong: dict[str, object], where: str) -> None:
    on = desk.opens()
    delivery = ready(on)
    objects = on.objects()
    with pytest.raises(InputRefused) as refused:
        on.record_service(delivery.id, by_hand(on, **wrong), actor="clerk", reason=WHY)
    assert refused.value.where == where
    with pytest.raises(InputRefused):
        on.record_service(delivery.id, by_hand(on), actor="clerk", reason=" ")
    assert on.delivery(delivery.id) == delivery
    assert on.objects() == objects


@pytest.mark.parametrize(
    "asked",
    [
        AskedAct(action=Action.REROUTE, reason=WHY),
        AskedAct(action=Action.RECORD_SERVICE, reason=WHY, place="here"),
        AskedAct(action=Action.HOLD, reason=WHY, channel="fax"),
        AskedAct(action=Action.CORRECT_ADDRESS, reason=WHY),
        AskedAct(action=Action.CORRECT_ADDRESS, reason=WHY, recipient="cbsa-montreal"),
        AskedAct(action=Action.REPLACE_RECIPIENT, reason=WHY, contact=b'{"fax": "+14165550123"}'),
        AskedAct(action=Action.RE_SERVE, reason=WHY, contact=b'{"fax": "+14165550123"}', recipient="cbsa-montreal"),
        AskedAct(action=Action.RE_SERVE, reason=WHY, contact=b'{"fax": "+14165550123"}', channel="fax"),
        *(
            AskedAct(action=Action.CORRECT_ADDRESS, reason=WHY, contact=contact)
            for contact in (b"", b"[]", b"{}", b'{"unknown": true}', b'{"fax": "416"}', b'{"phone": "+14165550123"}')
        ),
    ],
)
def test_an_act_is_asked_with_all_that_it_needs_and_nothing_else(desk: Desk, asked: AskedAct) -> None:
    on = desk.opens()
    delivery = ready(on)
    with pytest.raises(Problem) as refused:
        act_of(on)(delivery.id, asked, actor="clerk")
    assert refused.value.code in {Code.REQUEST_INVALID, Code.ADDRESS_FAX}
    assert on.delivery(delivery.id) == delivery


def act_of(on: Stage) -> Act:
    return Act(
        resolve=on.resolve,
        reroute=on.reroute,
        override=on.override,
        readdress=on.readdress,
        record_service=on.record_service,
        record_receipt=on.record_receipt,
        own_offices=OwnOffices(on.database),
    )


def asked_of(action: Action) -> AskedAct:
    """The act with what it needs."""
    match action:
        case Action.REROUTE:
            return AskedAct(action=action, reason=WHY, channel="secure-upload")
        case Action.CORRECT_ADDRESS | Action.RE_SERVE:
            return AskedAct(action=action, reason=WHY, contact=b'{"fax": "+14165550123"}')
        case Action.REPLACE_RECIPIENT:
            return AskedAct(action=action, reason=WHY, recipient="cbsa-montreal")
        case _:
            return AskedAct(action=action, reason=WHY)
