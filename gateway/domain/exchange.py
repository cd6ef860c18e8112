"""The exchange where recipients collect what was left for them: accounts, conversations, entries, sign-in.

Nobody has an account before a person of the Registry checked who they are. Signing in takes two things that travel
apart: a link by e-mail, which is good once and not for long, and the code given at the identity check.
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum

from gateway.domain.outcomes import Division
from gateway.domain.parties import Language
from gateway.domain.signing_in import Tries

LINK_LIFE = dt.timedelta(minutes=15)
"""NIST SP 800-63B §5.1.3.2 gives an out-of-band secret ten minutes; e-mail may wait in a queue a little longer."""
LINKS_PER_HOUR = 5
"""So that nobody fills another person's mailbox with links."""


@dataclass(frozen=True, kw_only=True)
class ExchangeAccount:
    """Who may collect. Of the code only a slow hash is kept (`scrypt`), of the address its SHA-256 to find it by, and
    itself sealed. `verified_by` checked who it is, by `method`, at `verified_at`. `acts_for`: of a delegate, the
    account whose papers they collect. `identity`: who the provider says they are (`identity_of`), if that was linked at
    the check."""

    name: str
    address_digest: str
    address: bytes = field(repr=False)
    language: Language
    code_hash: str = field(repr=False)
    verified_by: str
    verified_at: dt.datetime
    method: str
    acts_for: str | None = None
    identity: str | None = None
    failures: int = 0
    locked_until: dt.datetime | None = None
    closed_at: dt.datetime | None = None

    @property
    def owner(self) -> str:
        """The account whose papers are collected."""
        return self.acts_for or self.name

    @property
    def delegate(self) -> str | None:
        """Who collects, where it is not the owner."""
        return self.name if self.acts_for else None

    def may_sign_in(self, now: dt.datetime) -> bool:
        """Whether the account is open and does not rest."""
        return self.closed_at is None and (self.locked_until is None or self.locked_until <= now)


def after_wrong_code(account: ExchangeAccount, now: dt.datetime) -> ExchangeAccount:
    """One more failure; at the most it rests, and the count starts anew."""
    after = Tries(failures=account.failures, locked_until=account.locked_until).failed(now)
    return replace(account, failures=after.failures, locked_until=after.locked_until)


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What one account is given on one file. Its documents are sealed under `data_key` and nothing else is."""

    id: str
    account: str
    division: Division
    files: tuple[str, ...]
    data_key: str
    opened_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class LeftDocument:
    """A document as it lies there. `digest` is of its plain bytes; `parts` are the sealed objects it is cut into."""

    name: str
    media_type: str
    digest: str
    size: int
    parts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What was left at once. `id` is the token of the attempt's reference, so that the same attempt leaves it once.

    `note`: what is told beside the documents (`EntryNote`), sealed under the package's key, so that it goes with it.
    `taken` are the digests of the documents that the recipient took. `collect_by`: when it takes another way, if it is
    not collected by then. `retracted_at`: since when it is withdrawn, and nothing of it can be taken. `listed`: who saw
    it in a list, the account, a delegate, or a system by its token.
    """

    id: str
    conversation: str
    account: str
    dispatch: str
    delivery: str
    attempt: str
    left_at: dt.datetime
    documents: tuple[LeftDocument, ...]
    note: bytes | None = field(default=None, repr=False)
    taken: frozenset[str] = frozenset()
    acknowledged_at: dt.datetime | None = None
    collect_by: dt.datetime | None = None
    retracted_at: dt.datetime | None = None
    listed: frozenset[str] = frozenset()

    @property
    def taken_whole(self) -> bool:
        """Whether every document was taken."""
        return self.taken >= {one.digest for one in self.documents}

    @property
    def collected(self) -> bool:
        """Whether every document was taken, or the recipient acknowledged all of them."""
        return self.acknowledged_at is not None or self.taken_whole


@dataclass(frozen=True, kw_only=True)
class SignInLink:
    """A link that was sent. Only the SHA-256 of its secret is kept."""

    digest: str = field(repr=False)
    account: str
    expires_at: dt.datetime
    used_at: dt.datetime | None = None

    def opens(self, now: dt.datetime) -> bool:
        """Whether it may still be used."""
        return self.used_at is None and now < self.expires_at


class ExchangeMailKind(StrEnum):
    """What a mail of the exchange is about. All but the notice say something of the account itself, once."""

    LINK = "link"
    NOTICE = "notice"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PASSKEY_DOUBTED = "passkey-doubted"
    TOKEN_MADE = "token-made"  # noqa: S105
    TOKEN_REVOKED = "token-revoked"  # noqa: S105
    CONSENT_GIVEN = "consent-given"
    CONSENT_REVOKED = "consent-revoked"
    KEY_PUT_FORWARD = "key-put-forward"


@dataclass(frozen=True, kw_only=True)
class ExchangeMail:
    """A mail that is owed to an account; a notice is about an `entry`. `sent`: how often."""

    id: str
    account: str
    kind: ExchangeMailKind
    asked_at: dt.datetime
    entry: str | None = None
    sent: int = 0
    next_at: dt.datetime | None = None
