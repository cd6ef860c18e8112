"""The watch over keys as rows. See `gateway.ports.watch.Watch` for the contract."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from gateway.domain.key_findings import KeyFinding
from gateway.store.columns import UtcTime
from gateway.store.rows import columns_of
from gateway.store.tables.keyring import key_findings, watches
from gateway.store.upsert import insert_into

_FINDINGS = sa.select(*columns_of(key_findings, KeyFinding)).order_by(key_findings.c.ordinal)
_COUNT = sa.select(sa.func.count()).select_from(key_findings)
_BEGUN = sa.select(watches.c.begun_at).where(watches.c.name == sa.bindparam("b_name"))
_DROP = sa.delete(key_findings)
_ADD = sa.insert(key_findings)


@cache
def _begin(dialect: str) -> sa.Executable:
    """The first of several wins: the others find a row that is not due any more."""
    insert = insert_into(watches, dialect)
    return insert.on_conflict_do_update(
        index_elements=["name"],
        set_={"begun_at": insert.excluded.begun_at},
        where=watches.c.begun_at <= sa.bindparam("b_before", type_=UtcTime),
    ).returning(watches.c.name)


class SqlWatch:
    """`Watch` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def begun_at(self, name: str) -> dt.datetime | None:
        """When the watch of that name last began, if ever."""
        begun: dt.datetime | None = self._connection.scalar(_BEGUN, {"b_name": name})
        return begun

    def begin(self, name: str, *, now: dt.datetime, every: dt.timedelta) -> bool:
        """Whether the watch of that name is due; then it counts as begun now, and nobody else begins it."""
        values = {"name": name, "begun_at": now, "b_before": now - every}
        return self._connection.execute(_begin(self._connection.dialect.name), values).first() is not None

    def replace(self, findings: Sequence[KeyFinding]) -> None:
        """Puts the findings in place of the former ones."""
        self._connection.execute(_DROP)
        if findings:
            self._connection.execute(_ADD, [vars(one) for one in findings])

    def count(self) -> int:
        """How many findings the last watch left."""
        return int(self._connection.scalar(_COUNT) or 0)

    def findings(self) -> Sequence[KeyFinding]:
        """The findings of the last watch."""
        return [KeyFinding(**row._mapping) for row in self._connection.execute(_FINDINGS)]
