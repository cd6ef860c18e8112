"""Delegates as rows. See `gateway.ports.delegates.DelegateStore` for the contract."""

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.domain.delegates import Delegate
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.tables.exchange import exchange_delegates

_ALL = sa.select(*columns_of(exchange_delegates, Delegate)).order_by(
    exchange_delegates.c.named_at, exchange_delegates.c.name
)
_FIND = _ALL.where(exchange_delegates.c.name == sa.bindparam("b_name"))
_STANDING = _ALL.where(exchange_delegates.c.ended_at.is_(None))
_OF_ACCOUNT = _STANDING.where(exchange_delegates.c.account == sa.bindparam("b_account"))
_NAMED = sa.select(sa.func.count()).where(exchange_delegates.c.account == sa.bindparam("b_account"))
_SAVE = sa.update(exchange_delegates).where(exchange_delegates.c.name == sa.bindparam("b_name"))


class SqlDelegates:
    """`DelegateStore` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, delegate: Delegate) -> None:
        """Writes whom somebody named."""
        self._connection.execute(sa.insert(exchange_delegates), vars(delegate))

    def find(self, name: str, *, lock: bool = False) -> Delegate | None:
        """The delegate, ended or not."""
        row = self._connection.execute(locked(_FIND) if lock else _FIND, {"b_name": name}).one_or_none()
        return None if row is None else Delegate(**row._mapping)

    def of_account(self, account: str) -> Sequence[Delegate]:
        """Those of the account that stand, the oldest first."""
        return [Delegate(**row._mapping) for row in self._connection.execute(_OF_ACCOUNT, {"b_account": account})]

    def named(self, account: str) -> int:
        """How many the account ever named."""
        return int(self._connection.scalar(_NAMED, {"b_account": account}) or 0)

    def standing(self) -> Sequence[Delegate]:
        """Those that stand, of all accounts, the oldest first."""
        return [Delegate(**row._mapping) for row in self._connection.execute(_STANDING)]

    def save(self, delegate: Delegate) -> None:
        """Writes when it ended."""
        self._connection.execute(_SAVE.values(ended_at=delegate.ended_at), {"b_name": delegate.name})
