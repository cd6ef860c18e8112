"""How staff sign in to the console: an account's password and the one-time codes of a device, set by its person.

The link with which it is set comes from a custodian; it opens nothing without the account's own token, which its person
alone has. So nobody who hands out links can sign in as another.
"""

import datetime as dt
from dataclasses import dataclass, field

from gateway.domain.accounts import AccountRole
from gateway.domain.events import EventName
from gateway.domain.officers_word import SignInMeans
from gateway.domain.passkeys import Passkey
from gateway.domain.signing_in import Session, Tries

SHORTEST, MOST_SIGNS = 12, 128
"""Of a password that stands beside a second factor (NIST SP 800-63B-4 §3.1.1.2: 8 at least, and no mixture)."""
LINK_LIFE = dt.timedelta(days=1)
SET_UP_LIFE = dt.timedelta(minutes=15)
"""From the password to the first code: as long as a device takes to be fetched."""
FRESH = dt.timedelta(minutes=15)
"""How long after signing in one may change how one does: later, one signs in anew (OWASP ASVS 5.0, 7.5.1)."""
LONGEST_NAME = 40
"""Signs of the name that a person gives a passkey of theirs."""


@dataclass(frozen=True, kw_only=True)
class StaffCredential:
    """What signs an account in. password_hash: Argon2id. secret: of the one-time codes, sealed. last_step: the thirty
    seconds of the code that was taken last, which no code is taken of again (RFC 6238 §5.2)."""

    account: str
    password_hash: str = field(repr=False)
    secret: bytes = field(repr=False)
    last_step: int
    set_at: dt.datetime
    failures: int = 0
    locked_until: dt.datetime | None = None

    @property
    def tries(self) -> Tries:
        """Failures in a row."""
        return Tries(failures=self.failures, locked_until=self.locked_until)


@dataclass(frozen=True, kw_only=True)
class SetUpLink:
    """A link that a custodian made for an account. Only the SHA-256 of its secret is kept."""

    digest: str = field(repr=False)
    account: str
    made_by: str
    expires_at: dt.datetime
    used_at: dt.datetime | None = None

    def opens(self, now: dt.datetime) -> bool:
        """Whether it may still be used."""
        return self.used_at is None and now < self.expires_at


@dataclass(frozen=True, kw_only=True)
class StaffPasskey(Passkey):
    """A passkey of an account. name: as its person calls it, to tell it from their others."""

    name: str


@dataclass(frozen=True, kw_only=True)
class StaffSession(Session):
    """A signed-in browser of staff. means: how its person showed who they are. roles: what the provider leaves the
    account of its roles for as long as the session lasts; None where it says nothing of them."""

    means: SignInMeans = SignInMeans.PASSWORD_AND_CODE
    roles: frozenset[AccountRole] | None = None


@dataclass(frozen=True, kw_only=True)
class SignInNews:
    """What an account's person is told of their sign-in until they say that they read it. name: of the event."""

    account: str
    name: EventName
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class StaffIdentity:
    """Who the provider said that somebody is (`gateway.domain.identity.identity_of`) who signed in under that account
    first: nobody else signs in under it by the provider, whatever name it gives them."""

    account: str
    identity: str
    linked_at: dt.datetime
