"""What the watch finds about keys before it stops a delivery."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

SOON = dt.timedelta(days=7)
AHEAD = dt.timedelta(days=30)
FAR_AHEAD = dt.timedelta(days=365)
"""For what others pin: they must have the next before the last day of the one before."""

NO_END = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
"""What stands for "no well-defined expiration date" (RFC 5280 §4.1.2.5); so for an OpenPGP key without an end too."""


class KeyFault(StrEnum):
    """What is wrong with a key, or soon will be."""

    EXPIRES_IN_A_YEAR = "expires-in-a-year"
    """Of an authority that others pin."""
    EXPIRES_IN_30_DAYS = "expires-in-30-days"
    EXPIRES_IN_7_DAYS = "expires-in-7-days"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    WEAK = "weak"
    WRONG_USE = "wrong-use"
    WRONG_ADDRESS = "wrong-address"
    CHAIN_BROKEN = "chain-broken"
    REVOKED = "revoked"
    REVOCATION_UNKNOWN = "revocation-unknown"
    UNREADABLE = "unreadable"
    LIST_STALE = "list-stale"
    """A revocation list that was handed in is past its next update."""


class KeyOwner(StrEnum):
    """Whose key it is."""

    ANCHOR = "anchor"
    RECIPIENT_ANCHOR = "recipient-anchor"
    OWN = "own"
    RECIPIENT = "recipient"


@dataclass(frozen=True, kw_only=True)
class KeyFinding:
    """One fault of one key. `whose`: the recipient's id or our key's name, empty for an anchor; `until`: the end of its
    validity or of the list's; `deliveries`: those it stops, or will."""

    owner: KeyOwner
    whose: str
    fingerprint: str
    fault: KeyFault
    until: dt.datetime
    deliveries: tuple[str, ...] = ()

    @property
    def name(self) -> tuple[str, str, str, str]:
        """Tells the same finding on another day."""
        return (self.owner.value, self.whose, self.fingerprint, self.fault.value)


def expiry(until: dt.datetime, now: dt.datetime) -> KeyFault | None:
    """How a key's last day stands to now."""
    if until <= now:
        return KeyFault.EXPIRED
    if until <= now + SOON:
        return KeyFault.EXPIRES_IN_7_DAYS
    return KeyFault.EXPIRES_IN_30_DAYS if until <= now + AHEAD else None


def pinned_expiry(until: dt.datetime, now: dt.datetime) -> KeyFault | None:
    """The same for an authority of ours, which others pin."""
    return expiry(until, now) or (KeyFault.EXPIRES_IN_A_YEAR if until <= now + FAR_AHEAD else None)
