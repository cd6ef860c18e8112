"""Time stamps over checkpoints as rows: the part of `gateway.ports.ledger.Ledger` that is about them."""

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.domain.stamps import Stamp
from gateway.ports.ledger import KeptCheckpoint, OwedStamps
from gateway.store.columns import UtcTime
from gateway.store.locking import only_writer
from gateway.store.rows import columns_of
from gateway.store.tables.ledger import checkpoints, stamps
from gateway.store.upsert import Insert, insert_into

_BATCH = 500
_CHECKPOINT = columns_of(checkpoints, KeptCheckpoint)
_DUE = (
    sa.select(*_CHECKPOINT)
    .where(checkpoints.c.stamp_at <= sa.bindparam("b_now", type_=UtcTime))
    .order_by(checkpoints.c.size.desc())
    .limit(sa.bindparam("b_limit", type_=sa.Integer))
)
_SET = (
    sa.update(checkpoints)
    .where(checkpoints.c.size == sa.bindparam("b_size"))
    .values(stamp_at=sa.bindparam("b_at", type_=UtcTime))
)
_STAMP = columns_of(stamps, Stamp)
_ONE = sa.select(*_STAMP).where(stamps.c.size == sa.bindparam("b_size"))
_ALL = sa.select(*_CHECKPOINT, *_STAMP).join(stamps, stamps.c.size == checkpoints.c.size).order_by(checkpoints.c.size)
_OWED = sa.select(sa.func.count(), sa.func.min(checkpoints.c.made_at)).where(checkpoints.c.stamp_at.is_not(None))


@cache
def _add(dialect: str) -> Insert:
    return insert_into(stamps, dialect).on_conflict_do_nothing()


class SqlStamps:
    """Stamps over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def stamps_due(self, *, now: dt.datetime, limit: int) -> Sequence[KeptCheckpoint]:
        """Checkpoints whose time stamp is to be asked for now, the newest first."""
        rows = self._connection.execute(_DUE, {"b_now": now, "b_limit": limit})
        return [KeptCheckpoint(**row._mapping) for row in rows]

    def claim_stamps(self, *, now: dt.datetime, again_at: dt.datetime, limit: int) -> Sequence[KeptCheckpoint]:
        """The same, and due for nobody else before `again_at`."""
        only_writer(self._connection, checkpoints)
        due = self.stamps_due(now=now, limit=limit)
        for one in due:
            self._connection.execute(_SET, {"b_size": one.size, "b_at": again_at})
        return due

    def add_stamp(self, size: int, stamp: Stamp) -> None:
        """Keeps the time stamp of the checkpoint of that size; the first one stays."""
        self._connection.execute(_add(self._connection.dialect.name), {"size": size, **vars(stamp)})
        self._connection.execute(_SET, {"b_size": size, "b_at": None})

    def stamps(self) -> Iterator[tuple[KeptCheckpoint, Stamp]]:
        """Every stamp with what it is over, the smallest first, read as they are asked for: a year holds many."""
        for row in self._connection.execute(_ALL, execution_options={"yield_per": _BATCH}):
            yield KeptCheckpoint(**_part(row, _CHECKPOINT)), Stamp(**_part(row, _STAMP))

    def stamp(self, size: int) -> Stamp | None:
        """That of the checkpoint of that size."""
        row = self._connection.execute(_ONE, {"b_size": size}).one_or_none()
        return None if row is None else Stamp(**row._mapping)

    def owed_stamps(self) -> OwedStamps | None:
        """What is owed; None where nothing is."""
        count, since = self._connection.execute(_OWED).one()
        return OwedStamps(count=count, since=since) if count else None


def _part(row: sa.Row[Any], columns: Sequence[sa.ColumnElement[Any]]) -> dict[str, Any]:
    return {str(column.key): row._mapping[column] for column in columns}
