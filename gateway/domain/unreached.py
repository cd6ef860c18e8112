"""What lies, or may lie, with somebody who shall not have it: it is taken back where that is possible, else a person
is called."""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from gateway.domain.delivery import Attempt
from gateway.domain.exchange import Entry
from gateway.domain.report import Finding

TRIED_FOR = dt.timedelta(days=1)
"""How long a server that does not answer is asked to give it back. The person is called at the first silence."""
TRIED_EVERY = dt.timedelta(minutes=10)
LOOKED_AT_AGAIN = dt.timedelta(minutes=1)
"""While what is on its way has not ended."""


class TakenBack(StrEnum):
    """What came of taking back what was uploaded."""

    REMOVED = "removed"
    """It lay there, whole or in part, and is gone. Who looked at it before that is not known."""
    NOT_THERE = "not-there"
    """Nothing lies there any more: it may have been taken."""
    BEYOND = "beyond"
    """No program can: the way gives nothing back, or the far end does not let us."""
    UNANSWERED = "unanswered"
    """The far end did not answer, or did not let us in: it may be asked again."""


@dataclass(frozen=True, kw_only=True)
class Unreached:
    """One sending. finding: why it must not be there, or why its recipient cannot take it. taken: they are known to
    have it, so that nothing is left to take back. next_at: when it is seen to; None: that is over. called: a
    person was."""

    attempt: str
    finding: Finding
    dispatch: str
    delivery: str
    since: dt.datetime
    next_at: dt.datetime | None
    taken: bool = False
    called: bool = False

    @classmethod
    def of(cls, attempt: Attempt, dispatch: str, finding: Finding, now: dt.datetime) -> Self:
        """What that attempt brought there, or may have."""
        return cls(
            attempt=attempt.id, finding=finding, dispatch=dispatch, delivery=attempt.delivery, since=now, next_at=now
        )

    @classmethod
    def at(cls, entry: Entry, finding: Finding, now: dt.datetime, *, taken: bool = False) -> Self:
        """What lies in our own exchange."""
        return cls(
            attempt=entry.attempt,
            finding=finding,
            dispatch=entry.dispatch,
            delivery=entry.delivery,
            since=now,
            next_at=now,
            taken=taken,
        )

    def calls(self, came_to: TakenBack, *, left_us: bool) -> bool:
        """Whether a person is to be called now. left_us: whether it left, or may have."""
        return came_to is not TakenBack.REMOVED and left_us and not self.called

    def after(self, came_to: TakenBack, now: dt.datetime, *, left_us: bool) -> "Unreached":
        """How it stands then: a far end that is silent is asked again for a while."""
        again = came_to is TakenBack.UNANSWERED and now < self.since + TRIED_FOR
        return replace(
            self,
            next_at=now + TRIED_EVERY if again else None,
            called=self.called or self.calls(came_to, left_us=left_us),
        )
