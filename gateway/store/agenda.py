"""When the next work is due: dispatches waiting for a step, deliveries waiting to go, leases that will run out.

Only what is still open is looked at, through the indexes that serve the claims; what has ended costs nothing.
"""

import datetime as dt

import sqlalchemy as sa

from gateway.domain.dispatch import Step
from gateway.store.columns import EPOCH, UtcTime
from gateway.store.conditions import claimable, in_flight
from gateway.store.tables.work import channel_pauses, deliveries, dispatches

_LONG_SINCE = sa.literal(EPOCH, UtcTime)
_OPEN_STEPS = (Step.PLAN, Step.RENDER)


def _later(one: sa.ColumnElement[dt.datetime], other: sa.ColumnElement[dt.datetime]) -> sa.ColumnElement[dt.datetime]:
    return sa.case((one > other, one), else_=other)


def _or_long_since(moment: sa.ColumnElement[dt.datetime | None]) -> sa.ColumnElement[dt.datetime]:
    return sa.func.coalesce(moment, _LONG_SINCE, type_=UtcTime)


_DISPATCH = sa.select(
    sa.func.min(
        _later(_or_long_since(dispatches.c.next_action_at), _or_long_since(dispatches.c.lease_until)), type_=UtcTime
    )
).where(dispatches.c.step.in_(_OPEN_STEPS))

_LEASE = sa.select(sa.func.min(deliveries.c.lease_until, type_=UtcTime)).where(in_flight(deliveries.c.state))

_DELIVERY = (
    sa.select(
        sa.func.min(
            _later(_or_long_since(deliveries.c.next_action_at), _or_long_since(channel_pauses.c.until)), type_=UtcTime
        )
    )
    .select_from(deliveries.outerjoin(channel_pauses, channel_pauses.c.channel == deliveries.c.channel))
    .where(claimable(deliveries.c.state))
)


def next_moment(connection: sa.Connection) -> dt.datetime | None:
    """The earliest such moment, or None when nothing waits.

    What waits for nothing (no next action set) is due since 1970. What a pause holds back is due when it ends.
    """
    moments = [connection.scalar(one) for one in (_DISPATCH, _LEASE, _DELIVERY)]
    return min((moment for moment in moments if moment is not None), default=None)
