"""What may have been sent: a report settles it, else the carrier's answer, else a person; nothing is sent before."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application.returns.receive import Read
from gateway.application.sweeps import Found
from gateway.domain.acts import Action
from gateway.domain.delivery import Delivery, DeliveryState, HandedOver, needs_person
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.failures import MaybeSent, NotSent
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding
from gateway.domain.retry import RetryPolicy
from gateway.ports.channels import Answer
from tests.application.stage import WAITS, Stage
from tests.application.test_receiving import ScriptedReader, raw_of
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

REPORT = dt.timedelta(hours=1)
DOUBT = MaybeSent(reason=Reason.SMTP_UNCERTAIN)
TOOK_IT, HAS_IT_NOT = HandedOver(words="we have it"), NotSent(reason=Reason.SMTP_CUT)


def in_doubt(folder: Path, *, answers: list[Answer] | None = None) -> tuple[Stage, FakeChannel, Delivery]:
    channel = FakeChannel(DOUBT, HANDED_OVER, answers=answers)
    on = Stage(folder, channel)
    on.retry_policy = RetryPolicy(waits=WAITS, report=REPORT)
    delivery = on.ready()
    on.deliver()
    return on, channel, on.delivery(delivery.id)


def settle(on: Stage) -> dict[Found, int]:
    return dict(on.unconfirmed(10))


def read(on: Stage) -> Read:
    return on.reading(ScriptedReader())


def test_a_report_in_its_time_settles_it_and_calls_nobody(tmp_path: Path) -> None:
    on, channel, delivery = in_doubt(tmp_path)
    assert not needs_person(delivery)
    assert settle(on) == {}
    on.keep(raw_of(on, delivery, Finding.RELAYED), source="mail")
    read(on)(10)
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    on.clock.move(2 * REPORT)
    assert settle(on) == {}
    assert len(channel.sent) == 1
    on.close()


def test_without_a_report_a_person_is_called_and_a_late_report_still_settles_it(tmp_path: Path) -> None:
    on, channel, delivery = in_doubt(tmp_path)
    on.clock.move(REPORT)
    assert settle(on) == {Found.WAITED: 1, Found.HANDED_TO_PERSON: 1}
    called = on.delivery(delivery.id)
    assert (called.state, needs_person(called)) == (DeliveryState.UNCONFIRMED, True)
    assert settle(on) == {}, "once"
    on.clock.move(10 * REPORT)
    assert on.deliver() == 0
    on.keep(raw_of(on, delivery, Finding.IN_MAILBOX), source="mail")
    read(on)(10)
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(channel.sent) == 1
    on.close()


@pytest.mark.parametrize(
    ("answer", "state", "found", "sends"),
    [
        (TOOK_IT, DeliveryState.HANDED_OVER, {Found.ASKED: 1}, 1),
        (HAS_IT_NOT, DeliveryState.READY, {Found.ASKED: 1}, 2),
        (None, DeliveryState.UNCONFIRMED, {Found.ASKED: 1, Found.HANDED_TO_PERSON: 1}, 1),
    ],
)
def test_a_carrier_that_can_be_asked_is_asked_once_its_time_for_a_report_is_over(
    tmp_path: Path, answer: Answer, state: DeliveryState, found: dict[Found, int], sends: int
) -> None:
    on, channel, delivery = in_doubt(tmp_path, answers=[answer])
    assert settle(on) == {}
    assert channel.looked_up == []
    on.clock.move(REPORT)
    assert settle(on) == found
    assert channel.looked_up == [on.attempts(delivery.id)[0].reference]
    after = on.delivery(delivery.id)
    assert (after.state, needs_person(after)) == (state, answer is None)
    on.deliver()
    assert len(channel.sent) == sends
    assert len({one.reference for one in channel.sent}) == 1
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.CARRIER_ASKED]
        receipts = tx.records.receipts_of([delivery.id])[delivery.id]
    assert event.facts["to"] == state
    if answer is TOOK_IT:
        (receipt,) = receipts
        assert receipt.attempt == on.attempts(delivery.id)[0].id
        shown = on.views.dispatch(delivery.dispatch)["deliveries"][0]  # type: ignore[index]
        assert [one["method"] for one in shown["services"]] == ["encrypted-email"]
    on.close()


def test_a_person_need_not_wait_for_the_report(tmp_path: Path) -> None:
    on, channel, delivery = in_doubt(tmp_path)
    on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="the server's log")
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    on.clock.move(REPORT)
    assert settle(on) == {}
    assert len(channel.sent) == 2
    on.close()


def test_what_is_waited_for_and_what_is_a_persons_is_counted_apart(tmp_path: Path) -> None:
    on, _, _ = in_doubt(tmp_path)
    counts = []
    for _ in range(2):
        with on.database.read() as tx:
            counts.append(tx.deliveries.count_waiting_for_report())
        on.clock.move(REPORT)
        settle(on)
    assert counts == [1, 0]
    on.close()


@pytest.mark.parametrize("how", ["never planned again", "no channel left"])
def test_a_delivery_that_nothing_would_move_again_goes_to_a_person(tmp_path: Path, how: str) -> None:
    on = Stage(tmp_path, FakeChannel())
    delivery = on.ready()
    lost = (
        replace(delivery, state=DeliveryState.PLANNED) if how == "never planned again" else replace(delivery, plan=())
    )
    assert on.catch_forgotten(10) == 0
    with on.database.write() as tx:
        assert tx.dispatches.get(delivery.dispatch).step is Step.DONE
        tx.deliveries.save(lost)
    with on.database.read() as tx:
        assert tx.deliveries.forgotten(limit=10) == [lost]
    assert on.catch_forgotten(10) == 1
    after = on.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.NEEDS_PERSON, Reason.NO_NEXT_ACTION)
    assert on.catch_forgotten(10) == 0
    on.close()
