"""What left us is settled by its closing rule and by nothing else; what should have come back and did not calls a
person, and sends nothing."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.events import EventName
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding
from tests.application.stage import Stage
from tests.application.test_receiving import raw_of, receive, sent
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

DAY = dt.timedelta(days=1)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel(HANDED_OVER))
    yield stage
    stage.close()


def told(on: Stage, delivery: Delivery, name: EventName) -> int:
    with on.database.read() as tx:
        return sum(one.name is name for one in tx.records.events(delivery.dispatch))


def relied_on(on: Stage, delivery: Delivery) -> dict[str, object]:
    """The service that `status` shows as the one relied on."""
    deliveries: Any = on.views.dispatch(delivery.dispatch)["deliveries"]
    service: dict[str, object] = deliveries[0]["service"]
    return service


def looked_at(on: Stage, delivery: Delivery) -> Delivery:
    """The delivery after everything that is to be looked at now was."""
    while on.settle(10):
        pass
    return on.delivery(delivery.id)


def test_a_relay_and_five_days_without_a_bounce_settle_it_as_sent(on: Stage) -> None:
    delivery = sent(on)
    receive(on, raw_of(on, delivery, Finding.RELAYED))
    assert not looked_at(on, delivery).settled
    on.clock.move(5 * DAY - dt.timedelta(minutes=1))
    assert not looked_at(on, delivery).settled
    on.clock.move(dt.timedelta(minutes=1))
    after = looked_at(on, delivery)
    assert (after.state, after.settled, after.next_action_at) == (DeliveryState.HANDED_OVER, True, None)
    shown = on.views.dispatch(delivery.dispatch)
    service = relied_on(on, delivery)
    assert (service["basis"], service["rule"]) == ("sent", "email-no-bounce")
    assert shown["state"] == "complete"
    assert told(on, delivery, EventName.DELIVERY_SETTLED) == 1


def test_the_carriers_acceptance_alone_settles_nothing_and_its_silence_calls_a_person(on: Stage) -> None:
    delivery = sent(on)
    on.clock.move(2 * DAY)
    after = looked_at(on, delivery)
    assert (after.state, after.reason, after.settled) == (DeliveryState.HANDED_OVER, Reason.RECEIPT_OVERDUE, False)
    assert on.views.dispatch(delivery.dispatch)["state"] == "needs-person"
    with on.database.read() as tx:
        assert tx.deliveries.count_overdue() == {"encrypted-email": 1}
    on.clock.move(30 * DAY)
    assert looked_at(on, delivery).reason is Reason.RECEIPT_OVERDUE
    assert on.deliver() == 0
    assert told(on, delivery, EventName.RECEIPT_OVERDUE) == 1


def test_an_overdue_receipt_calls_a_person_and_never_another_channel(tmp_path: Path) -> None:
    mail, upload = FakeChannel(HANDED_OVER), FakeChannel(name="secure-upload")
    on = Stage(tmp_path, mail, upload)
    on.recipients(also=["secure-upload"])
    delivery = on.planned_and_rendered()
    assert delivery.plan == ("encrypted-email", "secure-upload")
    on.deliver()
    for _ in range(90):
        on.clock.move(DAY)
        for sweep in (on.reconcile, on.move_on, on.settle):
            sweep(10)
        on.unconfirmed(10)
        on.catch_forgotten(10)
        assert on.deliver() == 0
    after = on.delivery(delivery.id)
    assert (after.state, after.reason, after.channel) == (
        DeliveryState.HANDED_OVER,
        Reason.RECEIPT_OVERDUE,
        "encrypted-email",
    )
    assert (len(mail.sent), upload.sent) == (1, [])
    assert told(on, delivery, EventName.RECEIPT_OVERDUE) == 1
    on.close()


def test_a_report_that_comes_late_takes_the_person_out_of_it_again(on: Stage) -> None:
    delivery = sent(on)
    on.clock.move(3 * DAY)
    looked_at(on, delivery)
    receive(on, raw_of(on, delivery, Finding.IN_MAILBOX))
    after = looked_at(on, delivery)
    assert (after.reason, after.settled) == (None, False)
    assert told(on, delivery, EventName.REASON_LIFTED) == 1
    on.clock.move(5 * DAY)
    assert looked_at(on, delivery).settled


def test_delayed_is_no_report_of_a_relay(on: Stage) -> None:
    delivery = sent(on)
    receive(on, raw_of(on, delivery, Finding.DELAYED))
    on.clock.move(2 * DAY)
    assert looked_at(on, delivery).reason is Reason.RECEIPT_OVERDUE


def test_what_the_recipient_signed_for_is_settled_at_once_on_that_evidence(on: Stage) -> None:
    delivery = sent(on)
    receive(on, raw_of(on, delivery, Finding.SIGNED))
    after = looked_at(on, delivery)
    assert (after.state, after.settled) == (DeliveryState.DELIVERED, True)
    assert relied_on(on, delivery)["basis"] == "evidence"


@pytest.mark.parametrize("finding", [Finding.RELAYED, Finding.SIGNED])
def test_a_bounce_reopens_what_was_settled(on: Stage, finding: Finding) -> None:
    delivery = sent(on)
    receive(on, raw_of(on, delivery, finding))
    on.clock.move(6 * DAY)
    assert looked_at(on, delivery).settled
    receive(on, raw_of(on, delivery, Finding.FAILED))
    after = looked_at(on, delivery)
    assert (after.state, after.settled, after.reason) == (DeliveryState.FAILED, False, Reason.BOUNCED)
    on.clock.move(30 * DAY)
    assert looked_at(on, delivery) == after


def test_an_iad_message_is_settled_by_the_time_that_the_means_indicates(on: Stage) -> None:
    delivery = sent(on)
    with on.database.write() as tx:
        tx.deliveries._connection.exec_driver_sql("UPDATE dispatches SET division = 'IAD'")
        tx.deliveries._connection.exec_driver_sql("UPDATE deliveries SET next_action_at = NULL")
    assert looked_at(on, delivery).settled
    assert relied_on(on, delivery)["basis"] == "indicated"
