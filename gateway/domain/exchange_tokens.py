"""Tokens by which a firm's own system lists and downloads what is left for its account."""

import datetime as dt
from dataclasses import dataclass, field

TOKEN_LIFE = dt.timedelta(days=90)
"""After that the holder makes another: nobody else notices that a machine is used no more."""
MOST_TOKENS = 5
"""Of one account at a time."""


@dataclass(frozen=True, kw_only=True)
class ExchangeToken:
    """A token of one account, good for reading what is its own and for nothing else. Only the SHA-256 of its secret is
    kept."""

    id: str
    account: str
    digest: str = field(repr=False)
    made_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None

    def holds(self, now: dt.datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at
