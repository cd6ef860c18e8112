"""The papers of proof as they are kept."""

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.proof import ProofPaper


class ProofPapers(Protocol):
    """Drafts and signed papers."""

    def put(self, paper: ProofPaper) -> None:
        """A new paper, in place of the draft of the same kind for the same attempt if there is one. Its id is then the
        new one's."""
        ...

    def get(self, paper_id: str, *, lock: bool = False) -> ProofPaper:
        """Raises NoSuchThing (paper.unknown). `lock`: until the transaction ends nobody else writes it."""
        ...

    def save_signed(self, paper: ProofPaper) -> None:
        """Writes who signed it and when, and what it now is."""
        ...

    def erase(self, delivery_ids: Sequence[str]) -> None:
        """What officers said for the papers of these deliveries is overwritten; that there were papers stays."""
        ...

    def of_deliveries(self, delivery_ids: Sequence[str]) -> Sequence[ProofPaper]:
        """Those of these deliveries, oldest first."""
        ...

    def drafts(self, officer: str | None = None) -> Sequence[ProofPaper]:
        """What waits to be signed, by that officer or by anybody, oldest first."""
        ...
