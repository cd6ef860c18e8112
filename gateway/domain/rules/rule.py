"""The kinds of rule. Each has a stable id, the source it rests on, and an explanation in both languages."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gateway.domain.outcomes import Division
from gateway.domain.package import DocumentKind
from gateway.domain.parties import Removal, Role
from gateway.domain.reasons import Reason
from gateway.domain.rules.conditions import LISTED, Condition

RULE_ID = {"pattern": "^[a-z][a-z0-9-]{1,63}$"}


@dataclass(frozen=True, kw_only=True)
class Bilingual:
    """A text in both languages."""

    en: str
    fr: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every rule has. `over`: rules that give way where both hold. `setting`: `name=value`, one of which must
    stand; none named: always. A default holds where nothing else does, and gives way to every other rule."""

    id: str = field(metadata=RULE_ID)
    source: Bilingual
    explanation: Bilingual
    when: Condition = field(default_factory=Condition)
    over: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    default: bool = False


class Standing(StrEnum):
    """Whether one who takes part is provided with the decision."""

    SERVED = "served"
    """The rules require it: what service means runs from it."""
    COURTESY = "courtesy"
    """A copy, from which nothing runs."""
    NOT_PROVIDED = "not-provided"
    """Somebody else receives for them, or they do not receive."""
    ASK = "ask"
    """No rule says: a person decides."""


@dataclass(frozen=True, kw_only=True)
class RecipientRule(Rule):
    """Whether a participant in a role is provided with the decision."""

    effect: Standing


@dataclass(frozen=True, kw_only=True)
class OrderRule(Rule):
    """The ways to a participant, best first. same_day: ways that arrive the same day, of which one must be open, or a
    person is called; none named: there is time. by_person: ways that the rules leave open and that are taken only when
    a person asks for one."""

    channels: tuple[str, ...] = field(metadata=LISTED)
    same_day: tuple[str, ...] = ()
    by_person: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Override:
    """That two people together may open what a gate closed, for one delivery: on which basis, and when it is meant."""

    source: Bilingual
    explanation: Bilingual


@dataclass(frozen=True, kw_only=True)
class GateRule(Rule):
    """Ways that are closed. Nothing opens what a gate closed, unless the gate itself grants an override."""

    channels: tuple[str, ...] = field(metadata=LISTED)
    reason: Reason
    override: Override | None = None


@dataclass(frozen=True, kw_only=True)
class AskRule(Rule):
    """When a person must decide before anything is sent to a participant."""

    reason: Reason


class Enclosure(StrEnum):
    """Whether a kind of document is given."""

    ENCLOSE = "enclose"
    """When the package holds it."""
    REQUIRE = "require"
    """It must be there, or a person decides."""
    MAKE = "make"
    """A notice: ours to make, unless the package holds one."""
    OMIT = "omit"


@dataclass(frozen=True, kw_only=True)
class EnclosureRule(Rule):
    """Whether documents of these kinds are given to a participant."""

    kinds: tuple[DocumentKind, ...] = field(metadata=LISTED)
    effect: Enclosure


@dataclass(frozen=True, kw_only=True)
class RequiredRule(Rule):
    """Who must be told, listed in the package or not: a role once a package, each person of the case in that role, or
    everybody who had the earlier decision (then no role is named).

    A person is told when somebody who receives for them is. The condition asks for facts of the case alone.
    """

    role: Role | None = None
    each: Literal["package", "person", "served-before"] = "package"


@dataclass(frozen=True, kw_only=True)
class RecordRule:
    """How counsel ceases to be of record at some divisions."""

    id: str = field(metadata=RULE_ID)
    source: Bilingual
    explanation: Bilingual
    division: tuple[Division, ...] = field(metadata=LISTED)
    removal: tuple[Removal, ...] = field(metadata=LISTED)


class Obstacle(StrEnum):
    """What keeps a way from being taken that no rule of the Board closes."""

    RECIPIENT_UNKNOWN = "recipient-unknown"
    RECIPIENT_NOT_LISTED = "recipient-not-listed"
    RECIPIENT_AMBIGUOUS = "recipient-ambiguous"
    ADDRESS_UNKNOWN = "address-unknown"
    NO_ADDRESS = "no-address"
    NOTHING_TO_GIVE = "nothing-to-give"
    NOT_SET_UP = "not-set-up"
    ADDRESS_NOT_CARRIED = "address-not-carried"
    CARRIER_SUSPENDED = "carrier-suspended"
    KEY_MISSING = "key-missing"
    KEY_UNFIT = "key-unfit"
    RECIPIENT_LIMIT = "recipient-limit"
    CHANNEL_LIMIT = "channel-limit"


@dataclass(frozen=True, kw_only=True)
class ObstacleRule:
    """The policy behind an obstacle. `reason`: of a delivery that stands for it; a key's own reason is nearer."""

    id: str = field(metadata=RULE_ID)
    source: Bilingual
    explanation: Bilingual
    obstacle: Obstacle
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class RiskSetting:
    """Something that sources leave open or contradict each other on, for an officer of the Registry to decide.

    guidance: what speaks against the default. Not a risk: a choice of practice, of which `doctor` says nothing.
    """

    id: str = field(metadata={"pattern": "^[a-z][a-z0-9._-]{1,63}$"})
    values: tuple[str, ...] = field(metadata={"min_length": 2})
    default: str
    source: Bilingual
    explanation: Bilingual
    guidance: Bilingual | None = None


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What an officer decided about a setting: who (an account or an office, never a personal name), when and why."""

    setting: str
    value: str
    by: str = field(metadata={"min_length": 1, "max_length": 64})
    on: str = field(metadata={"pattern": r"^\d{4}-\d{2}-\d{2}$"})
    why: str = field(metadata={"min_length": 1})


AnyRule = Rule | RecordRule | ObstacleRule
"""What an explanation can rest on: an id, a source and a sentence."""
