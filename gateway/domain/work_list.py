"""The lists of what waits for a person, each by the due date of its deliveries."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.delivery import Delivery
from gateway.domain.outcomes import Division


class WorkList(StrEnum):
    """What is wrong with the deliveries of a list. One delivery may stand in several: late, and failed."""

    NEEDS_PERSON = "needs-person"
    FAILED = "failed"
    CAME_BACK = "came-back"
    UNCONFIRMED = "unconfirmed"
    """It may have been sent, and nobody will tell any more."""
    AWAITING_PERSON = "awaiting-person"
    OVERDUE = "overdue"
    """It left us, and what should have come back did not."""
    HELD = "held"
    LATE = "late"
    AT_RISK = "at-risk"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page of a list ended: the due date and the ordinal of its last delivery."""

    due: dt.date | None
    ordinal: int


@dataclass(frozen=True, kw_only=True)
class WorkAsked:
    """A list, and what narrows it. today: the date by which it is late or at risk."""

    which: WorkList
    today: dt.date
    division: Division | None = None
    channel: str | None = None
    offices: frozenset[str] | None = None
    """Of whose matters; None: of every office's."""
    after: Place | None = None


MOST_COUNTED = 1000
"""Of one narrowed list: whoever has more before them has enough to do."""


@dataclass(frozen=True, kw_only=True)
class WorkRow:
    """A delivery of a list, with what its dispatch is about."""

    delivery: Delivery
    ordinal: int
    division: Division
    files: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Where it stands in the order of the list."""
        return Place(due=self.delivery.due, ordinal=self.ordinal)
