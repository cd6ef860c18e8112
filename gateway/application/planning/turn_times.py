"""How a channel's turn at a delivery stands: when it began, and when what comes after it must begin."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence

from gateway.application.dates.closures import closed_at
from gateway.application.dates.office_dates import known_office, zone_of
from gateway.application.planning.lead_times import lead_times
from gateway.domain.calendar import Closed
from gateway.domain.delivery import Delivery
from gateway.domain.events import EventName
from gateway.domain.lead_time import next_begins_by
from gateway.domain.progress import on_last_way
from gateway.domain.retry import Turn, attempts_of_turn
from gateway.ports.calendar import CountedDue
from gateway.ports.database import Database, Transaction

_AT_A_TIME = 500
"""Dispatches asked about in one query."""


class TurnTimes:
    """Looks up what the decision to try again depends on. closed_days: the days on which staff closed an office."""

    def __init__(self, *, database: Database, closed_days: Callable[[str], Collection[dt.date]]) -> None:
        self._database = database
        self._closed_days = closed_days

    def __call__(self, delivery: Delivery) -> Turn:
        """The turn of the channel in use. Before its first try it began when a person asked for it, or when the try
        before ended, whichever is later; or else with the package."""
        with self._database.look_up() as tx:
            accepted_at = tx.dispatches.get(delivery.dispatch).accepted_at
            attempts = tx.deliveries.attempts(delivery.id)
            own = attempts_of_turn(delivery, attempts)
            asked = [] if own else _asked_at(tx, delivery)
        before = [*asked, *(one.finished_at for one in attempts if one.finished_at is not None)]
        return Turn(
            tries=max(delivery.attempts, 1),
            since=own[0].claimed_at if own else max(before, default=accepted_at),
            until=self.until([delivery])[delivery.id],
            last=on_last_way(delivery),
        )

    def until(self, deliveries: Sequence[Delivery]) -> Mapping[str, dt.datetime | None]:
        """By delivery the latest at which what comes after the channel in use must begin; None where nothing is due."""
        counted: dict[str, CountedDue] = {}
        dispatches = list(dict.fromkeys(one.dispatch for one in deliveries))
        with self._database.look_up() as tx:
            for start in range(0, len(dispatches), _AT_A_TIME):
                counted |= tx.calendar.due_of(dispatches[start : start + _AT_A_TIME])
        closed = {office: self._closed(office) for office in {one.office for one in counted.values()}}
        begins: dict[str, dt.datetime | None] = dict.fromkeys(one.id for one in deliveries)
        for one in deliveries:
            if (due := counted.get(one.dispatch)) is not None:
                begins[one.id] = _next_begins_by(one, due, closed[due.office])
        return begins

    def _closed(self, office: str) -> Closed:
        return closed_at(known_office(office), self._closed_days(office))


def _asked_at(tx: Transaction, delivery: Delivery) -> list[dt.datetime]:
    """When people acted on the delivery: what they ask for is tried, however late it is by then."""
    events = tx.records.events(delivery.dispatch)
    return [one.at for one in events if one.delivery == delivery.id and one.name is EventName.DELIVERY_RESOLVED]


def _next_begins_by(delivery: Delivery, due: CountedDue, closed: Closed) -> dt.datetime:
    leads = lead_times()
    after = [leads.of(channel) for channel in delivery.plan[delivery.position + 1 :]]
    return next_begins_by(after, leads.person, due.due, closed, zone_of(due.office))
