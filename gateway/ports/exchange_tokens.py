"""Tokens of exchange accounts as rows."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from gateway.domain.exchange_tokens import ExchangeToken


class ExchangeTokenStore(Protocol):
    """Tokens as rows."""

    def add(self, token: ExchangeToken) -> None:
        """Writes it."""
        ...

    def find(self, token_id: str) -> ExchangeToken | None:
        """The token, whatever became of it."""
        ...

    def by_digest(self, digest: str) -> ExchangeToken | None:
        """The token whose secret has that digest."""
        ...

    def of_account(self, account: str) -> Sequence[ExchangeToken]:
        """The account's that were not revoked, the oldest first."""
        ...

    def used(self, token_id: str, at: dt.datetime) -> bool:
        """It was used then; False, and nothing is written, when it was revoked: no use undoes that."""
        ...

    def revoke(self, token_id: str, at: dt.datetime) -> None:
        """It is worth nothing from then on; one that was revoked before stays revoked since then."""
        ...

    def revoke_all(self, account: str, at: dt.datetime) -> None:
        """Revokes all of the account's."""
        ...
