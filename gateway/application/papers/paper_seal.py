"""The gateway's seal on a paper (PAdES), and what a screen reader says of it."""

import datetime as dt
from collections.abc import Callable

from gateway.domain.parties import Language
from gateway.ports.papers import PaperSigner
from gateway.ports.registry_papers import RegistryPaper, RegistryPrinter


class SealPapers:
    """Draws papers and seals them."""

    def __init__(self, *, printer: RegistryPrinter, signer: PaperSigner, words: Callable[[Language], str]) -> None:
        """words: what a screen reader says of the seal."""
        self._printer = printer
        self._signer = signer
        self._words = words

    def __call__(
        self, paper: RegistryPaper, language: Language, *, at: dt.datetime, officer: str | None = None
    ) -> bytes:
        """The paper as sealed PDF; `officer` signs by the seal. Raises InputRefused (document.missing-glyph),
        SetupWrong (key.*)."""
        return self._signer.sign(self.draft(paper), field_words=self._words(language), at=at, officer=officer)

    def draft(self, paper: RegistryPaper) -> bytes:
        """The paper as bare PDF. Raises InputRefused (document.missing-glyph)."""
        return self._printer.draw(paper).content
