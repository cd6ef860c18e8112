"""Counts over what was due. See `gateway.ports.figures.SentFigures` for the contract.

They walk the index on the due date: what they cost grows with the days that are asked for, not with the years kept.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.figures import SentCount
from gateway.store.columns import UtcTime
from gateway.store.tables import attempts, deliveries, dispatches

_ENDED = (DeliveryState.RECALLED, DeliveryState.CANCELLED)
_SENT = (DeliveryState.HANDED_OVER, DeliveryState.DELIVERED)
_FIRST = (
    sa.select(sa.func.min(attempts.c.finished_at))
    .where(attempts.c.delivery == deliveries.c.id, attempts.c.result == ResultName.HANDED_OVER)
    .scalar_subquery()
)


class SqlFigures:
    """`SentFigures` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def sent(self, ends: Mapping[dt.date, dt.datetime]) -> Sequence[SentCount]:
        """How many went, by division, way and whether in time."""
        if not ends:
            return []
        end = sa.case(*((deliveries.c.due == day, sa.literal(moment, UtcTime)) for day, moment in ends.items()))
        each = (
            sa.select(
                dispatches.c.division,
                sa.case((deliveries.c.state.in_(_SENT), deliveries.c.channel)).label("channel"),
                sa.func.coalesce(end > _FIRST, sa.false()).label("in_time"),
            )
            .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
            .where(deliveries.c.due.between(min(ends), max(ends)), deliveries.c.state.not_in(_ENDED))
            .subquery()
        )
        columns = (each.c.division, each.c.channel, each.c.in_time)
        rows = self._connection.execute(sa.select(*columns, sa.func.count().label("count")).group_by(*columns))
        return [
            SentCount(division=division, channel=channel, in_time=bool(in_time), count=count)
            for division, channel, in_time, count in rows
        ]
