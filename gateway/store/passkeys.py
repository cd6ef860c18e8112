"""Passkeys as rows. See `gateway.ports.passkeys.PasskeyStore` for the contract."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert

from gateway.domain.passkeys import Passkey
from gateway.store.exchange_tables import exchange_passkeys, exchange_spent_challenges
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.upsert import insert_into

_ALL = sa.select(*columns_of(exchange_passkeys, Passkey)).order_by(exchange_passkeys.c.added_at, exchange_passkeys.c.id)
_FIND = _ALL.where(exchange_passkeys.c.id == sa.bindparam("b_id"))
_STANDING = _ALL.where(
    exchange_passkeys.c.account == sa.bindparam("b_account"), exchange_passkeys.c.removed_at.is_(None)
)
_SAVE = sa.update(exchange_passkeys).where(exchange_passkeys.c.id == sa.bindparam("b_id"))
_REMOVE_ALL = sa.update(exchange_passkeys).where(
    exchange_passkeys.c.account == sa.bindparam("b_account"), exchange_passkeys.c.removed_at.is_(None)
)
_FORGET = sa.delete(exchange_spent_challenges).where(
    exchange_spent_challenges.c.until < sa.bindparam("b_now", type_=exchange_spent_challenges.c.until.type)
)


@cache
def _add(dialect: str) -> ReturningInsert[str]:
    insert = insert_into(exchange_passkeys, dialect).on_conflict_do_nothing(index_elements=["id"])
    return insert.returning(exchange_passkeys.c.id)


@cache
def _spend(dialect: str) -> ReturningInsert[str]:
    insert = insert_into(exchange_spent_challenges, dialect).on_conflict_do_nothing(index_elements=["digest"])
    return insert.returning(exchange_spent_challenges.c.digest)


class SqlPasskeys:
    """`PasskeyStore` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, passkey: Passkey) -> bool:
        """Writes it; False when there is one of that id."""
        add = _add(self._connection.dialect.name)
        return self._connection.execute(add, vars(passkey)).one_or_none() is not None

    def find(self, passkey_id: str, *, lock: bool = False) -> Passkey | None:
        """The passkey, removed or not."""
        row = self._connection.execute(locked(_FIND) if lock else _FIND, {"b_id": passkey_id}).one_or_none()
        return None if row is None else Passkey(**row._mapping)

    def of_account(self, account: str) -> Sequence[Passkey]:
        """Those that stand, the oldest first."""
        return [Passkey(**row._mapping) for row in self._connection.execute(_STANDING, {"b_account": account})]

    def save(self, passkey: Passkey) -> None:
        """Writes its count, and when it was used and removed."""
        changed = {name: getattr(passkey, name) for name in ("sign_count", "used_at", "removed_at")}
        self._connection.execute(_SAVE.values(changed), {"b_id": passkey.id})

    def remove_all(self, account: str, at: dt.datetime) -> None:
        """Removes all of the account's."""
        self._connection.execute(_REMOVE_ALL.values(removed_at=at), {"b_account": account})

    def spend(self, challenge: str, *, now: dt.datetime, until: dt.datetime) -> bool:
        """Uses up the challenge; False when that was done before. What nobody takes any more is forgotten."""
        self._connection.execute(_FORGET, {"b_now": now})
        spent = {"digest": challenge, "until": until}
        return self._connection.execute(_spend(self._connection.dialect.name), spent).one_or_none() is not None
