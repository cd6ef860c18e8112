"""Passkeys (WebAuthn Level 2): what an account may sign in with besides the link and the code."""

import datetime as dt
import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MOST_PASSKEYS = 10
"""Of one account."""
CHALLENGE_LIFE = dt.timedelta(minutes=15)
"""As long as a link: the page with the challenge may stand open for a while before it is used."""


@dataclass(frozen=True, kw_only=True)
class Passkey:
    """A key that an authenticator holds. `id`: the credential's, in base64url. `sign_count`: what the authenticator
    counted when it was last seen; many count nothing and say 0 for ever (WebAuthn §6.1.1)."""

    id: str
    account: str
    public_key: bytes = field(repr=False)
    sign_count: int
    added_at: dt.datetime
    used_at: dt.datetime | None = None
    removed_at: dt.datetime | None = None

    def may_be_a_copy(self, counted: int) -> bool:
        """Whether two authenticators seem to hold it: the count did not grow (WebAuthn §7.2, step 21)."""
        return (counted > 0 or self.sign_count > 0) and counted <= self.sign_count


def has_name(url: str) -> bool:
    """Whether the address has a name: passkeys are bound to one, and never to an address of numbers."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False
