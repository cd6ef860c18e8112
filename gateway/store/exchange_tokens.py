"""Tokens of exchange accounts as rows. See `gateway.ports.exchange_tokens.ExchangeTokenStore` for the contract."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from gateway.domain.exchange_tokens import ExchangeToken
from gateway.store.rows import columns_of
from gateway.store.tables.exchange import exchange_tokens

_ALL = sa.select(*columns_of(exchange_tokens, ExchangeToken)).order_by(exchange_tokens.c.made_at, exchange_tokens.c.id)
_FIND = _ALL.where(exchange_tokens.c.id == sa.bindparam("b_id"))
_BY_DIGEST = _ALL.where(exchange_tokens.c.digest == sa.bindparam("b_digest"))
_STANDING = _ALL.where(exchange_tokens.c.account == sa.bindparam("b_account"), exchange_tokens.c.revoked_at.is_(None))
_ONE_STANDING = sa.update(exchange_tokens).where(
    exchange_tokens.c.id == sa.bindparam("b_id"), exchange_tokens.c.revoked_at.is_(None)
)
_REVOKE_ALL = sa.update(exchange_tokens).where(
    exchange_tokens.c.account == sa.bindparam("b_account"), exchange_tokens.c.revoked_at.is_(None)
)


class SqlExchangeTokens:
    """`ExchangeTokenStore` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, token: ExchangeToken) -> None:
        """Writes it."""
        self._connection.execute(sa.insert(exchange_tokens), vars(token))

    def find(self, token_id: str) -> ExchangeToken | None:
        """The token, whatever became of it."""
        row = self._connection.execute(_FIND, {"b_id": token_id}).one_or_none()
        return None if row is None else ExchangeToken(**row._mapping)

    def by_digest(self, digest: str) -> ExchangeToken | None:
        """The token whose secret has that digest."""
        row = self._connection.execute(_BY_DIGEST, {"b_digest": digest}).one_or_none()
        return None if row is None else ExchangeToken(**row._mapping)

    def of_account(self, account: str) -> Sequence[ExchangeToken]:
        """The account's that were not revoked, the oldest first."""
        return [ExchangeToken(**row._mapping) for row in self._connection.execute(_STANDING, {"b_account": account})]

    def used(self, token_id: str, at: dt.datetime) -> bool:
        """It was used then; False, and nothing is written, when it was revoked."""
        return self._connection.execute(_ONE_STANDING.values(used_at=at), {"b_id": token_id}).rowcount == 1

    def revoke(self, token_id: str, at: dt.datetime) -> None:
        """It is worth nothing from then on; one that was revoked before stays revoked since then."""
        self._connection.execute(_ONE_STANDING.values(revoked_at=at), {"b_id": token_id})

    def revoke_all(self, account: str, at: dt.datetime) -> None:
        """Revokes all of the account's."""
        self._connection.execute(_REVOKE_ALL.values(revoked_at=at), {"b_account": account})
