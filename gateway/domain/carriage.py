"""How far a carrier's own service was told of a closed manifest: envelope by envelope, then that it can be fetched.

Each question that changes something there is written down before it is asked. What it came to is asked for by our own
reference before it is asked again: nothing is ordered twice.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.reasons import Reason

ASK_AFTER = dt.timedelta(minutes=1)
"""From a question without an answer until the carrier is asked what became of it: longer than any question takes."""
SURE_AFTER = dt.timedelta(minutes=5)
"""From then on, what the carrier does not have it will not have."""


class ShipmentState(StrEnum):
    """How an envelope stands with the carrier."""

    ASKED = "asked"
    """It may have been told of it."""
    MADE = "made"
    VOID = "void"
    """Taken back, or never told of: its delivery left the manifest."""


class CarriageState(StrEnum):
    """How a manifest stands with the carrier."""

    OPEN = "open"
    """Its envelopes are told one by one."""
    ASKED = "asked"
    """The carrier may have been told that it can be fetched."""
    TRANSMITTED = "transmitted"
    CONFIRMED = "confirmed"
    """The carrier made its own manifest of it."""
    EMPTY = "empty"
    """Nothing of it is left to be taken."""


UNFINISHED = frozenset({CarriageState.OPEN, CarriageState.ASKED, CarriageState.TRANSMITTED})
TOLD_WHOLE = frozenset({CarriageState.ASKED, CarriageState.TRANSMITTED, CarriageState.CONFIRMED})
"""The carrier knows, or may, that it is to take all of it: nothing of it can be taken back any more."""


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """An envelope with the carrier. asked_at: when it was last told of; own, number: the carrier's; label: where its
    label is kept, sealed."""

    attempt: str
    manifest: str
    state: ShipmentState
    asked_at: dt.datetime
    number: str | None = None
    own: str | None = None
    label: str | None = None


@dataclass(frozen=True, kw_only=True)
class Carriage:
    """A manifest with the carrier. next_at: when to go on; reason: what it was held up by last; places: where the
    carrier's manifests are; papers: where those are kept, sealed. fence: grows with each claim, so that whoever had it
    before writes nothing more."""

    manifest: str
    state: CarriageState
    next_at: dt.datetime
    asked_at: dt.datetime | None = None
    reason: Reason | None = None
    places: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    fence: int = 0


def may_be_asked_for(asked_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a question without an answer may be looked into."""
    return now >= asked_at + ASK_AFTER


def surely_not(asked_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether what the carrier says it does not have may be asked for once more."""
    return now >= asked_at + SURE_AFTER
