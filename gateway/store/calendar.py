"""Closures, suspensions and counted due dates as rows. See `gateway.ports.calendar.Calendar` for the contract."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.domain.reasons import Reason
from gateway.ports.calendar import CarrierSuspension, Closure, CountedDue, DueCount, OwedDispatch
from gateway.store.columns import UtcTime
from gateway.store.conditions import owed
from gateway.store.locking import only_writer
from gateway.store.rows import columns_of
from gateway.store.tables.work import carrier_suspensions, closures, deliveries, dispatches, due_dates, events
from gateway.store.upsert import Insert, replace_in

_ADD_CLOSURE = sa.insert(closures).inline()
_CLOSURES = sa.select(*columns_of(closures, Closure)).order_by(closures.c.date, closures.c.ordinal)
_CLOSURE = sa.select(*columns_of(closures, Closure)).where(closures.c.id == sa.bindparam("b_id"))
_WITHDRAW = (
    sa.update(closures)
    .where(closures.c.id == sa.bindparam("b_id"), closures.c.withdrawn_at.is_(None))
    .values(withdrawn_at=sa.bindparam("b_at", type_=UtcTime), withdrawn_by=sa.bindparam("b_by"))
)

_SUSPEND = sa.insert(carrier_suspensions).inline()
_SUSPENSIONS = sa.select(*columns_of(carrier_suspensions, CarrierSuspension)).order_by(carrier_suspensions.c.ordinal)
_STANDING = _SUSPENSIONS.where(
    carrier_suspensions.c.channel == sa.bindparam("b_channel"), carrier_suspensions.c.restored_at.is_(None)
)
_RESTORE = (
    sa.update(carrier_suspensions)
    .where(carrier_suspensions.c.id == sa.bindparam("b_id"))
    .values({name: sa.bindparam(name) for name in ("restored_at", "restored_by", "restored_reason")})
)

_WAITING_FOR_CARRIER = (
    sa.select(deliveries.c.id)
    .where(
        deliveries.c.state == DeliveryState.NEEDS_PERSON,
        deliveries.c.reason == Reason.CARRIER_SUSPENDED,
    )
    .order_by(deliveries.c.ordinal)
)

_SETTLED_SINCE = (
    sa.select(deliveries.c.id)
    .where(
        deliveries.c.state == DeliveryState.HANDED_OVER,
        deliveries.c.settled.is_(sa.true()),
        sa.exists().where(
            events.c.dispatch == deliveries.c.dispatch,
            events.c.delivery == deliveries.c.id,
            events.c.name == EventName.DELIVERY_SETTLED,
            events.c.at >= sa.bindparam("b_since", type_=UtcTime),
        ),
    )
    .order_by(deliveries.c.ordinal)
)

_LOOK_AGAIN = (
    sa.update(deliveries)
    .where(
        deliveries.c.state == DeliveryState.HANDED_OVER,
        deliveries.c.settled.is_(sa.false()),
        deliveries.c.next_action_at > sa.bindparam("b_now", type_=UtcTime),
        deliveries.c.channel == sa.bindparam("b_channel", type_=sa.Text),
    )
    .values(next_action_at=sa.bindparam("b_at", type_=UtcTime))
)

_COUNTED = columns_of(due_dates, CountedDue)
_DUE_OF = sa.select(*_COUNTED).where(due_dates.c.dispatch.in_(sa.bindparam("b_ids", expanding=True)))
_STILL_OWES = sa.or_(
    dispatches.c.step.not_in((Step.DONE, Step.RECALLED)),
    sa.exists().where(deliveries.c.dispatch == due_dates.c.dispatch, owed(deliveries.c.state)),
)
_OPEN = (
    sa.select(*_COUNTED)
    .join(dispatches, dispatches.c.id == due_dates.c.dispatch)
    .where(due_dates.c.due >= sa.bindparam("b_day"), due_dates.c.start < sa.bindparam("b_day"), _STILL_OWES)
)
_OWING = (
    sa.select(deliveries.c.dispatch, sa.func.count().label("count"))
    .where(owed(deliveries.c.state))
    .group_by(deliveries.c.dispatch)
    .subquery("owing")
)


def _of_owing(column: sa.Column[Any], key: sa.Column[str]) -> sa.ScalarSelect[Any]:
    # Looked up of what owes: a join would be made by reading every dispatch there ever was.
    return sa.select(column).where(key == _OWING.c.dispatch).scalar_subquery()


_DATED = sa.select(
    _of_owing(dispatches.c.office, dispatches.c.id).label("office"),
    _of_owing(due_dates.c.due, due_dates.c.dispatch).label("due"),
    _of_owing(due_dates.c.warn_on, due_dates.c.dispatch).label("warn_on"),
    _OWING.c["count"],
).subquery("dated")
_COUNTED_BY = (_DATED.c.office, _DATED.c.due, _DATED.c.warn_on)
_OWED = sa.select(*_COUNTED_BY, sa.cast(sa.func.sum(_DATED.c["count"]), sa.BigInteger)).group_by(*_COUNTED_BY)
_OWED_UNTIL = (
    sa.select(dispatches.c.id, dispatches.c.office, due_dates.c.due, due_dates.c.warn_on)
    .select_from(deliveries)
    .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
    .join(due_dates, due_dates.c.dispatch == deliveries.c.dispatch)
    .where(
        owed(deliveries.c.state),
        sa.or_(due_dates.c.due <= sa.bindparam("b_day"), due_dates.c.warn_on <= sa.bindparam("b_day")),
    )
    .group_by(dispatches.c.id, dispatches.c.office, dispatches.c.ordinal, due_dates.c.due, due_dates.c.warn_on)
    .order_by(due_dates.c.due, dispatches.c.ordinal)
)


def _copy_due(table: sa.Table, key: sa.Column[str]) -> sa.Update:
    return sa.update(table).where(key == sa.bindparam("b_dispatch")).values(due=sa.bindparam("b_due"))


_COPIES = (_copy_due(dispatches, dispatches.c.id), _copy_due(deliveries, deliveries.c.dispatch))
"""The date stands on dispatches and deliveries too: the indexes that give the order of work are theirs."""


@cache
def _put_due(dialect: str) -> Insert:
    return replace_in(due_dates, dialect, key=("dispatch",))


class SqlCalendar:
    """`Calendar` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add_closure(self, closure: Closure) -> None:
        """Appends."""
        self._connection.execute(_ADD_CLOSURE, vars(closure))

    def closures(self) -> Sequence[Closure]:
        """All, by date; withdrawn ones included."""
        return [Closure(**row._mapping) for row in self._connection.execute(_CLOSURES)]

    def withdraw_closure(self, closure_id: str, *, at: dt.datetime, by: str) -> Closure:
        """The closure; the first withdrawal stands. Raises NoSuchThing (closure.unknown)."""
        self._connection.execute(_WITHDRAW, {"b_id": closure_id, "b_at": at, "b_by": by})
        row = self._connection.execute(_CLOSURE, {"b_id": closure_id}).one_or_none()
        if row is None:
            raise NoSuchThing(Code.CLOSURE_UNKNOWN, where=closure_id)
        return Closure(**row._mapping)

    def suspend(self, suspension: CarrierSuspension) -> None:
        """Raises Conflict (channel.suspended) while the channel's carrier is suspended already."""
        only_writer(self._connection, carrier_suspensions)
        if self._connection.execute(_STANDING, {"b_channel": suspension.channel}).first() is not None:
            raise Conflict(Code.CHANNEL_SUSPENDED, channel=suspension.channel)
        self._connection.execute(_SUSPEND, vars(suspension))

    def restore(self, channel: str, *, at: dt.datetime, by: str, reason: bytes) -> CarrierSuspension:
        """The suspension that ends. Raises Conflict (channel.not-suspended)."""
        only_writer(self._connection, carrier_suspensions)
        row = self._connection.execute(_STANDING, {"b_channel": channel}).first()
        if row is None:
            raise Conflict(Code.CHANNEL_NOT_SUSPENDED, channel=channel)
        ended = {"restored_at": at, "restored_by": by, "restored_reason": reason}
        self._connection.execute(_RESTORE, {"b_id": row.id, **ended})
        return CarrierSuspension(**{**row._mapping, **ended})

    def suspensions(self) -> Sequence[CarrierSuspension]:
        """All, oldest first; ended ones included."""
        return [CarrierSuspension(**row._mapping) for row in self._connection.execute(_SUSPENSIONS)]

    def waiting_for_carrier(self) -> Sequence[str]:
        """The deliveries that wait for a person because a carrier is suspended."""
        return list(self._connection.scalars(_WAITING_FOR_CARRIER))

    def settled_since(self, since: dt.datetime) -> Sequence[str]:
        """The deliveries that stand as handed over and were settled since then, by whatever way they went."""
        return list(self._connection.scalars(_SETTLED_SINCE, {"b_since": since}))

    def look_again(self, channel: str, now: dt.datetime) -> None:
        """What left by that channel and is not settled is looked at now, whenever it was to be."""
        self._connection.execute(_LOOK_AGAIN, {"b_channel": channel, "b_now": now, "b_at": now})

    def put_due(self, counted: CountedDue, *, borne: bool = False) -> None:
        """Writes how the date was counted, and the date on the dispatch and its deliveries unless they bear it."""
        self._connection.execute(_put_due(self._connection.dialect.name), vars(counted))
        for copy in () if borne else _COPIES:
            self._connection.execute(copy, {"b_dispatch": counted.dispatch, "b_due": counted.due})

    def due_of(self, dispatch_ids: Sequence[str]) -> Mapping[str, CountedDue]:
        """How those dispatches' dates were counted; of the planned ones among them."""
        rows = self._connection.execute(_DUE_OF, {"b_ids": list(dispatch_ids)}) if dispatch_ids else ()
        return {row.dispatch: CountedDue(**row._mapping) for row in rows}

    def open_due(self, *, office: str | None, touching: dt.date) -> Sequence[CountedDue]:
        """Dates whose count spans that day, of dispatches that still owe a delivery; `office` None means every."""
        query = _OPEN if office is None else _OPEN.where(due_dates.c.office == office)
        return [CountedDue(**row._mapping) for row in self._connection.execute(query, {"b_day": touching})]

    def owed_until(self, day: dt.date) -> Sequence[OwedDispatch]:
        """The dispatches with deliveries that have not been sent, whose date or day of warning is reached by then."""
        return [OwedDispatch(*row) for row in self._connection.execute(_OWED_UNTIL, {"b_day": day})]

    def count_owed(self) -> Sequence[DueCount]:
        """How many deliveries have not been sent, by office and date."""
        return [DueCount(*row) for row in self._connection.execute(_OWED)]
