"""The lists of what waits for a person, as rows. See `gateway.ports.work_list.WorkLists` for the contract.

Each walks the index of deliveries by state and due date, from where the page before it ended: the thousandth page takes
as long as the first. A list of several states is put together from as many walks, each no longer than a page: asked for
in one, PostgreSQL would rather walk everything that was ever due in the order of the list.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gateway.domain.delivery import CAME_BACK, OWED, Delivery, DeliveryState
from gateway.domain.work_list import MOST_COUNTED, WorkAsked, WorkList, WorkRow
from gateway.store.conditions import calling, owed, unsettled
from gateway.store.rows import columns_of
from gateway.store.tables.work import deliveries, dispatches, due_dates

_ROWS = sa.select(
    *columns_of(deliveries, Delivery), deliveries.c.ordinal, dispatches.c.division, dispatches.c.files
).join(dispatches, dispatches.c.id == deliveries.c.dispatch)
_ORDER = ("due", "ordinal")
_STATE, _REASON, _DUE = deliveries.c.state, deliveries.c.reason, deliveries.c.due
_LEFT = (DeliveryState.BATCHED, DeliveryState.HANDED_OVER, DeliveryState.DELIVERED)

Condition = Callable[[dt.date], sa.ColumnElement[bool]]


def _in(state: DeliveryState) -> Condition:
    def stands(_today: dt.date) -> sa.ColumnElement[bool]:
        return _STATE.in_([state])

    return stands


def _came_back(_today: dt.date) -> sa.ColumnElement[bool]:
    return sa.and_(_STATE == DeliveryState.FAILED, _REASON.in_(sorted(CAME_BACK)))


def _failed(_today: dt.date) -> sa.ColumnElement[bool]:
    other = sa.or_(_REASON.is_(None), _REASON.not_in(sorted(CAME_BACK)))
    return sa.and_(_STATE == DeliveryState.FAILED, other)


def _unconfirmed(_today: dt.date) -> sa.ColumnElement[bool]:
    return sa.and_(_STATE == DeliveryState.UNCONFIRMED, deliveries.c.next_action_at.is_(None))


def _overdue(_today: dt.date) -> sa.ColumnElement[bool]:
    return sa.and_(calling(_REASON), _STATE.in_(_LEFT), deliveries.c.settled.is_(sa.false()))


def _past(today: dt.date) -> sa.ColumnElement[bool]:
    return today > _DUE


def _warned(today: dt.date) -> sa.ColumnElement[bool]:
    # A value and no join: it is looked up of what is due from today on, and of nothing else.
    warn_on = sa.select(sa.func.coalesce(due_dates.c.warn_on, due_dates.c.due)).where(
        due_dates.c.dispatch == deliveries.c.dispatch
    )
    return sa.and_(today <= _DUE, warn_on.scalar_subquery() <= today)


def _owed_and(rest: Condition) -> Condition:
    return lambda today: sa.and_(owed(_STATE), rest(today))


_CONDITIONS: Mapping[WorkList, Condition] = {
    WorkList.NEEDS_PERSON: _in(DeliveryState.NEEDS_PERSON),
    WorkList.FAILED: _failed,
    WorkList.CAME_BACK: _came_back,
    WorkList.UNCONFIRMED: _unconfirmed,
    WorkList.AWAITING_PERSON: _in(DeliveryState.AWAITING_PERSON),
    WorkList.OVERDUE: _overdue,
    WorkList.HELD: _in(DeliveryState.HELD),
    WorkList.LATE: _owed_and(_past),
    WorkList.AT_RISK: _owed_and(_warned),
}
_OF_EACH_STATE: Mapping[WorkList, Condition] = {WorkList.LATE: _past, WorkList.AT_RISK: _warned}
"""What makes a list of deliveries in any of the states in which they are owed."""


class SqlWorkLists:
    """`WorkLists` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, asked: WorkAsked, limit: int) -> Sequence[WorkRow]:
        """The next deliveries of a list: by due date, then by age."""
        return [_row(one) for one in self._connection.execute(query_of(asked, limit))]

    def counts(self, today: dt.date, *, offices: frozenset[str] | None = None) -> Mapping[WorkList, int]:
        """How many stand in each, by one statement."""
        counted = [
            _of_offices(sa.select(sa.func.count()).select_from(deliveries), offices)
            .where(condition(today))
            .scalar_subquery()
            for condition in _CONDITIONS.values()
        ]
        return dict(zip(_CONDITIONS, self._connection.execute(sa.select(*counted)).one(), strict=True))

    def count(self, asked: WorkAsked) -> int:
        """How many stand in a narrowed list, no further than `MOST_COUNTED`."""
        some = query_of(asked, MOST_COUNTED).subquery()
        return int(self._connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0)

    def owed_to(self, recipient: str, limit: int, *, offices: frozenset[str] | None) -> Sequence[WorkRow]:
        """What is still to be sent to that entry of the directory, of those offices (None: of all), by due date."""
        query: sa.Select[Any] = _ROWS.where(deliveries.c.recipient == recipient, owed(_STATE))
        if offices is not None:
            query = query.where(dispatches.c.office.in_(sorted(offices)))
        rows = self._connection.execute(query.order_by(*(deliveries.c[name] for name in _ORDER)).limit(limit))
        return [_row(one) for one in rows]

    def of_channel(self, channel: str) -> Mapping[DeliveryState, int]:
        """How many that are not settled stand at that channel in their plans, by state."""
        counted = sa.select(_STATE, sa.func.count()).where(deliveries.c.channel == channel).group_by(_STATE)
        # Each half has an index of its own, which stays as small as what is still open.
        both = sa.union_all(counted.where(owed(_STATE)), counted.where(unsettled(_STATE, deliveries.c.settled)))
        return {DeliveryState(state): count for state, count in self._connection.execute(both)}


def _of_offices(query: sa.Select[int], offices: frozenset[str] | None) -> sa.Select[int]:
    if offices is None:
        return query
    ours = dispatches.c.office.in_(sorted(offices))
    return query.join(dispatches, dispatches.c.id == deliveries.c.dispatch).where(ours)


def query_of(asked: WorkAsked, limit: int) -> sa.Select[Any]:
    """The statement that gives a list."""
    rest = _OF_EACH_STATE.get(asked.which)
    if rest is None:
        return _walked(asked, _CONDITIONS[asked.which](asked.today), limit)
    walks = [_walked(asked, sa.and_(_in(one)(asked.today), rest(asked.today)), limit) for one in sorted(OWED)]
    all_of_them = sa.union_all(*(sa.select(one.subquery()) for one in walks)).subquery()
    return sa.select(all_of_them).order_by(*(all_of_them.c[name] for name in _ORDER)).limit(limit)


def _walked(asked: WorkAsked, condition: sa.ColumnElement[bool], limit: int) -> sa.Select[Any]:
    query = _ROWS.where(condition)
    if asked.division is not None:
        query = query.where(dispatches.c.division == asked.division)
    if asked.channel is not None:
        query = query.where(deliveries.c.channel == asked.channel)
    if asked.offices is not None:
        query = query.where(dispatches.c.office.in_(sorted(asked.offices)))
    if asked.after is not None:
        due = sa.literal(asked.after.due, _DUE.type)
        # The first part alone finds the place in the index; the second passes over what shares its date.
        beyond = sa.or_(due < _DUE, deliveries.c.ordinal > asked.after.ordinal)
        query = query.where(due <= _DUE, beyond)
    return query.order_by(*(deliveries.c[name] for name in _ORDER)).limit(limit)


def _row(row: sa.Row[tuple[object, ...]]) -> WorkRow:
    values = dict(row._mapping)
    about = {name: values.pop(name) for name in ("ordinal", "division", "files")}
    return WorkRow(delivery=Delivery(**values), **about)
