"""What lies with somebody who shall not have it, as rows."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from gateway.domain.unreached import Unreached


class UnreachedStore(Protocol):
    """Sendings to be taken back, or told to a person."""

    def add(self, row: Unreached) -> None:
        """A new one; of the same attempt for the same reason again changes nothing."""
        ...

    def some_due(self, now: dt.datetime) -> bool:
        """Whether `take` would find any. Takes nothing."""
        ...

    def take(self, *, now: dt.datetime, until: dt.datetime, limit: int) -> Sequence[Unreached]:
        """Those that are due, the oldest first; nobody else takes them before `until`."""
        ...

    def save(self, row: Unreached) -> None:
        """Writes when it is seen to next, and whether a person was called."""
        ...
