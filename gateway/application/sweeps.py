"""What looks after deliveries of its own accord: each sweep is safe to run anywhere, any number of times."""

from collections.abc import Callable
from enum import StrEnum

Run = Callable[[int], int]
"""Deals with at most so many deliveries, and says with how many."""


class Sweep(StrEnum):
    """What is looked for."""

    LEASES = "leases"
    """Leases that ran out."""
    CLOSED_CHANNELS = "closed-channels"
    """What waits for a channel that takes nothing, and has no more time to."""
    CLOSING = "closing"
    """What its closing rule may settle, or should have by now."""
