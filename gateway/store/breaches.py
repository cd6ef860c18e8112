"""Reports on privacy breaches as rows. See `gateway.ports.breaches.Breaches` for the contract."""

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.domain.breach import Breach
from gateway.store.offices import dispatch_of_offices
from gateway.store.rows import columns_of
from gateway.store.tables.breach import breaches

_NEWER = breaches.alias("newer")
_ALL = sa.select(*columns_of(breaches, Breach))
_NEWEST = _ALL.where(breaches.c.dispatch == sa.bindparam("b_dispatch")).order_by(breaches.c.version.desc()).limit(1)
_TO_REPORT = (
    _ALL.where(
        breaches.c.material_at.is_not(None),
        breaches.c.reported_at.is_(None),
        ~sa.exists().where(_NEWER.c.dispatch == breaches.c.dispatch, _NEWER.c.version > breaches.c.version),
    )
    .order_by(breaches.c.material_at, breaches.c.dispatch)
    .limit(sa.bindparam("b_limit"))
)


class SqlBreaches:
    """`Breaches` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, breach: Breach) -> None:
        """Writes a version."""
        self._connection.execute(sa.insert(breaches), vars(breach))

    def newest(self, dispatch_id: str) -> Breach | None:
        """What stands of a dispatch."""
        row = self._connection.execute(_NEWEST, {"b_dispatch": dispatch_id}).one_or_none()
        return None if row is None else Breach(**row._mapping)

    def to_report(self, limit: int, *, offices: frozenset[str] | None = None) -> Sequence[Breach]:
        """What stands, is material and was not reported yet; the first due first."""
        theirs = None if offices is None else dispatch_of_offices(breaches.c.dispatch, offices)
        query = _TO_REPORT if theirs is None else _TO_REPORT.where(theirs)
        return [Breach(**row._mapping) for row in self._connection.execute(query, {"b_limit": limit})]
