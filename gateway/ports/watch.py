"""What the daily watch over keys leaves behind."""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from gateway.domain.key_findings import KeyFinding


class Watch(Protocol):
    """The findings of the last watch, and when it was."""

    def begun_at(self) -> dt.datetime | None:
        """When the last watch began, if there was one."""
        ...

    def begin(self, *, now: dt.datetime, every: dt.timedelta) -> bool:
        """Whether a watch is due; then it counts as begun now, and nobody else begins it."""
        ...

    def replace(self, findings: Sequence[KeyFinding]) -> None:
        """Puts the findings in place of the former ones."""
        ...

    def findings(self) -> Sequence[KeyFinding]:
        """The findings of the last watch."""
        ...
