"""What can be wrong with a set of rules, found without any case: held against every case that could be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TypeVar

from gateway.domain.outcomes import Division
from gateway.domain.package import DocumentKind
from gateway.domain.rules.book import RuleSet
from gateway.domain.rules.conditions import both, box_of, covers, possible
from gateway.domain.rules.rule import EnclosureRule, Obstacle, Rule

R = TypeVar("R", bound=Rule)

_CASE_FACTS = frozenset({"division", "proceeding", "nature", "relation", "form", "minister_party"})
"""What a rule about who must be told may ask: it holds before anybody is looked at."""


class FaultKind(StrEnum):
    """What is wrong."""

    UNKNOWN_NAME = "unknown-name"
    DUPLICATE = "duplicate"
    NEVER_HOLDS = "never-holds"
    CONFLICT = "conflict"
    NO_DEFAULT = "no-default"


@dataclass(frozen=True, kw_only=True)
class RuleFault:
    """A fault of the rule (or setting) `rule`; `other` is the second rule, the unknown name or the division."""

    kind: FaultKind
    rule: str
    other: str = ""


def first_fault(rules: RuleSet) -> RuleFault | None:
    """The first fault of the set, in the order in which a reader would mend them; None when it is sound."""
    return next(_faults(rules), None)


def _faults(rules: RuleSet) -> Iterator[RuleFault]:
    groups = _groups(rules)
    yield from _duplicates(rules)
    yield from _settings(rules, groups)
    for group in groups:
        yield from _unknown_names(group)
        yield from _circles(group)
        yield from _never_holding(group)
    yield from _useless_gates(rules)
    for rule in rules.required:
        if set(box_of(rule.when)) - _CASE_FACTS or (rule.role is None) != (rule.each == "served-before"):
            yield RuleFault(kind=FaultKind.NEVER_HOLDS, rule=rule.id)
    yield from _defaults(rules)
    yield from _conflicts(rules)


def _groups(rules: RuleSet) -> Sequence[Sequence[Rule]]:
    return (rules.recipient, rules.required, rules.order, rules.gate, rules.ask, rules.enclosure)


def _duplicates(rules: RuleSet) -> Iterator[RuleFault]:
    named = [rule.id for group in _groups(rules) for rule in group]
    named += [one.id for one in rules.record] + [one.id for one in rules.obstacle] + [one.id for one in rules.setting]
    yield from (RuleFault(kind=FaultKind.DUPLICATE, rule=name) for name in named if named.count(name) > 1)
    obstacles = [one.obstacle for one in rules.obstacle]
    for one in rules.obstacle:
        if obstacles.count(one.obstacle) > 1:
            yield RuleFault(kind=FaultKind.CONFLICT, rule=one.id, other=one.obstacle.value)


def _settings(rules: RuleSet, groups: Sequence[Sequence[Rule]]) -> Iterator[RuleFault]:
    values = {f"{one.id}={value}" for one in rules.setting for value in one.values}
    for setting in rules.setting:
        if setting.default not in setting.values:
            yield RuleFault(kind=FaultKind.UNKNOWN_NAME, rule=setting.id, other=setting.default)
    for decided in rules.decided:
        if f"{decided.setting}={decided.value}" not in values:
            yield RuleFault(kind=FaultKind.UNKNOWN_NAME, rule=decided.setting, other=decided.value)
    for rule in (one for group in groups for one in group):
        for name in rule.setting:
            if name not in values:
                yield RuleFault(kind=FaultKind.UNKNOWN_NAME, rule=rule.id, other=name)


def _unknown_names(group: Sequence[Rule]) -> Iterator[RuleFault]:
    known = {rule.id for rule in group}
    for rule in group:
        for name in rule.over:
            if name not in known or name == rule.id:
                yield RuleFault(kind=FaultKind.UNKNOWN_NAME, rule=rule.id, other=name)


def _circles(group: Sequence[Rule]) -> Iterator[RuleFault]:
    """A rule that in the end prevails over itself."""
    over = {rule.id: rule.over for rule in group}
    for rule in group:
        reached: set[str] = set()
        waiting = list(rule.over)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting.extend(over[name])
        if rule.id in reached:
            yield RuleFault(kind=FaultKind.CONFLICT, rule=rule.id, other=rule.over[0])


def _never_holding(group: Sequence[Rule]) -> Iterator[RuleFault]:
    """No case could be so, or a rule that prevails holds wherever this one would, under every setting."""
    for rule in group:
        if not possible(box_of(rule.when)):
            yield RuleFault(kind=FaultKind.NEVER_HOLDS, rule=rule.id)
        for other in group:
            if (
                rule.id in other.over
                and not other.setting
                and covers(other.when, rule.when)
                and _same_kinds(other, rule)
            ):
                yield RuleFault(kind=FaultKind.NEVER_HOLDS, rule=rule.id, other=other.id)


def _same_kinds(wide: Rule, narrow: Rule) -> bool:
    if isinstance(wide, EnclosureRule) and isinstance(narrow, EnclosureRule):
        return set(narrow.kinds) <= set(wide.kinds)
    return True


def _useless_gates(rules: RuleSet) -> Iterator[RuleFault]:
    """A gate of ways that no order offers where it holds closes nothing."""
    for gate in rules.gate:
        offered = {
            name
            for order in rules.order
            if possible(both(box_of(gate.when), box_of(order.when)))
            for name in order.channels
        }
        if not offered & set(gate.channels):
            yield RuleFault(kind=FaultKind.NEVER_HOLDS, rule=gate.id)


def _conflicts(rules: RuleSet) -> Iterator[RuleFault]:
    yield from _between(rules.recipient, lambda one, other: one.effect is not other.effect)
    yield from _between(rules.order, lambda one, other: one is not other)
    for kind in DocumentKind:
        of_kind = [rule for rule in rules.enclosure if kind in rule.kinds]
        yield from _between(of_kind, lambda one, other: one.effect is not other.effect)


def _between(rules: Sequence[R], differ: Callable[[R, R], bool]) -> Iterator[RuleFault]:
    """Two rules that can hold together, say different things, and of which neither prevails."""
    for one, other in combinations(rules, 2):
        ranked = one.default or other.default or other.id in one.over or one.id in other.over
        if not ranked and differ(one, other) and _together(one, other):
            yield RuleFault(kind=FaultKind.CONFLICT, rule=other.id, other=one.id)


def _together(one: Rule, other: Rule) -> bool:
    """Whether some case and some choice of settings could make both hold."""
    apart = {name.partition("=")[0] for name in one.setting} & {name.partition("=")[0] for name in other.setting}
    if apart and not set(one.setting) & set(other.setting):
        return False
    return possible(both(box_of(one.when), box_of(other.when)))


def _defaults(rules: RuleSet) -> Iterator[RuleFault]:
    for division in Division:
        yield from _default_of(division, rules.recipient, "recipient")
        yield from _default_of(division, rules.order, "order")
        for kind in DocumentKind:
            yield from _default_of(division, [one for one in rules.enclosure if kind in one.kinds], f"enclosure.{kind}")
    present = {one.obstacle for one in rules.obstacle}
    for obstacle in Obstacle:
        if obstacle not in present:
            yield RuleFault(kind=FaultKind.NO_DEFAULT, rule="obstacle", other=obstacle.value)


def _default_of(division: Division, rules: Sequence[Rule], table: str) -> Iterator[RuleFault]:
    """Exactly one rule holds for every case of the division when nothing else does."""
    found = [rule for rule in rules if rule.default and division in (rule.when.division or tuple(Division))]
    whole = [rule for rule in found if set(box_of(rule.when)) <= {"division"} and not rule.setting]
    if not whole:
        yield RuleFault(kind=FaultKind.NO_DEFAULT, rule=table, other=division.value)
    elif len(found) > 1:
        yield RuleFault(kind=FaultKind.CONFLICT, rule=found[1].id, other=found[0].id)
