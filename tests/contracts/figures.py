"""What every `SentFigures` keeps to."""

import datetime as dt
from dataclasses import replace

from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.figures import SentCount
from gateway.ports.database import Database
from tests.contracts.samples import NOW, a_delivery, a_dispatch, an_attempt

TODAY = NOW.date()
DAY = dt.timedelta(days=1)
END = dt.datetime.combine(TODAY + DAY, dt.time(), dt.UTC)
STANDS = {
    "in-time": (DeliveryState.HANDED_OVER, TODAY, END - DAY / 4),
    "late": (DeliveryState.DELIVERED, TODAY, END),
    "unsent": (DeliveryState.FAILED, TODAY, None),
    "recalled": (DeliveryState.RECALLED, TODAY, END - DAY / 4),
    "other-day": (DeliveryState.HANDED_OVER, TODAY - DAY, END - DAY),
    "no-date": (DeliveryState.HANDED_OVER, None, END - DAY),
}
"""Deliveries by id: state, due date and when they were handed over."""


class FiguresContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_was_due_is_counted_by_way_and_whether_it_went_in_time(self, database: Database) -> None:
        dispatch = a_dispatch()
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            for name, (state, due, at) in STANDS.items():
                delivery = a_delivery(dispatch.id, id=name, state=state, due=due)
                tx.deliveries.add(delivery)
                if at is not None:
                    attempt = an_attempt(delivery, claimed_at=at, started_at=at)
                    tx.deliveries.add_attempt(attempt)
                    tx.deliveries.end_attempt(replace(attempt, finished_at=at, result=ResultName.HANDED_OVER))
            found = tx.figures.sent({TODAY: END})[TODAY]
            days = {TODAY - DAY: END - DAY, TODAY: END, TODAY + DAY: END + DAY}
            assert tx.figures.late(days) == {TODAY - DAY: 1, TODAY: 2, TODAY + DAY: 1}
            assert tx.figures.late({}) == {}
            channel = tx.deliveries.get("late").channel
            assert tx.figures.sent({}) == {}
            assert {day: sum(one.count for one in each) for day, each in tx.figures.sent(days).items()} == {
                TODAY - DAY: 1,
                TODAY: 3,
            }
        expected = {(channel, True, 1), (channel, False, 1), (None, False, 1)}
        assert {(one.channel, one.in_time, one.count) for one in found} == expected
        assert {one.division for one in found} == {dispatch.division}
        assert all(isinstance(one, SentCount) for one in found)
