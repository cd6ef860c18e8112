"""Revocation lists and responses as rows. See `gateway.ports.revocation.StatusRecords` for the contract."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from gateway.domain.trust import fingerprint_of
from gateway.ports.revocation import GIVEN, StatusRecord
from gateway.store.columns import UtcTime
from gateway.store.rows import columns_of
from gateway.store.tables.keyring import issuers, status_responses
from gateway.store.upsert import Insert, insert_into

_RECORDS = sa.select(*columns_of(status_responses, StatusRecord))
_LATEST_FIRST = (status_responses.c.fetched_at.desc(), status_responses.c.ordinal.desc())
_NEWEST = _RECORDS.where(status_responses.c.source == sa.bindparam("b_source")).order_by(*_LATEST_FIRST).limit(1)
_BY_DIGEST = _RECORDS.where(status_responses.c.digest == sa.bindparam("b_digest")).limit(1)
_ISSUER = sa.select(issuers.c.certificate).where(issuers.c.fingerprint == sa.bindparam("b_fingerprint"))
_ENDING = (
    sa.select(status_responses.c.source)
    .where(status_responses.c.source != GIVEN)
    .group_by(status_responses.c.source)
    .having(sa.func.max(status_responses.c.fresh_until) < sa.bindparam("b_before", type_=UtcTime))
    .order_by(status_responses.c.source)
)


@cache
def _keep(dialect: str) -> Insert:
    insert = insert_into(status_responses, dialect)
    again = {"fetched_at": insert.excluded.fetched_at, "fresh_until": insert.excluded.fresh_until}
    return insert.on_conflict_do_update(index_elements=["source", "digest"], set_=again)


@cache
def _keep_issuers(dialect: str) -> Insert:
    return insert_into(issuers, dialect).on_conflict_do_nothing()


class SqlStatusRecords:
    """`StatusRecords` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def keep(self, record: StatusRecord) -> None:
        """Keeps it; the same bytes again from the same source only move `fetched_at`."""
        self._connection.execute(_keep(self._connection.dialect.name), vars(record))

    def newest(self, source: str) -> StatusRecord | None:
        """The one that the source answered last."""
        row = self._connection.execute(_NEWEST, {"b_source": source}).one_or_none()
        return None if row is None else StatusRecord(**row._mapping)

    def by_digest(self, digest: str) -> StatusRecord | None:
        """The one of that digest."""
        row = self._connection.execute(_BY_DIGEST, {"b_digest": digest}).one_or_none()
        return None if row is None else StatusRecord(**row._mapping)

    def keep_issuers(self, certificates: Sequence[bytes]) -> None:
        """Keeps authorities' certificates; those that are there stay."""
        rows = [{"fingerprint": fingerprint_of(one), "certificate": one} for one in certificates]
        if rows:
            self._connection.execute(_keep_issuers(self._connection.dialect.name), rows)

    def issuer(self, fingerprint: str) -> bytes | None:
        """The authority of that fingerprint."""
        found: bytes | None = self._connection.scalar(_ISSUER, {"b_fingerprint": fingerprint})
        return found

    def ending(self, *, before: dt.datetime) -> Sequence[StatusRecord]:
        """The newest of each source whose use ends before that moment."""
        sources = self._connection.scalars(_ENDING, {"b_before": before}).all()
        found = [self.newest(source) for source in sources]
        return [one for one in found if one is not None]
