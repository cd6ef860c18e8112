"""Packages that officers prepare as rows. See `gateway.ports.drafts.Drafts` for the contract."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from gateway.domain.draft import Draft
from gateway.store.columns import UtcTime
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.tables.draft import drafts
from gateway.store.upsert import Insert, replace_in

_ALL = sa.select(*columns_of(drafts, Draft))
_BY_ID = _ALL.where(drafts.c.id == sa.bindparam("b_id"))
_OF_ACCOUNT = _ALL.where(drafts.c.account == sa.bindparam("b_account")).order_by(
    drafts.c.changed_at.desc(), drafts.c.id
)
_UNTOUCHED = _ALL.where(drafts.c.changed_at < sa.bindparam("b_since", type_=UtcTime)).order_by(drafts.c.id)
_REMOVE = sa.delete(drafts).where(drafts.c.id == sa.bindparam("b_id"))


@cache
def _put(dialect: str) -> Insert:
    return replace_in(drafts, dialect, key=("id",))


class SqlDrafts:
    """`Drafts` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, draft: Draft) -> None:
        """In place of what the draft was."""
        self._connection.execute(_put(self._connection.dialect.name), vars(draft))

    def get(self, draft_id: str, *, lock: bool = False) -> Draft | None:
        """The draft."""
        row = self._connection.execute(locked(_BY_ID) if lock else _BY_ID, {"b_id": draft_id}).one_or_none()
        return None if row is None else Draft(**row._mapping)

    def of_account(self, account: str) -> Sequence[Draft]:
        """The last changed first."""
        return [Draft(**row._mapping) for row in self._connection.execute(_OF_ACCOUNT, {"b_account": account})]

    def untouched(self, since: dt.datetime) -> Sequence[Draft]:
        """Those of everybody that were last changed before that moment."""
        return [Draft(**row._mapping) for row in self._connection.execute(_UNTOUCHED, {"b_since": since})]

    def remove(self, draft_id: str) -> bool:
        """Whether it was there."""
        return self._connection.execute(_REMOVE, {"b_id": draft_id}).rowcount > 0
