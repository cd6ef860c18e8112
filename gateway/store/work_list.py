"""The lists of what waits for a person, as rows. See `gateway.ports.work_list.WorkLists` for the contract.

Each walks the index of deliveries by state and due date, from where the page before it ended: the thousandth page takes
as long as the first.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from gateway.domain.delivery import CALLING, CAME_BACK, Delivery, DeliveryState
from gateway.domain.work_list import WorkAsked, WorkList, WorkRow
from gateway.store.conditions import owed, unsettled
from gateway.store.rows import columns_of
from gateway.store.tables import deliveries, dispatches, due_dates

_ROWS = (
    sa.select(*columns_of(deliveries, Delivery), deliveries.c.ordinal, dispatches.c.division, dispatches.c.files)
    .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
    .order_by(deliveries.c.due, deliveries.c.ordinal)
)
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
    return sa.and_(_STATE.in_(_LEFT), deliveries.c.settled.is_(sa.false()), _REASON.in_(sorted(CALLING)))


def _late(today: dt.date) -> sa.ColumnElement[bool]:
    return sa.and_(owed(_STATE), today > _DUE)


def _at_risk(today: dt.date) -> sa.ColumnElement[bool]:
    warned = (
        sa.select(due_dates.c.dispatch)
        .where(
            due_dates.c.dispatch == deliveries.c.dispatch,
            sa.func.coalesce(due_dates.c.warn_on, due_dates.c.due) <= today,
        )
        .exists()
    )
    return sa.and_(owed(_STATE), today <= _DUE, warned)


_CONDITIONS: Mapping[WorkList, Condition] = {
    WorkList.NEEDS_PERSON: _in(DeliveryState.NEEDS_PERSON),
    WorkList.FAILED: _failed,
    WorkList.CAME_BACK: _came_back,
    WorkList.UNCONFIRMED: _unconfirmed,
    WorkList.AWAITING_PERSON: _in(DeliveryState.AWAITING_PERSON),
    WorkList.OVERDUE: _overdue,
    WorkList.HELD: _in(DeliveryState.HELD),
    WorkList.LATE: _late,
    WorkList.AT_RISK: _at_risk,
}


class SqlWorkLists:
    """`WorkLists` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, asked: WorkAsked, limit: int) -> Sequence[WorkRow]:
        """The next deliveries of a list: by due date, then by age."""
        found = self._connection.execute(query_of(asked).limit(limit)).all()
        return [_row(one) for one in found]

    def counts(self, today: dt.date) -> Mapping[WorkList, int]:
        """How many stand in each, by one statement."""
        counted = [
            sa.select(sa.func.count()).select_from(deliveries).where(condition(today)).scalar_subquery()
            for condition in _CONDITIONS.values()
        ]
        return dict(zip(_CONDITIONS, self._connection.execute(sa.select(*counted)).one(), strict=True))

    def of_channel(self, channel: str) -> Mapping[DeliveryState, int]:
        """How many that are not settled stand at that channel in their plans, by state."""
        counted = sa.select(_STATE, sa.func.count()).where(deliveries.c.channel == channel).group_by(_STATE)
        # Each half has an index of its own, which stays as small as what is still open.
        both = sa.union_all(counted.where(owed(_STATE)), counted.where(unsettled(_STATE, deliveries.c.settled)))
        return {DeliveryState(state): count for state, count in self._connection.execute(both)}


def query_of(asked: WorkAsked) -> sa.Select[tuple[object, ...]]:
    """The statement that gives a list."""
    query = _ROWS.where(_CONDITIONS[asked.which](asked.today))
    if asked.division is not None:
        query = query.where(dispatches.c.division == asked.division)
    if asked.channel is not None:
        query = query.where(deliveries.c.channel == asked.channel)
    if asked.after is not None:
        due = sa.literal(asked.after.due, _DUE.type)
        # The first part alone finds the place in the index; the second passes over what shares its date.
        beyond = sa.or_(due < _DUE, deliveries.c.ordinal > asked.after.ordinal)
        query = query.where(due <= _DUE, beyond)
    return query


def _row(row: sa.Row[tuple[object, ...]]) -> WorkRow:
    values = dict(row._mapping)
    about = {name: values.pop(name) for name in ("ordinal", "division", "files")}
    return WorkRow(delivery=Delivery(**values), **about)
