"""Time."""

import datetime as dt
from typing import Protocol


class Clock(Protocol):
    """The only source of time. Times are aware and in UTC."""

    def now(self) -> dt.datetime:
        """The moment it is."""
        ...
