"""Scans as rows. See `gateway.ports.scans.Scans` for the contract."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from gateway.domain.scan import ScanFault
from gateway.ports.scans import ScanRecord
from gateway.store.columns import UtcTime
from gateway.store.offices import nobody_elses
from gateway.store.rows import columns_of
from gateway.store.tables.manifest import batched_items, manifests, scans

_AT_A_TIME = 500
"""Scans asked about in one query."""

_ALL = sa.select(*columns_of(scans, ScanRecord))
_KNOWN = sa.select(scans.c.digest, scans.c.fault).where(scans.c.digest.in_(sa.bindparam("b_digests", expanding=True)))
_ADD = sa.insert(scans).inline()
_BELONGING = ("delivery", "attempt", "fault", "extract", "data_key")
_SAVE = (
    sa.update(scans)
    .where(scans.c.digest == sa.bindparam("b_digest"))
    .values({name: sa.bindparam(name) for name in _BELONGING})
)
_ERASED = sa.update(scans).values(extract=sa.bindparam("b_nothing", b""))
_ERASE = _ERASED.where(scans.c.delivery.in_(sa.bindparam("b_ids", expanding=True)))
_ERASE_FILE = _ERASED.where(scans.c.file == sa.bindparam("b_file"))


_SINCE = sa.func.coalesce(manifests.c.closed_at, batched_items.c.gathered_at, type_=UtcTime)
_LATE = tuple(
    sa.select(scans.c.file, scans.c.at, _SINCE.label("since"))
    .join(batched_items, batched_items.c[name] == scans.c.item)
    .outerjoin(manifests, manifests.c.number == batched_items.c.manifest)
    .where(scans.c.fault == ScanFault.NO_ITEM)
    for name in ("reference", "piece", "tracking")
)


class SqlScans:
    """`Scans` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def known(self, digests: Collection[str]) -> Mapping[str, ScanFault | None]:
        """Those of these scans that are kept already, with what is wrong with them."""
        found: dict[str, ScanFault | None] = {}
        asked = list(digests)
        for start in range(0, len(asked), _AT_A_TIME):
            rows = self._connection.execute(_KNOWN, {"b_digests": asked[start : start + _AT_A_TIME]})
            found.update({row.digest: row.fault for row in rows})
        return found

    def add(self, records: Sequence[ScanRecord]) -> None:
        """New ones."""
        if records:
            self._connection.execute(_ADD, [vars(one) for one in records])

    def save(self, record: ScanRecord) -> None:
        """Writes to what it belongs, its fault, and its extract."""
        values = {name: getattr(record, name) for name in _BELONGING}
        self._connection.execute(_SAVE, {"b_digest": record.digest, **values})

    def erase(self, delivery_ids: Sequence[str]) -> None:
        """The extracts of the scans of these deliveries are overwritten."""
        self._connection.execute(_ERASE, {"b_ids": list(delivery_ids)})

    def erase_file(self, file: str) -> None:
        """The same for all scans of a file."""
        self._connection.execute(_ERASE_FILE, {"b_file": file})

    def files_found_late(self, *, before: dt.timedelta) -> Sequence[str]:
        """Of scans that found no item, and would now."""
        rows = (row for query in _LATE for row in self._connection.execute(query))
        return sorted({row.file for row in rows if row.at >= row.since - before})

    def find(self, *, limit: int, file: str | None = None, delivery: str | None = None) -> Sequence[ScanRecord]:
        """The newest first."""
        query = _ALL if file is None else _ALL.where(scans.c.file == file)
        return self._newest(query if delivery is None else query.where(scans.c.delivery == delivery), limit)

    def faulty(
        self, *, limit: int, file: str | None = None, offices: frozenset[str] | None = None
    ) -> Sequence[ScanRecord]:
        """Those that wait for a person, the newest first."""
        query = _ALL.where(scans.c.fault.is_not(None))
        query = query if offices is None else query.where(nobody_elses(scans.c.delivery, offices))
        return self._newest(query if file is None else query.where(scans.c.file == file), limit)

    def _newest(self, query: sa.Select[tuple[object, ...]], limit: int) -> Sequence[ScanRecord]:
        rows = self._connection.execute(query.order_by(scans.c.ordinal.desc()).limit(limit))
        return [ScanRecord(**row._mapping) for row in rows]
