"""Which deliveries a worker may take, and which ones were taken and not given back.

A claim is one statement: it chooses, marks and returns, so that no two workers ever hold the same row. On SQLite the
transaction's BEGIN IMMEDIATE keeps others out; PostgreSQL passes over rows that another worker has just locked.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from gateway.domain.delivery import Delivery, DeliveryState
from gateway.store.columns import DueDate, UtcTime
from gateway.store.conditions import claimable, in_flight
from gateway.store.locking import locked_or_passed_over
from gateway.store.rows import columns_of
from gateway.store.tables.work import channel_pauses, deliveries

_NOW = sa.bindparam("b_now", type_=UtcTime)
_CHANNEL = sa.bindparam("b_channel", type_=sa.Text)
_DESTINATION = sa.bindparam("b_destination", type_=sa.Text)
_LIMIT = sa.bindparam("b_limit", type_=sa.Integer)


_DAY = sa.bindparam("b_day", type_=DueDate)
_CAN_GO = claimable(deliveries.c.state)


def _days() -> sa.Select[Any]:
    """From one due date to the next through the claims' index, as many steps as there are days; of each, two looks."""
    there = (_CAN_GO, deliveries.c.destination == _DESTINATION)
    earliest = sa.func.min(deliveries.c.due).label("due")
    days = sa.select(earliest).where(*there).cte("days", recursive=True)
    after = sa.select(earliest).where(*there, deliveries.c.due > days.c.due)
    days = days.union_all(sa.select(after.scalar_subquery()).where(days.c.due.is_not(None)))

    # Not EXISTS, which PostgreSQL may answer by walking through the whole table once.
    on_day = (*there, deliveries.c.due == days.c.due)
    at_once = sa.select(deliveries.c.state).where(*on_day, deliveries.c.next_action_at.is_(None))
    next_moment = sa.select(sa.func.min(deliveries.c.next_action_at, type_=UtcTime)).where(*on_day)
    paused = sa.exists().where(channel_pauses.c.channel == _CHANNEL, channel_pauses.c.until > _NOW)
    return sa.select(
        days.c.due,
        at_once.order_by(deliveries.c.next_action_at.nulls_first())
        .limit(1)
        .scalar_subquery()
        .is_not(None)
        .label("at_once"),
        next_moment.scalar_subquery().label("next_moment"),
    ).where(days.c.due.is_not(None), ~paused)


DAYS = _days()
"""Each due date of what can be claimed to go there; whether some of it goes at once, and when the first of the rest
may; in no order. What waits for its time, however much of it, is never walked through.
Parameters: b_destination, b_channel (which speaks to it), b_now."""


@dataclass(frozen=True)
class Slice:
    """What may go of one day. `due_ids` takes nothing; `claim` gives the rows back in no order."""

    due_ids: sa.Select[Any]
    claim: ReturningUpdate[Any]


def _slice(*, timed: bool) -> Slice:
    due = deliveries.alias("due_now")

    def chosen(wanted: str) -> sa.Select[Any]:
        return (
            sa.select(due.c[wanted])
            .where(
                claimable(due.c.state),
                due.c.destination == _DESTINATION,
                due.c.due == _DAY,
                due.c.next_action_at <= _NOW if timed else due.c.next_action_at.is_(None),
            )
            .order_by(due.c.next_action_at.nulls_first())
            .limit(_LIMIT)
        )

    taken = locked_or_passed_over(chosen("ordinal")).cte("chosen")
    claim = (
        sa.update(deliveries)
        .where(deliveries.c.ordinal.in_(sa.select(taken.c.ordinal)))
        .values(
            state=DeliveryState.SENDING,
            fence=deliveries.c.fence + 1,
            attempts=deliveries.c.attempts + 1,
            lease_until=sa.bindparam("b_until", type_=UtcTime),
        )
        .returning(*columns_of(deliveries, Delivery))
    )
    return Slice(due_ids=chosen("id"), claim=claim)


AT_ONCE, REACHED = _slice(timed=False), _slice(timed=True)
"""What goes at once of a day, and what waited for a time that is reached.
Parameters: b_destination, b_day, b_now, b_until, b_limit."""

IN_FLIGHT = sa.select(sa.func.count()).where(in_flight(deliveries.c.state), deliveries.c.destination == _DESTINATION)
"""Parameters: b_destination."""


def _waiting() -> sa.Select[Any]:
    """From one name to the next through the claims' index: as many looks as names, however many rows."""
    lowest = sa.func.min(deliveries.c.destination).label("destination")
    waiting = sa.select(lowest).where(_CAN_GO).cte("waiting", recursive=True)
    after = sa.select(lowest).where(_CAN_GO, deliveries.c.destination > waiting.c.destination)
    waiting = waiting.union_all(sa.select(after.scalar_subquery()).where(waiting.c.destination.is_not(None)))
    return sa.select(waiting.c.destination).where(waiting.c.destination.is_not(None))


WAITING = _waiting()
"""The destinations of what can be claimed, now or later, by name."""

LAPSED = (
    sa.select(*columns_of(deliveries, Delivery))
    .where(in_flight(deliveries.c.state), deliveries.c.lease_until <= _NOW)
    .order_by(deliveries.c.lease_until)
    .limit(_LIMIT)
)
"""Parameters: b_now, b_limit."""

LAPSED_HELD = locked_or_passed_over(LAPSED)
"""The same rows, held; what another holds at this moment is left out."""
