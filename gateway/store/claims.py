"""Which deliveries a worker may take, and which ones were taken and not given back.

A claim is one statement: it chooses, marks and returns, so that no two workers ever hold the same row. On SQLite the
transaction's BEGIN IMMEDIATE keeps others out; PostgreSQL passes over rows that another worker has just locked.
"""

from typing import Any

import sqlalchemy as sa

from gateway.domain.delivery import Delivery, DeliveryState
from gateway.store.columns import UtcTime
from gateway.store.locking import locked_or_passed_over
from gateway.store.rows import columns_of
from gateway.store.tables import channel_pauses, claimable, deliveries, in_flight

_NOW = sa.bindparam("b_now", type_=UtcTime)
_CHANNEL = sa.bindparam("b_channel", type_=sa.Text)
_LIMIT = sa.bindparam("b_limit", type_=sa.Integer)


def _due(wanted: str) -> sa.Select[Any]:
    due = deliveries.alias("due_now")
    paused = sa.exists().where(channel_pauses.c.channel == _CHANNEL, channel_pauses.c.until > _NOW)
    return (
        sa.select(due.c[wanted])
        .where(
            claimable(due.c.state),
            due.c.channel == _CHANNEL,
            sa.or_(due.c.next_action_at.is_(None), due.c.next_action_at <= _NOW),
            ~paused,
        )
        .order_by(due.c.due, due.c.next_action_at.nulls_first())
        .limit(_LIMIT)
    )


def _chosen() -> sa.CTE:
    return locked_or_passed_over(_due("ordinal")).cte("chosen")


DUE_IDS = _due("id")
"""Parameters: b_channel, b_now, b_limit."""

CLAIM = (
    sa.update(deliveries)
    .where(deliveries.c.ordinal.in_(sa.select(_chosen().c.ordinal)))
    .values(
        state=DeliveryState.SENDING,
        fence=deliveries.c.fence + 1,
        attempts=deliveries.c.attempts + 1,
        lease_until=sa.bindparam("b_until", type_=UtcTime),
    )
    .returning(*columns_of(deliveries, Delivery))
)
"""Parameters: b_channel, b_now, b_until, b_limit. The rows come back in no order."""

IN_FLIGHT = sa.select(sa.func.count()).where(in_flight(deliveries.c.state), deliveries.c.channel == _CHANNEL)
"""Parameters: b_channel."""


def _waiting() -> sa.Select[Any]:
    """From one name to the next through the claims' index: as many looks as there are channels, however many rows."""
    lowest = sa.func.min(deliveries.c.channel).label("channel")
    waiting = sa.select(lowest).where(claimable(deliveries.c.state)).cte("waiting", recursive=True)
    after = sa.select(lowest).where(claimable(deliveries.c.state), deliveries.c.channel > waiting.c.channel)
    waiting = waiting.union_all(sa.select(after.scalar_subquery()).where(waiting.c.channel.is_not(None)))
    return sa.select(waiting.c.channel).where(waiting.c.channel.is_not(None))


WAITING = _waiting()
"""The channels of what can be claimed, now or later, by name."""

LAPSED = (
    sa.select(*columns_of(deliveries, Delivery))
    .where(in_flight(deliveries.c.state), deliveries.c.lease_until <= _NOW)
    .order_by(deliveries.c.lease_until)
    .limit(_LIMIT)
)
"""Parameters: b_now, b_limit."""

LAPSED_HELD = locked_or_passed_over(LAPSED)
"""The same rows, held; what another holds at this moment is left out."""
