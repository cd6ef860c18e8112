"""What looks after deliveries of its own accord: each sweep is safe to run anywhere, any number of times."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from gateway.application.rounds import Round
from gateway.ports.clock import Clock


class Found(StrEnum):
    """What a sweep dealt with."""

    LEASE_LAPSED = "lease-lapsed"
    MOVED_ON = "moved-on"
    """It waited for a channel that takes nothing, and had no more time to."""
    ASKED = "asked"
    """Unconfirmed, and the carrier was asked."""
    WAITED = "waited"
    """Unconfirmed, and the time for a report is over."""
    HANDED_TO_PERSON = "handed-to-person"
    """Unconfirmed, and neither a carrier nor a report settled it."""
    LOOKED_AT = "looked-at"
    """Sent, and its closing rule was asked."""
    PAST_CUT_OFF = "past-cut-off"
    """It lay in a batch whose cut-off had passed: on a manifest now, or before a person."""
    SCANNED_EARLY = "scanned-early"
    """A scan of it came before its number was known here, and is matched now."""
    CLEARED = "cleared"
    """It lay ready for a clerk, and no clerk needs it any more."""
    TAKEN_BACK = "taken-back"
    """It lies, or lay, with somebody who shall not have it: taken back, or a person was called."""
    FORGOTTEN = "forgotten"
    """It had no next action: a defect of ours. A person has it now."""


Run = Callable[[int], Mapping[Found, int]]
"""Deals with at most so many deliveries, and says with how many."""


def counted(found: Found, run: Callable[[int], int]) -> Run:
    """A sweep that finds one kind of thing."""
    return lambda limit: {found: run(limit)}


def now_and_then(round_: Round, run: Run, clock: Clock) -> Run:
    """A sweep that need not be made each second: what it looks for should never be there, or can wait."""
    return lambda limit: run(limit) if round_.begins(clock.now()) else {}
