"""What takes long to count, as rows. See `gateway.ports.counts.KeptCounts` for the contract."""

from functools import cache

import sqlalchemy as sa

from gateway.ports.counts import KeptCount
from gateway.store.rows import columns_of
from gateway.store.tables.count import kept_counts
from gateway.store.upsert import Insert, replace_in

_GET = sa.select(*columns_of(kept_counts, KeptCount)).where(kept_counts.c.name == sa.bindparam("b_name"))


@cache
def _put(dialect: str) -> Insert:
    return replace_in(kept_counts, dialect, key=("name",))


class SqlKeptCounts:
    """`KeptCounts` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> KeptCount | None:
        """None where it was never counted."""
        row = self._connection.execute(_GET, {"b_name": name}).one_or_none()
        return None if row is None else KeptCount(**row._mapping)

    def put(self, count: KeptCount) -> None:
        """In place of the one of that name."""
        self._connection.execute(_put(self._connection.dialect.name), vars(count))
