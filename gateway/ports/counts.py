"""What takes long to count, as it was counted last."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class KeptCount:
    """content: numbers, divisions, ways and dates, as the use case that counts writes them."""

    name: str
    counted_at: dt.datetime
    content: bytes


class KeptCounts(Protocol):
    """One of each name."""

    def get(self, name: str) -> KeptCount | None:
        """None where it was never counted."""
        ...

    def put(self, count: KeptCount) -> None:
        """In place of the one of that name."""
        ...
