"""Counts over what was due. See `gateway.ports.figures.SentFigures` for the contract.

They walk the index on the due date: what they cost grows with the days that are asked for, not with the years kept.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.figures import SentCount
from gateway.store.columns import UtcTime
from gateway.store.tables.work import attempts, deliveries, dispatches

_ENDED = (DeliveryState.RECALLED, DeliveryState.CANCELLED)
_SENT = (DeliveryState.HANDED_OVER, DeliveryState.DELIVERED)
_FIRST = (
    sa.select(sa.func.min(attempts.c.finished_at))
    .where(attempts.c.delivery == deliveries.c.id, attempts.c.result == ResultName.HANDED_OVER)
    .scalar_subquery()
)
_DIVISION = sa.select(dispatches.c.division).where(dispatches.c.id == deliveries.c.dispatch).scalar_subquery()

_OFFICE = sa.select(dispatches.c.office).where(dispatches.c.id == deliveries.c.dispatch).scalar_subquery()


class SqlFigures:
    """`SentFigures` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def sent(
        self, ends: Mapping[dt.date, dt.datetime], *, offices: frozenset[str] | None = None
    ) -> Mapping[dt.date, Sequence[SentCount]]:
        """How many went, by the day on which they were due, division, way and whether in time."""
        if not ends:
            return {}
        end = sa.case(*((deliveries.c.due == day, sa.literal(moment, UtcTime)) for day, moment in ends.items()))
        each = (
            sa.select(
                deliveries.c.due,
                # Looked up of what was due then: a join would be made by reading every dispatch there ever was.
                _DIVISION.label("division"),
                sa.case((deliveries.c.state.in_(_SENT), deliveries.c.channel)).label("channel"),
                sa.func.coalesce(end > _FIRST, sa.false()).label("in_time"),
            )
            .where(*_due_in(ends, offices))
            .subquery()
        )
        columns = (each.c.due, each.c.division, each.c.channel, each.c.in_time)
        counts: dict[dt.date, list[SentCount]] = {}
        rows = self._connection.execute(sa.select(*columns, sa.func.count().label("count")).group_by(*columns))
        for due, division, channel, in_time, count in rows:
            counted = SentCount(division=division, channel=channel, in_time=bool(in_time), count=count)
            counts.setdefault(due, []).append(counted)
        return counts

    def late(
        self, ends: Mapping[dt.date, dt.datetime], *, offices: frozenset[str] | None = None
    ) -> Mapping[dt.date, int]:
        """For each of those days how many that were due by it had not been sent when it was over."""
        if not ends:
            return {}
        # Not folded into what counts: when each was first sent is looked up once, not once for each of the days.
        each = (
            sa.select(deliveries.c.due, _FIRST.label("first"))
            .where(*_due_in(ends, offices))
            .cte("each_due")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        first = each.c["first"]
        days = sorted(ends)
        waited = [
            sa.func.sum(
                sa.case(
                    (
                        sa.and_(each.c.due <= day, sa.or_(first.is_(None), first >= sa.literal(ends[day], UtcTime))),
                        1,
                    ),
                    else_=0,
                )
            )
            for day in days
        ]
        counts = self._connection.execute(sa.select(*waited)).one()
        return {day: int(count or 0) for day, count in zip(days, counts, strict=True)}


def _due_in(ends: Mapping[dt.date, dt.datetime], offices: frozenset[str] | None) -> Sequence[sa.ColumnElement[bool]]:
    theirs = [] if offices is None else [_OFFICE.in_(sorted(offices))]
    return [deliveries.c.due.between(min(ends), max(ends)), deliveries.c.state.not_in(_ENDED), *theirs]
