"""What nobody collects in time takes its next way, or calls a person."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application.dates.receipt_rules import closing_rules, patience_rules
from gateway.domain.closing import find_closing
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import EventName
from gateway.domain.exchange_patience import find_patience
from gateway.domain.outcomes import Division
from gateway.domain.reasons import Reason
from tests.application.exchanged import ACCOUNT, Exchanged

MINUTE = dt.timedelta(minutes=1)
RULE = find_patience(patience_rules(), Division.RPD)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


def test_what_is_not_collected_in_time_calls_a_person_where_no_other_way_is_left(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    on.clock.move(RULE.patience - MINUTE)
    assert on.uncollected(10) == 0
    on.clock.move(MINUTE)
    assert on.uncollected(10) == 1
    after = on.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.HANDED_OVER, Reason.RECEIPT_OVERDUE)
    assert (on.uncollected(10), on.mail()) == (0, 0), "a notice that was due is owed no more"
    assert on.mailer.sent == []
    on.collect.acknowledge(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED


def test_what_is_not_collected_in_time_takes_the_next_way_and_may_still_be_collected(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    with on.database.write() as tx:
        tx.deliveries.save(replace(on.delivery(delivery.id), plan=("secure-upload", "courier")))
    on.clock.move(RULE.patience)
    assert on.uncollected(10) == 1
    after = on.delivery(delivery.id)
    assert (after.state, after.reason, after.channel, after.next_action_at) == (
        DeliveryState.READY,
        Reason.EXCHANGE_NOT_COLLECTED,
        "courier",
        on.clock.now(),
    )
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.EXCHANGE_NOT_COLLECTED]
    assert event.facts["next"] == "courier"
    on.collect.acknowledge(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id)
    late = on.delivery(delivery.id)
    assert (late.state, late.reason) == (DeliveryState.NEEDS_PERSON, Reason.SHOWN_SENT), "nothing is sent twice"


def test_what_was_collected_or_came_to_its_end_takes_no_other_way(on: Exchanged) -> None:
    on.verified()
    delivery = on.left()
    on.collect.acknowledge(ACCOUNT, on.collect.all(ACCOUNT)[0].entry.id)
    on.clock.move(RULE.patience)
    assert on.uncollected(10) == 0
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED


@pytest.mark.parametrize("division", list(Division))
def test_every_division_has_its_patience_and_reminds_before_it_ends(division: Division) -> None:
    rule = find_patience(patience_rules(), division)
    assert list(rule.notice_again_days) == sorted(set(rule.notice_again_days))
    assert all(days < rule.uncollected_days for days in rule.notice_again_days)
    closing = find_closing(closing_rules(), division, "secure-upload")
    assert closing.overdue_days is None or rule.uncollected_days < closing.overdue_days
