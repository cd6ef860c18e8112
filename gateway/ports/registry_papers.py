"""The Registry's own papers: what carries a copy, what proves that it was provided, what is told when it went wrong.

Frozen values, so that whoever fills them need not know how they are drawn. Moments carry an offset and are shown on the
office's clock (`Concern.zone`). Nothing here computes a date for a recipient.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.delivery import ResultName
from gateway.domain.envelope import Envelope
from gateway.domain.outcomes import Division
from gateway.domain.package import DocumentKind
from gateway.domain.parties import ChannelName, Language, PostalAddress, PreferredLanguage, Role
from gateway.domain.receipt import Receipt
from gateway.domain.return_code import ReturnCode
from gateway.ports.papers import Addressee


@dataclass(frozen=True, kw_only=True)
class Concern:
    """What a paper is about: one delivery of one dispatch. `made_on` is the day at the office."""

    division: Division
    office: str
    zone: dt.tzinfo
    files: tuple[str, ...]
    delivery: str
    language: Language
    made_on: dt.date


@dataclass(frozen=True, kw_only=True)
class ProvidedDocument:
    """A document that was provided: its kind, pages, and the digest of its exact bytes (`sha256:…`)."""

    kind: DocumentKind
    language: PreferredLanguage | None
    pages: int | None
    digest: str


@dataclass(frozen=True, kw_only=True)
class Provision:
    """To whom, as what, and which documents."""

    to: Addressee
    role: Role
    documents: tuple[ProvidedDocument, ...]


@dataclass(frozen=True, kw_only=True)
class Officer:
    """Who provided a document or signs for it."""

    name: str
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class FaxCover:
    """The first page of a fax. Numbers are E.164; `pages` counts this one. It asks to be signed and sent back; `code`
    tells then which sending it is about."""

    concern: Concern
    provision: Provision
    number: str
    pages: int
    code: ReturnCode
    return_to: str | None = None
    """The Registry's own fax number."""


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """The first page of a packet that is handed over by hand: signed by whoever takes it, it comes back; `code` tells
    then which packet it was."""

    concern: Concern
    provision: Provision
    code: ReturnCode


@dataclass(frozen=True, kw_only=True)
class MailingLabel:
    """What is stuck on one sealed envelope: no file number, no marking, nothing of what is in it.

    `piece` is the carrier's number, else ours; it is the bar code. `sender`: the lines of where it comes back to.
    """

    envelope: Envelope
    sender: tuple[str, ...]
    service: ChannelName
    piece: str
    language: Language
    made_on: dt.date


@dataclass(frozen=True, kw_only=True)
class MailingLabels:
    """Several labels in one file, a page each."""

    labels: tuple[MailingLabel, ...]


@dataclass(frozen=True, kw_only=True)
class ManifestItem:
    """One piece of a manifest. Of its destination the place alone is shown; None: it was taken out after closing."""

    piece: str
    destination: PostalAddress | None
    sheets: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What one carrier takes away at once. Closing it is ours; the carrier's signature on it is the handover.

    pieces: how many the carrier is to take. items: the lines that stand on this paper; the first of them is the line
    `first` of so many `lines`. What does not begin with line 1 goes with the paper that does, and nobody signs it.
    """

    number: str
    carrier: str
    service: ChannelName
    office: str
    language: Language
    closed_at: dt.datetime
    zone: dt.tzinfo
    pieces: int
    first: int
    lines: int
    items: tuple[ManifestItem, ...]


@dataclass(frozen=True, kw_only=True)
class ServiceStatement:
    """A statement of service (RAD rule 34(2)): who provided what, how and when. A draft until the officer signs.

    `place`: where it was handed over or mailed, None meaning the office. received_at: since when the recipient has what
    went another way, as a person recorded it; no place is told of that.
    """

    concern: Concern
    provision: Provision
    method: str
    provided_at: dt.datetime
    place: str | None
    officer: Officer
    received_at: dt.datetime | None = None
    signed_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class NoProofExplanation:
    """Why proof cannot be given (RAD rule 34(3)). `explanation` is the officer's own text. A draft until signed."""

    concern: Concern
    provision: Provision
    method: str
    provided_at: dt.datetime
    explanation: str
    officer: Officer
    signed_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiptConfirmation:
    """A confirmation of receipt (RAD rule 34(1)(b)): it rests on the carrier's evidence, each piece with its digest."""

    concern: Concern
    provision: Provision
    method: str
    sent_at: dt.datetime
    received_at: dt.datetime
    reference: str | None
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, kw_only=True)
class RecordedAttempt:
    """One try through one channel, a third party's perhaps: `reference` is what the carrier knows it by. instead: whom
    it went to, where that is not whom the record names: the address was replaced since."""

    channel: str
    started_at: dt.datetime
    result: ResultName
    reference: str | None = None
    instead: Addressee | None = None


@dataclass(frozen=True, kw_only=True)
class TransmissionRecord:
    """What the gateway alone vouches for: the tries and the receipts of one delivery. No statement of service."""

    concern: Concern
    provision: Provision
    attempts: tuple[RecordedAttempt, ...]
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, kw_only=True)
class EvidenceFile:
    """A file of the dossier, attached to it: `what` it is in the dossier's language."""

    name: str
    media_type: str
    content: bytes
    digest: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """The evidence of one delivery for a court: the record, and the files it rests on, attached."""

    record: TransmissionRecord
    files: tuple[EvidenceFile, ...]


@dataclass(frozen=True, kw_only=True)
class BreachReport:
    """What the head of the institution is told of a breach (TBS, Policy on Privacy Protection, appendix B).

    Texts are the officer's own. `persons_affected` is a number: nobody is named.
    """

    concern: Concern
    number: str
    discovered_at: dt.datetime
    happened_at: dt.datetime | None
    place: str
    description: str
    data: tuple[str, ...]
    persons_affected: int
    containment: str
    persons_told: str
    determined_material_at: dt.datetime | None
    reported_at: dt.datetime | None
    officer: Officer


RegistryPaper = (
    FaxCover
    | Acknowledgement
    | MailingLabel
    | MailingLabels
    | Manifest
    | ServiceStatement
    | NoProofExplanation
    | ReceiptConfirmation
    | TransmissionRecord
    | Dossier
    | BreachReport
)


@dataclass(frozen=True, kw_only=True)
class DrawnPaper:
    """A finished paper."""

    content: bytes
    pages: int


class RegistryPrinter(Protocol):
    """Draws the Registry's own papers."""

    def draw(self, paper: RegistryPaper) -> DrawnPaper:
        """The paper as PDF; the same value gives the same bytes.

        Raises InputRefused (document.missing-glyph) when no font has a sign of it.
        """
        ...
