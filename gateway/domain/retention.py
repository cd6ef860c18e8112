"""How long a package is kept: schedules by division and by how its dispatch ended (`gateway/rules/retention.toml`)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.codes import Code
from gateway.domain.dispatch import DispatchState
from gateway.domain.events import Event, EventName
from gateway.domain.outcomes import Division
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


@dataclass(frozen=True, kw_only=True)
class RetentionRule:
    """One schedule, in calendar years. Empty `divisions` and `kinds` mean all."""

    rule: str
    years: int = field(metadata={"ge": FLOOR_YEARS, "le": 100})
    source: str
    source_fr: str
    what: Kept = Kept.PACKAGE
    divisions: tuple[Division, ...] = ()
    kinds: tuple[DispatchState, ...] = ()


def find_retention(
    rules: Iterable[RetentionRule], division: Division, kind: DispatchState, what: Kept = Kept.PACKAGE
) -> RetentionRule:
    """The first rule that fits. Raises SetupWrong (settings.invalid): the last one of each must fit all."""
    for one in rules:
        if (
            one.what is what
            and (not one.divisions or division in one.divisions)
            and (not one.kinds or kind in one.kinds)
        ):
            return one
    raise SetupWrong(Code.SETTINGS_INVALID, where="retention.toml")


def is_held(events: Sequence[Event]) -> bool:
    """Whether a legal hold stands on the dispatch whose events these are."""
    marks = [one.name for one in events if one.name in HOLDS]
    return bool(marks) and marks[-1] is EventName.LEGAL_HOLD_PLACED


def last_use(accepted_at: dt.datetime, events: Sequence[Event]) -> dt.datetime:
    """When something last happened to the dispatch: that a hold came or went, or that content expired, is no use."""
    return max([accepted_at, *(one.at for one in events if one.name not in _NO_USE)])


def kept_until(last: dt.datetime, rule: RetentionRule) -> dt.datetime:
    """When the years after the last use are over; those of 29 February on 1 March."""
    try:
        return last.replace(year=last.year + rule.years)
    except ValueError:
        return last.replace(year=last.year + rule.years, month=3, day=1)
