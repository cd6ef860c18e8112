"""Passkeys as rows. See `gateway.ports.passkeys.PasskeyStore` for the contract."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import ClassVar, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert

from gateway.domain.console import StaffPasskey
from gateway.domain.passkeys import Passkey
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.tables.console import console_passkeys
from gateway.store.tables.exchange import exchange_passkeys, exchange_spent_challenges
from gateway.store.upsert import insert_into

PasskeyT = TypeVar("PasskeyT", bound=Passkey)

_FORGET = sa.delete(exchange_spent_challenges).where(
    exchange_spent_challenges.c.until < sa.bindparam("b_now", type_=exchange_spent_challenges.c.until.type)
)


class PasskeyTable:
    """The statements over one table, made once. kind: of what stands in it."""

    def __init__(self, table: sa.Table, kind: type[Passkey]) -> None:
        self.table, self.kind = table, kind
        found = sa.select(*columns_of(table, kind)).order_by(table.c.added_at, table.c.id)
        of_account = (table.c.account == sa.bindparam("b_account"), table.c.removed_at.is_(None))
        self.find = found.where(table.c.id == sa.bindparam("b_id"))
        self.standing = found.where(*of_account)
        self.save = sa.update(table).where(table.c.id == sa.bindparam("b_id"))
        self.remove_all = sa.update(table).where(*of_account)


@cache
def _add(dialect: str, table: sa.Table) -> ReturningInsert[str]:
    insert = insert_into(table, dialect).on_conflict_do_nothing(index_elements=["id"])
    return insert.returning(table.c.id)


@cache
def _spend(dialect: str) -> ReturningInsert[str]:
    insert = insert_into(exchange_spent_challenges, dialect).on_conflict_do_nothing(index_elements=["digest"])
    return insert.returning(exchange_spent_challenges.c.digest)


class SqlPasskeyStore(Generic[PasskeyT]):
    """`PasskeyStore` over a connection. Who extends it names its table."""

    _passkeys: ClassVar[PasskeyTable]

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, passkey: PasskeyT) -> bool:
        """Writes it; False when there is one of that id."""
        add = _add(self._connection.dialect.name, self._passkeys.table)
        return self._connection.execute(add, vars(passkey)).one_or_none() is not None

    def find(self, passkey_id: str, *, lock: bool = False) -> PasskeyT | None:
        """The passkey, removed or not."""
        find = self._passkeys.find
        row = self._connection.execute(locked(find) if lock else find, {"b_id": passkey_id}).one_or_none()
        return None if row is None else self._read(row)

    def of_account(self, account: str) -> Sequence[PasskeyT]:
        """Those that stand, the oldest first."""
        found = self._connection.execute(self._passkeys.standing, {"b_account": account})
        return [self._read(row) for row in found]

    def save(self, passkey: PasskeyT) -> None:
        """Writes its count, and when it was used and removed."""
        changed = {name: getattr(passkey, name) for name in ("sign_count", "used_at", "removed_at")}
        self._connection.execute(self._passkeys.save.values(changed), {"b_id": passkey.id})

    def remove_all(self, account: str, at: dt.datetime) -> None:
        """Removes all of the account's."""
        self._connection.execute(self._passkeys.remove_all.values(removed_at=at), {"b_account": account})

    def spend(self, challenge: str, *, now: dt.datetime, until: dt.datetime) -> bool:
        """Uses up the challenge; False when that was done before. What nobody takes any more is forgotten."""
        self._connection.execute(_FORGET, {"b_now": now})
        spent = {"digest": challenge, "until": until}
        return self._connection.execute(_spend(self._connection.dialect.name), spent).one_or_none() is not None

    def _read(self, row: sa.Row[tuple[object, ...]]) -> PasskeyT:
        passkey: PasskeyT = self._passkeys.kind(**row._mapping)  # type: ignore[assignment]
        return passkey


class SqlPasskeys(SqlPasskeyStore[Passkey]):
    """Those of recipients."""

    _passkeys = PasskeyTable(exchange_passkeys, Passkey)


class SqlStaffPasskeys(SqlPasskeyStore[StaffPasskey]):
    """Those of staff."""

    _passkeys = PasskeyTable(console_passkeys, StaffPasskey)
