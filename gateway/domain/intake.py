"""How much may wait to be worked on before submitters are asked to come back later, and whose turn it is then."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

_PERCENT = 100


@dataclass(frozen=True, kw_only=True)
class IntakeRule:
    """at_least: packages that may wait in any case. longest_wait: seconds in which what waits is to be worked off;
    measured_over: seconds over which the rate is measured; fewest_measured: packages of which a rate is told.
    fair_from_percent, at_most_percent: of what may wait, when shares count, and when nobody is let in. soonest_again,
    latest_again: seconds after which a submitter is told to come back."""

    at_least: int = field(metadata={"ge": 1})
    longest_wait: int = field(metadata={"ge": 1})
    measured_over: int = field(metadata={"ge": 1})
    fewest_measured: int = field(metadata={"ge": 2})
    fair_from_percent: int = field(metadata={"ge": 1, "le": 100})
    at_most_percent: int = field(metadata={"ge": 100})
    soonest_again: int = field(metadata={"ge": 1})
    latest_again: int = field(metadata={"ge": 1})


@dataclass(frozen=True, kw_only=True)
class Worked:
    """Packages whose papers were made of late, and when those of the first were."""

    packages: int
    since: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Load:
    """What waits to be planned and rendered, by who submitted it. rate: packages a second; None: too few to tell."""

    waiting: Mapping[str, int]
    rate: float | None

    @property
    def whole(self) -> int:
        """Packages that wait."""
        return sum(self.waiting.values())


def may_be_felt(rule: IntakeRule, waiting: int) -> bool:
    """Whether so many are enough that anybody might be asked to wait: below it no rate need be measured."""
    return waiting * _PERCENT >= rule.at_least * rule.fair_from_percent


def rate_of(rule: IntakeRule, worked: Worked | None, now: dt.datetime) -> float | None:
    """Packages a second."""
    if worked is None or worked.packages < rule.fewest_measured or now <= worked.since:
        return None
    return worked.packages / (now - worked.since).total_seconds()


def come_back_after(rule: IntakeRule, load: Load, submitter: str) -> int | None:
    """After how many seconds the submitter is to ask again; None: they are let in.

    Whoever has less than their share waiting is let in until twice as much waits in all as may: one who floods the
    gateway keeps nobody else out.
    """
    may_wait = max(rule.at_least, int((load.rate or 0) * rule.longest_wait))
    own, share = load.waiting.get(submitter, 0), may_wait // len({*load.waiting, submitter})
    if load.whole * _PERCENT < may_wait * rule.fair_from_percent:
        return None
    if own < share and load.whole * _PERCENT < may_wait * rule.at_most_percent:
        return None
    if not load.rate:
        return rule.latest_again
    too_many = max(own - share, load.whole - may_wait, 0) + 1
    return int(min(max(too_many / load.rate, rule.soonest_again), rule.latest_again))
