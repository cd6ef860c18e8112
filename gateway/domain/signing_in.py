"""What every sign-in here keeps to: how long a session lasts, and when an account rests after failures."""

import datetime as dt
from dataclasses import dataclass, field

MOST_FAILURES = 5
"""Failures in a row before the account rests (NIST SP 800-63B §5.2.2 asks for no more than 100)."""
LOCKED_FOR = dt.timedelta(minutes=30)
IDLE = dt.timedelta(minutes=15)
"""A session left alone ends (OWASP, Session Management Cheat Sheet: 15 to 30 minutes)."""
LONGEST = dt.timedelta(hours=8)
"""A session ends however it is used (NIST SP 800-63B §4.2.3 allows 12 hours)."""
LONGEST_OF_ALL = dt.timedelta(hours=12)
"""The most that a setting may let a session last (there)."""
SEEN_EVERY = dt.timedelta(minutes=1)
"""That a session or a token was seen is written no oftener."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A signed-in browser. Only the SHA-256 of its secret is kept."""

    digest: str = field(repr=False)
    account: str
    begun_at: dt.datetime
    seen_at: dt.datetime
    ended_at: dt.datetime | None = None

    def holds(self, now: dt.datetime, *, idle: dt.timedelta = IDLE, longest: dt.timedelta = LONGEST) -> bool:
        """Whether it is neither ended, left alone too long nor too old."""
        return self.lasts(now, longest=longest) and now < self.seen_at + idle

    def lasts(self, now: dt.datetime, *, longest: dt.timedelta = LONGEST) -> bool:
        """Whether what was begun under it may go on: it is neither ended nor too old."""
        return self.ended_at is None and now < self.begun_at + longest


@dataclass(frozen=True, kw_only=True)
class Tries:
    """Failures in a row, and until when the account rests; at the most it rests, and the count starts anew."""

    failures: int = 0
    locked_until: dt.datetime | None = None

    def rest(self, now: dt.datetime) -> bool:
        """Whether nobody signs in now."""
        return self.locked_until is not None and now < self.locked_until

    def failed(self, now: dt.datetime) -> "Tries":
        """One failure more."""
        if self.failures + 1 < MOST_FAILURES:
            return Tries(failures=self.failures + 1, locked_until=self.locked_until)
        return Tries(locked_until=now + LOCKED_FOR)
