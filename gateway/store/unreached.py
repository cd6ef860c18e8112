"""What lies with somebody who shall not have it, as rows. See `gateway.ports.unreached.UnreachedStore`."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from gateway.domain.unreached import Unreached
from gateway.store.locking import locked_or_passed_over
from gateway.store.tables.unreached import unreached
from gateway.store.upsert import Insert, insert_into

_DUE = (
    sa.select(unreached)
    .where(unreached.c.next_at <= sa.bindparam("b_now", type_=unreached.c.next_at.type))
    .order_by(unreached.c.next_at)
    .limit(sa.bindparam("b_limit", type_=sa.Integer))
)
_DUE_TAKEN = locked_or_passed_over(_DUE)
_SAVE = sa.update(unreached).where(
    unreached.c.attempt == sa.bindparam("b_attempt"),
    unreached.c.finding == sa.bindparam("b_finding", type_=unreached.c.finding.type),
)


@cache
def _add(dialect: str) -> Insert:
    return insert_into(unreached, dialect).on_conflict_do_nothing(index_elements=["attempt", "finding"])


class SqlUnreached:
    """`UnreachedStore` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, row: Unreached) -> None:
        """A new one; the same again changes nothing."""
        self._connection.execute(_add(self._connection.dialect.name), vars(row))

    def take(self, *, now: dt.datetime, until: dt.datetime, limit: int) -> Sequence[Unreached]:
        """Those that are due; nobody else takes them before `until`."""
        rows = self._connection.execute(_DUE_TAKEN, {"b_now": now, "b_limit": limit})
        due = [Unreached(**row._mapping) for row in rows]
        for row in due:
            self._put(row, next_at=until)
        return due

    def some_due(self, now: dt.datetime) -> bool:
        """Whether `take` would find any."""
        return self._connection.execute(_DUE, {"b_now": now, "b_limit": 1}).first() is not None

    def save(self, row: Unreached) -> None:
        """Writes when it is seen to next, and whether a person was called."""
        self._put(row, next_at=row.next_at, called=row.called)

    def _put(self, row: Unreached, **values: object) -> None:
        which = {"b_attempt": row.attempt, "b_finding": row.finding}
        self._connection.execute(_SAVE.values(values), which)
