"""What one participant is to be given, and who makes the papers of it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from gateway.domain.entry_note import EntryNote
from gateway.domain.naming import Identity, Naming
from gateway.domain.package import DecisionPackage, Document, DocumentKind
from gateway.domain.parties import Participant, PreferredLanguage
from gateway.domain.recourse_clock import RecourseClock

PageCount = Callable[[bytes, str], int]
"""The pages of a PDF; the second argument is its place, for the refusal. Raises InputRefused (document.*)."""


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Whom the covering letter addresses. Every field may be a personal name."""

    name: str | None
    organization: str | None = None
    attention: str | None = None
    lines: tuple[str, ...] = ()
    reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class SourceDocument:
    """A document of the package with its bytes as they came."""

    document: Document
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Papers:
    """What one participant is to be given. `documents` are only those whose audience includes the participant.
    `notice`: whether a notice of decision is made, and `recourse_information`: whether that comes with it, as the rules
    say.

    The moments of the package's decision are told by the office's clock: their dates are the ones to print.
    `clocks` are all the rules know; which of them run depends on person and recourse."""

    package: DecisionPackage
    participant: Participant
    addressee: Addressee
    language: PreferredLanguage
    documents: tuple[SourceDocument, ...]
    provided_on: dt.date
    notice: bool
    recourse_information: bool
    clocks: tuple[RecourseClock, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RenderedDocument:
    """One file as it will be given. `name` holds file number, division, kind and date, never a person's name."""

    kind: DocumentKind | None
    name: str
    media_type: str
    content: bytes
    pages: int | None
    language: PreferredLanguage | None = None
    """Of the document of that kind in it; None where nobody said."""


@dataclass(frozen=True, kw_only=True)
class MessageText:
    """Subject and text of the message the papers travel in; read only after decryption."""

    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RenderedPapers:
    """Everything one participant is given: the message and its files, in reading order. `note`: what they are told
    where they collect them."""

    message: MessageText
    documents: tuple[RenderedDocument, ...]
    note: EntryNote = field(default_factory=EntryNote)


class PaperReader(Protocol):
    """Reads PDF files that others made."""

    def naming(self, content: bytes, identity: Identity, where: str) -> Naming:
        """What the document's text says of its matter. `where` is the document's path, for the problem.

        Raises InputRefused with a `document.*` code, ServiceDown (reader.unavailable).
        """
        ...


class PaperSigner(Protocol):
    """Signs papers in the name of whoever holds its key."""

    def sign(self, content: bytes, *, field_words: str, at: dt.datetime, officer: str | None = None) -> bytes:
        """The PDF with a signature over all of it (PAdES-B, ETSI EN 319 142-1), its bytes unchanged before it.

        field_words: what a screen reader says of the signature, in the paper's language. at: the time that is
        claimed; it must know its offset. officer: who signs by this seal; it names nobody where the machine alone
        vouches. What held of the paper (PDF/UA-1, PDF/A-2a, PDF/A-3a) holds still.

        Raises SetupWrong (key.expired, key.not-yet-valid, key.token-unavailable).
        """
        ...


class Renderer(Protocol):
    """Makes the papers of one participant."""

    def render(self, papers: Papers) -> RenderedPapers:
        """The papers in the participant's language; the same input gives the same bytes.

        Raises InputRefused with a `document.*` code when a document of the package cannot be used.
        """
        ...
