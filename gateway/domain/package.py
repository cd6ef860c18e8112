"""The decision package: what `decision.json` version 1 says (INTERFACE.md), as frozen values.

These classes are the format: the strict reader and the published JSON Schema are both generated from them
(`gateway.application.intake.decision_json`). Field metadata are the JSON Schema constraints the reader enforces.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal
from uuid import UUID

from gateway.domain.outcomes import Division, OutcomeCode
from gateway.domain.parties import ID, TEXT, Language, Ministry, Participant

DECISION = "decision.json"
"""The member of a package that holds the case data."""

PATH = {"pattern": r"^documents/[^\x00-\x1f\\]+$", "max_length": 300}
UCI = {"pattern": r"^([0-9]{8}|[0-9]{10}|[0-9]{4}-[0-9]{4}|[0-9]{2}-[0-9]{4}-[0-9]{4})$"}
"""A unique client identifier of 8 or 10 digits, one to a person: `1234-5678`, `01-2345-6789`, or without any hyphen."""


class RelationKind(StrEnum):
    """How a later package relates to an earlier one on the same decision."""

    REASONS = "reasons"
    TRANSCRIPT = "transcript"
    AMENDMENT = "amendment"
    ERRATUM = "erratum"
    TRANSLATION = "translation"
    RE_SERVICE = "re-service"
    REDETERMINATION = "redetermination"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note in both languages."""

    en: str = field(metadata={"min_length": 1, "max_length": 2000})
    fr: str = field(metadata={"min_length": 1, "max_length": 2000})


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A later package on the same decision; `of` is the earlier package's id."""

    kind: RelationKind
    of: UUID
    note: Note | None = None


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """A file number of the division and the persons it is about."""

    number: str = field(metadata={"pattern": r"^[A-Z0-9][A-Z0-9 ()-]{3,31}$"})
    """As the division writes it: `TC6-12345`, `TB6 17977`, `0003-C6-01234-01`."""
    persons: tuple[str, ...] = field(metadata={"min_length": 1})


class ProceedingType(StrEnum):
    """What the proceeding was about."""

    CLAIM = "claim"
    VACATE = "vacate"
    CEASE = "cease"
    APPEAL_BY_PERSON = "appeal-by-person"
    APPEAL_BY_MINISTER = "appeal-by-minister"
    ADMISSIBILITY = "admissibility"
    DETENTION_REVIEW = "detention-review"
    SPONSORSHIP = "sponsorship"
    REMOVAL_ORDER = "removal-order"
    RESIDENCY = "residency"
    REOPENING = "reopening"
    REINSTATEMENT = "reinstatement"


class Nature(StrEnum):
    """Whether the decision ends the matter; an interlocutory decision is a letter."""

    FINAL = "final"
    INTERLOCUTORY = "interlocutory"


@dataclass(frozen=True, kw_only=True)
class Proceeding:
    """The proceeding that the decision belongs to."""

    type: ProceedingType
    nature: Nature


class RemovalOrderKind(StrEnum):
    """IRPR 223."""

    DEPARTURE = "departure"
    EXCLUSION = "exclusion"
    DEPORTATION = "deportation"


class RemovalOrderAction(StrEnum):
    """What the decision did to the removal order."""

    EXISTING = "existing"
    MADE = "made"
    CONFIRMED = "confirmed"
    STAYED = "stayed"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, kw_only=True)
class RemovalOrder:
    """A removal order that stands beside the outcome."""

    kind: RemovalOrderKind
    action: RemovalOrderAction
    provisions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was decided for one person."""

    code: OutcomeCode
    removal_order: RemovalOrder | None = None


@dataclass(frozen=True, kw_only=True)
class Recourse:
    """Where the person may turn next, set by the Registry and never guessed from the outcome."""

    forum: Literal["RAD", "IAD", "FC", "none"]
    basis: str | None = field(default=None, metadata=TEXT)


@dataclass(frozen=True, kw_only=True)
class Detained:
    """The facility that holds the person, an entry of the recipient directory."""

    facility: str = field(metadata=ID)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person whom the decision is about."""

    id: str = field(metadata=ID)
    family_name: str = field(metadata=TEXT)
    outcome: Outcome
    given_name: str | None = field(default=None, metadata=TEXT)
    uci: str | None = field(default=None, metadata=UCI)
    location: Literal["in-canada", "abroad", "unknown"] = "in-canada"
    detained: Detained | None = None
    """Where the person is held, if so."""
    recourse: Recourse | None = None


@dataclass(frozen=True, kw_only=True)
class Member:
    """A member of the panel and when they signed."""

    name: str = field(metadata=TEXT)
    signed_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A sitting: when, how, where."""

    date: dt.date
    mode: Literal["in-person", "videoconference", "telephone", "in-writing"]
    place: str | None = field(default=None, metadata=TEXT)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The decision itself. Times carry an offset."""

    form: Literal["oral", "written"]
    signed_at: dt.datetime
    """When the member signed; of a panel, see each member."""
    language: Language
    members: tuple[Member, ...] = field(metadata={"min_length": 1})
    reasons: Literal["with-notice", "on-request", "to-follow"]
    rendered_at: dt.datetime | None = None
    """When an oral decision was stated."""
    heard: tuple[Heard, ...] = ()


class RestrictionKind(StrEnum):
    """An order that limits who may see what."""

    CONFIDENTIALITY_ORDER = "confidentiality-order"
    PUBLICATION_BAN = "publication-ban"
    TRANSMISSION_BAN = "transmission-ban"
    NON_DISCLOSURE = "non-disclosure"


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """A restriction and the documents it covers (none named: all)."""

    kind: RestrictionKind
    ordered_at: dt.datetime | None = None
    documents: tuple[str, ...] = ()


class Classification(StrEnum):
    """Security classification; others are refused."""

    UNCLASSIFIED = "unclassified"
    PROTECTED_A = "protected-a"
    PROTECTED_B = "protected-b"


@dataclass(frozen=True, kw_only=True)
class Intervention:
    """A ministry that takes part, through a participant."""

    organization: Ministry
    counsel: str = field(metadata=ID)


@dataclass(frozen=True, kw_only=True)
class Minister:
    """Whether the Minister is a party, and through whom."""

    party: bool
    """Always at the ID and the IAD and in vacate and cease applications, elsewhere by intervention."""
    present_at_decision: bool | None = None
    interventions: tuple[Intervention, ...] = ()


class DocumentKind(StrEnum):
    """What a document is."""

    NOTICE = "notice"
    REASONS = "reasons"
    ORDER = "order"
    TRANSCRIPT = "transcript"
    APPEAL_INFORMATION = "appeal-information"
    RECORDING = "recording"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document of the package. Empty `persons` and `recipients` mean all who are entitled."""

    path: str = field(metadata=PATH)
    kind: DocumentKind
    language: Language
    media_type: Literal["application/pdf", "text/markdown"]
    original: bool | None = None
    persons: tuple[str, ...] = ()
    """Ids of the persons it is about; none named: all."""
    recipients: tuple[str, ...] = ()
    """Ids of the participants who may have it; none named: all who are entitled."""
    version: Literal["full", "redacted", "non-disclosure"] = "full"


@dataclass(frozen=True, kw_only=True)
class AlreadyProvided:
    """What was handed over before the package came, as in the hearing room."""

    participant: str = field(metadata=ID)
    documents: tuple[str, ...] = field(metadata={"min_length": 1})
    by: str = field(metadata=TEXT)
    at: dt.datetime
    place: str = field(metadata=TEXT)
    evidence: str | None = field(default=None, metadata=PATH)
    """Path of the member that proves it, such as a signed acknowledgment."""


@dataclass(frozen=True, kw_only=True)
class DecisionPackage:
    """The case data of a signed decision package, version 1."""

    schema: Literal["decision-package/1"]
    package_id: UUID
    """The sender's idempotency key: the same id and bytes again give the first dispatch."""
    division: Division
    office: str = field(metadata={"pattern": "^[a-z][a-z0-9-]{1,40}$"})
    """An office of `gateway/rules/offices.toml`, or one the registry added."""
    files: tuple[CaseFile, ...] = field(metadata={"min_length": 1})
    proceeding: Proceeding
    persons: tuple[Person, ...] = field(metadata={"min_length": 1})
    decision: Decision
    private_proceeding: bool
    classification: Classification
    minister: Minister
    participants: tuple[Participant, ...] = field(metadata={"min_length": 1})
    documents: tuple[Document, ...]
    """Every member of the package but `decision.json` and evidence is named here."""
    relation: Relation | None = None
    private_basis: Literal["166(b)", "166(c)", "166(c.1)", "iad-93"] | None = None
    restrictions: tuple[Restriction, ...] = ()
    sensitive: bool = False
    """Confidential or sensitive information by the Registry's judgment."""
    already_provided: tuple[AlreadyProvided, ...] = ()
    """What was handed over in the hearing room."""

    def participant(self, participant_id: str) -> Participant | None:
        """The participant of that id, if the package names one."""
        return next((one for one in self.participants if one.id == participant_id), None)
