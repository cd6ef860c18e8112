"""The minimal decision for homes that run on the machine's clock: signed some days ago, whenever the tests run.

`tests.application.packages` dates its decision with one day for good, which tests with a clock of their own count
from; on the machine's clock that decision would be overdue from the next week on, and every delivery with it.
"""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from gateway.domain.outcomes import Division
from tests.application import packages

_HERE = ZoneInfo("America/Toronto")
# Three days leave at least two working days of the shortest standard, over a weekend too.
SIGNED_ON: dt.date = dt.datetime.now(_HERE).date() - dt.timedelta(days=3)
SIGNED_AT: str = dt.datetime.combine(SIGNED_ON, dt.time(15, 4), _HERE).isoformat()


def minimal(division: Division | str = Division.RPD, **changes: Any) -> packages.Decision:
    """A valid decision of the division, signed at `SIGNED_AT`; `changes` replace top fields, `decision` too."""
    made = packages.minimal(division)
    made["decision"]["signed_at"] = SIGNED_AT
    return made | changes
