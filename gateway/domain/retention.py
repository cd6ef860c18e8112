"""How long things are kept: schedules by division, kind and how a dispatch ended (`gateway/rules/retention.toml`)."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.codes import Code
from gateway.domain.dispatch import DispatchState
from gateway.domain.events import Event, EventName
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage, Nature
from gateway.domain.problem import SetupWrong

FLOOR_YEARS = 2
"""Privacy Regulations, SOR/83-508, s.4(1)(a)."""

ENDED = frozenset({DispatchState.COMPLETE, DispatchState.RECALLED, DispatchState.CANCELLED})
"""States in which nothing is open. Nothing unsettled ever expires."""


HOLDS = frozenset({EventName.LEGAL_HOLD_PLACED, EventName.LEGAL_HOLD_RELEASED})
_NO_USE = HOLDS | {EventName.PACKAGE_EXPIRED}


class Kept(StrEnum):
    """What is kept for a time of its own."""

    PACKAGE = "package"
    """The decision, its papers and the bytes sent."""
    EVIDENCE = "evidence"
    """What proves the deliveries: receipts as they came, papers of proof, whom it went to, the reasons of people."""
    UNMATCHED = "unmatched"
    """What came back and belongs to nothing of which anything is kept."""


class PackageKind(StrEnum):
    """What a package is, for its schedule: a first one by the nature of its decision, a later one by its relation."""

    DECISION = "decision"
    LETTER = "letter"
    """An interlocutory decision."""
    REASONS = "reasons"
    TRANSCRIPT = "transcript"
    AMENDMENT = "amendment"
    ERRATUM = "erratum"
    TRANSLATION = "translation"
    RE_SERVICE = "re-service"
    REDETERMINATION = "redetermination"
    SET_ASIDE = "set-aside"


def kind_of(package: DecisionPackage) -> PackageKind:
    """The kind of that package."""
    if package.relation is not None:
        return PackageKind(package.relation.kind.value)
    return PackageKind.LETTER if package.proceeding.nature is Nature.INTERLOCUTORY else PackageKind.DECISION


@dataclass(frozen=True, kw_only=True)
class RetentionRule:
    """One schedule, in calendar years. Empty `divisions`, `states` and `kinds` mean all."""

    rule: str
    years: int = field(metadata={"ge": FLOOR_YEARS, "le": 100})
    source: str
    source_fr: str
    what: Kept = Kept.PACKAGE
    divisions: tuple[Division, ...] = ()
    states: tuple[DispatchState, ...] = ()
    kinds: tuple[PackageKind, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is asked about. kind: asked only where a schedule is of some kinds alone, for which the package is opened;
    None where nobody can tell any more."""

    division: Division
    state: DispatchState
    kind: Callable[[], PackageKind | None]


def find_retention(rules: Iterable[RetentionRule], what: Kept, subject: Subject | None = None) -> RetentionRule:
    """The first rule that fits; of what belongs to no dispatch (subject None) one that names nothing of one. Raises
    SetupWrong (rule.invalid): the last one of each must fit all."""
    for one in rules:
        if one.what is what and _fits(one, subject):
            return one
    raise SetupWrong(Code.RULE_INVALID, where="retention.toml")


def _fits(rule: RetentionRule, subject: Subject | None) -> bool:
    if subject is None:
        return not (rule.divisions or rule.states or rule.kinds)
    return (
        (not rule.divisions or subject.division in rule.divisions)
        and (not rule.states or subject.state in rule.states)
        and (not rule.kinds or subject.kind() in rule.kinds)
    )


def is_held(events: Sequence[Event]) -> bool:
    """Whether a legal hold stands on the dispatch whose events these are."""
    marks = [one.name for one in events if one.name in HOLDS]
    return bool(marks) and marks[-1] is EventName.LEGAL_HOLD_PLACED


def last_use(accepted_at: dt.datetime, events: Sequence[Event]) -> dt.datetime:
    """When something last happened to the dispatch: that a hold came or went, or that content expired, is no use."""
    return max([accepted_at, *(one.at for one in events if one.name not in _NO_USE)])


def first_kept(now: dt.datetime, years: int) -> dt.datetime:
    """What was last used before that moment has been kept so many calendar years."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)


def kept_until(last: dt.datetime, rule: RetentionRule) -> dt.datetime:
    """When the years after the last use are over; those of 29 February on 1 March."""
    try:
        return last.replace(year=last.year + rule.years)
    except ValueError:
        return last.replace(year=last.year + rule.years, month=3, day=1)
