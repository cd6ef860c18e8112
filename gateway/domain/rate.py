"""How often a destination is spoken to: the generic cell rate algorithm (GCRA, ITU-T I.371 annex A), as arithmetic.

One moment is kept for a destination: when all that was granted will have been digested at the agreed pace. It may run
ahead of the clock by as much as a burst allows, and no further.
"""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One every `interval` on average, `burst` of them at once at most; `burst` is at least 1."""

    interval: dt.timedelta
    burst: int


def grantable(rate: Rate, digested_at: dt.datetime | None, now: dt.datetime) -> int:
    """How many may begin now. digested_at: None where nothing was ever granted."""
    ahead = dt.timedelta(0) if digested_at is None else max(digested_at - now, dt.timedelta(0))
    return max((rate.burst * rate.interval - ahead) // rate.interval, 0)


def after_granting(rate: Rate, digested_at: dt.datetime | None, now: dt.datetime, count: int) -> dt.datetime:
    """When all will have been digested, `count` more granted now."""
    begin = now if digested_at is None else max(digested_at, now)
    return begin + count * rate.interval
