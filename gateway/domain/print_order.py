"""A closed manifest that a print and mail vendor makes the envelopes of: put there once, accounted for item by item."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LOOK_AFTER = dt.timedelta(hours=1)
"""From a slip whose putting broke off until it is put again, if by then nobody fetched what it names."""


class PrintState(StrEnum):
    """How far an order is."""

    OPEN = "open"
    """Its volumes are to be made."""
    MADE = "made"
    """They are kept as the bytes that are put, and nobody has them for certain."""
    ASKED = "asked"
    """The slip may be there: from then on the vendor may fetch and print."""
    PUT = "put"
    ANSWERED = "answered"
    """The vendor accounted for it."""


NOT_ASKED = frozenset({PrintState.OPEN, PrintState.MADE})
"""No slip may be there yet: the vendor prints nothing of it."""
TO_PUT = frozenset({PrintState.OPEN, PrintState.MADE, PrintState.ASKED})


@dataclass(frozen=True, kw_only=True)
class PrintOrder:
    """A manifest with the vendor. names: of the volumes and, last, of the slip, as they are put; objects: where those
    are kept; digests: of what is put; answer: digest of the vendor's account of it. account, said: where that is kept
    as it came, and what the vendor signed in it; the same where nobody signs. fence: grows with each claim, so that
    whoever had it before writes nothing more."""

    manifest: str
    state: PrintState
    next_at: dt.datetime
    asked_at: dt.datetime | None = None
    names: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    answer: str | None = None
    account: str | None = None
    said: str | None = None
    fence: int = 0


class PrintEvent(StrEnum):
    """What a vendor says of an item."""

    PRINTED = "printed"
    SPOILED = "spoiled"


class PrintOutcome(StrEnum):
    """What an item came to by the vendor's account."""

    PRINTED = "printed"
    SPOILED = "spoiled"
    """It was not made, or was destroyed: it is made anew."""
    MISSING = "missing"
    """The vendor says nothing of it."""
    TWICE = "twice"
    """More than one envelope of it was made."""


def reconciled(
    pieces: Collection[str], told: Sequence[tuple[str, PrintEvent]]
) -> tuple[Mapping[str, PrintOutcome], Sequence[str]]:
    """What each piece came to, and what was told of pieces that are not on the manifest. One that was spoiled and then
    printed once is printed."""
    printed = Counter(piece for piece, event in told if event is PrintEvent.PRINTED)
    spoiled = {piece for piece, event in told if event is PrintEvent.SPOILED}

    def outcome(piece: str) -> PrintOutcome:
        if printed[piece] > 1:
            return PrintOutcome.TWICE
        if printed[piece] == 1:
            return PrintOutcome.PRINTED
        return PrintOutcome.SPOILED if piece in spoiled else PrintOutcome.MISSING

    strangers = sorted({piece for piece, _ in told} - set(pieces))
    return {piece: outcome(piece) for piece in pieces}, strangers
