"""Papers of a delivery that others took the place of, and whom they were made for: what earlier attempts sent."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Protocol

from gateway.ports.records import RenderedRecord


@dataclass(frozen=True, kw_only=True)
class FormerPapers:
    """Papers that stood once. fence: the delivery's when others took their place: attempts up to that one, which no
    papers before them cover, sent these. planned_for: whom they were made for, sealed as it was kept."""

    delivery: str
    turn: int
    fence: int
    planned_for: bytes | None = field(repr=False)
    documents: Sequence[RenderedRecord]


class FormerPapersStore(Protocol):
    """Papers that were set aside, by delivery."""

    def stand(self, delivery_ids: Sequence[str]) -> Set[str]:
        """Those of the deliveries that have papers."""
        ...

    def set_aside(self, delivery_id: str, *, fence: int) -> int:
        """Keeps what stands before other papers take its place: the turn under which it is kept; 0 where no papers
        stand. Whoever calls holds the delivery."""
        ...

    def of_delivery(self, delivery_id: str) -> Sequence[FormerPapers]:
        """The earliest first."""
        ...
