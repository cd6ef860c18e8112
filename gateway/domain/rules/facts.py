"""What a rule may ask of a case and of one who takes part: closed facts, so that a book of rules can be checked whole.

Each fact takes one value of a closed list. A rule that names none of a fact's values holds for all of them.
"""

from enum import StrEnum
from typing import Literal, NamedTuple

from gateway.domain.outcomes import Division, OutcomeCode
from gateway.domain.package import Classification, Nature, ProceedingType
from gateway.domain.parties import Role

Form = Literal["oral", "written"]
ReasonsGiven = Literal["with-notice", "on-request", "to-follow"]


class Later(StrEnum):
    """How the package relates to an earlier one; `none` where it is the first."""

    NONE = "none"
    REASONS = "reasons"
    TRANSCRIPT = "transcript"
    AMENDMENT = "amendment"
    ERRATUM = "erratum"
    TRANSLATION = "translation"
    RE_SERVICE = "re-service"
    REDETERMINATION = "redetermination"
    SET_ASIDE = "set-aside"


class Sitting(StrEnum):
    """How the last sitting was held."""

    IN_PERSON = "in-person"
    REMOTE = "remote"
    """By videoconference or telephone."""
    NONE = "none"
    """In writing, or none is named."""


class Consent(StrEnum):
    """What a participant said about electronic delivery."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    UNSAID = "unsaid"


class Order(StrEnum):
    """What the decision did to the person's removal order; `none` where there is none."""

    NONE = "none"
    EXISTING = "existing"
    MADE = "made"
    CONFIRMED = "confirmed"
    STAYED = "stayed"
    SET_ASIDE = "set-aside"


class RecourseSet(StrEnum):
    """Where the Registry says the person may turn; `missing` where it says nothing."""

    MISSING = "missing"
    RAD = "RAD"
    IAD = "IAD"
    FC = "FC"
    NONE = "none"


class Facts(NamedTuple):
    """One participant in one role, for one of the persons they stand for, in one case."""

    division: Division
    proceeding: ProceedingType
    nature: Nature
    relation: Later
    form: Form
    sitting: Sitting
    reasons: ReasonsGiven
    classification: Classification
    private: bool
    sensitive: bool
    confidentiality_order: bool
    publication_ban: bool
    transmission_ban: bool
    audience_clear: bool
    """Every redacted or non-disclosure version names its recipients."""
    minister_party: bool
    minister_absent: bool
    """The package says that the Minister was not present when the decision was stated."""
    minister_agrees: bool
    """What `minister` says and whom the package lists for the Minister do not contradict each other."""
    role: Role
    stands_for_somebody: bool
    of_record: bool
    """Of counsel: not ended. Of all others: true."""
    represented: bool
    """Counsel of record, or not ended, acts for each person they stand for."""
    designated: bool
    """Of a person: a representative is designated and the designation has not ended."""
    designation_ended: bool
    submissions: bool
    """Of the UNHCR and interested persons: they made written submissions."""
    held_elsewhere: bool
    """Of a person: detained, and not written to at the directory's entry of the place where they are."""
    electronic: Consent
    long_fax_consent: bool
    outcome: OutcomeCode
    removal_order: Order
    recourse: RecourseSet
    pages: int
    """Of the longest document they would get; 0 where that is not known yet."""
