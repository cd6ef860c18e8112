"""What the daily watch over keys leaves behind, and when each thing was last done that is done now and then."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from gateway.domain.key_findings import KeyFinding

BACKUP = "backup"
"""Under this name stands when the last backup was begun that came to its end."""


class Watch(Protocol):
    """The findings of the last watch, and when it was."""

    def begun_at(self, name: str) -> dt.datetime | None:
        """When the watch of that name last began, if ever."""
        ...

    def begin(self, name: str, *, now: dt.datetime, every: dt.timedelta) -> bool:
        """Whether the watch of that name is due; then it counts as begun now, and nobody else begins it."""
        ...

    def replace(self, findings: Sequence[KeyFinding]) -> None:
        """Puts the findings in place of the former ones."""
        ...

    def count(self) -> int:
        """How many findings the last watch left."""
        ...

    def findings(self) -> Sequence[KeyFinding]:
        """The findings of the last watch."""
        ...
