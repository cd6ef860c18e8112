"""A book of rules: what holds for facts. Built once; answers are kept, since the facts of most cases repeat."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from gateway.domain.outcomes import Division
from gateway.domain.package import DocumentKind
from gateway.domain.parties import Removal
from gateway.domain.rules.conditions import test_of
from gateway.domain.rules.facts import Facts
from gateway.domain.rules.rule import (
    AskRule,
    Decided,
    EnclosureRule,
    GateRule,
    Obstacle,
    ObstacleRule,
    OrderRule,
    RecipientRule,
    RecordRule,
    RequiredRule,
    RiskSetting,
    Rule,
)

R = TypeVar("R", bound=Rule)
T = TypeVar("T")
_KEPT = 50_000
"""Answers kept a question: facts are a few dozen bytes."""


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """Everything that rule files say, in their order."""

    recipient: tuple[RecipientRule, ...] = ()
    required: tuple[RequiredRule, ...] = ()
    record: tuple[RecordRule, ...] = ()
    order: tuple[OrderRule, ...] = ()
    gate: tuple[GateRule, ...] = ()
    ask: tuple[AskRule, ...] = ()
    enclosure: tuple[EnclosureRule, ...] = ()
    obstacle: tuple[ObstacleRule, ...] = ()
    setting: tuple[RiskSetting, ...] = ()
    decided: tuple[Decided, ...] = ()

    def values(self) -> Mapping[str, str]:
        """Each setting's value: as decided, else its default."""
        decided = {one.setting: one.value for one in self.decided}
        return {one.id: decided.get(one.id, one.default) for one in self.setting}

    def undecided(self) -> Sequence[RiskSetting]:
        """Settings on which sources conflict and no officer has decided."""
        decided = {one.setting for one in self.decided}
        return [one for one in self.setting if one.guidance is not None and one.id not in decided]


class RuleBook:
    """What applies to facts. The rules it is made of were checked before (`gateway.domain.rules.faults`)."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.settings = rules.values()
        self._standing = {f"{name}={value}" for name, value in self.settings.items()}
        self.recipient: Callable[[Facts], RecipientRule] = _kept(_first(self._live(rules.recipient)))
        """The rule that says whether a participant is provided with the decision."""
        self.order: Callable[[Facts], OrderRule] = _kept(_first(self._live(rules.order)))
        """The rule that says by which ways, best first."""
        self.gates: Callable[[Facts], Sequence[GateRule]] = _kept(_holding(self._live(rules.gate)))
        """Every rule that closes ways."""
        self.asks: Callable[[Facts], Sequence[AskRule]] = _kept(_holding(self._live(rules.ask)))
        """Every rule that calls a person."""
        self.required: Callable[[Facts], Sequence[RequiredRule]] = _kept(_holding(self._live(rules.required)))
        """Every rule that says who must be told."""
        self.enclosures: Callable[[Facts], Mapping[DocumentKind, EnclosureRule]] = _kept(
            _by_kind(self._live(rules.enclosure))
        )
        """The rule for each kind of document."""
        self._obstacles = {one.obstacle: one for one in rules.obstacle}
        self._ends = {
            (division, removal): one for one in rules.record for division in one.division for removal in one.removal
        }

    def obstacle(self, obstacle: Obstacle) -> ObstacleRule:
        """The policy behind an obstacle."""
        return self._obstacles[obstacle]

    def ends_record(self, division: Division, removal: Removal | None) -> RecordRule | None:
        """The rule by which counsel's removal ends their being of record, if it does."""
        return None if removal is None else self._ends.get((division, removal))

    def _live(self, rules: Iterable[R]) -> list[R]:
        """Those whose setting stands."""
        return [rule for rule in rules if not rule.setting or self._standing & set(rule.setting)]


def _kept(question: Callable[[Facts], T]) -> Callable[[Facts], T]:
    return lru_cache(_KEPT)(question)


def _holding(rules: Sequence[R]) -> Callable[[Facts], list[R]]:
    """Those that hold and that no other holding rule prevails over; defaults only where there is nothing else."""
    tests = {
        division: [(rule, test_of(rule.when)) for rule in rules if division in (rule.when.division or Division)]
        for division in Division
    }

    def holding(facts: Facts) -> list[R]:
        found = [rule for rule, holds in tests[facts.division] if holds(facts)]
        if len(found) < 2:  # noqa: PLR2004  (nothing to prevail over)
            return found
        beaten = {name for rule in found for name in rule.over}
        standing = [rule for rule in found if rule.id not in beaten]
        return [rule for rule in standing if not rule.default] or standing

    return holding


def _first(rules: Sequence[R]) -> Callable[[Facts], R]:
    holding = _holding(rules)
    return lambda facts: holding(facts)[0]


def _by_kind(rules: Sequence[EnclosureRule]) -> Callable[[Facts], Mapping[DocumentKind, EnclosureRule]]:
    of = {kind: _first([rule for rule in rules if kind in rule.kinds]) for kind in DocumentKind}
    return lambda facts: {kind: first(facts) for kind, first in of.items()}
