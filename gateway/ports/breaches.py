"""Reports on privacy breaches as rows."""

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.breach import Breach


class Breaches(Protocol):
    """Every version is kept; the newest stands."""

    def add(self, breach: Breach) -> None:
        """Writes a version."""
        ...

    def newest(self, dispatch_id: str) -> Breach | None:
        """What stands of a dispatch."""
        ...

    def to_report(self, limit: int, *, offices: frozenset[str] | None = None) -> Sequence[Breach]:
        """What stands, is material and was not reported yet; the first due first. Of those offices, None: of every
        one."""
        ...
