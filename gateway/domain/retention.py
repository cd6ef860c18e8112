"""How long a package is kept: schedules by division and by how its dispatch ended (`gateway/rules/retention.toml`)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.domain.codes import Code
from gateway.domain.dispatch import DispatchState
from gateway.domain.outcomes import Division
from gateway.domain.problem import SetupWrong

FLOOR_YEARS = 2
"""Privacy Regulations, SOR/83-508, s.4(1)(a)."""

ENDED = frozenset({DispatchState.COMPLETE, DispatchState.RECALLED, DispatchState.CANCELLED})
"""States in which nothing is open. Nothing unsettled ever expires."""


@dataclass(frozen=True, kw_only=True)
class RetentionRule:
    """One schedule, in calendar years. Empty `divisions` and `kinds` mean all."""

    rule: str
    years: int = field(metadata={"ge": FLOOR_YEARS, "le": 100})
    source: str
    source_fr: str
    divisions: tuple[Division, ...] = ()
    kinds: tuple[DispatchState, ...] = ()


def find_retention(rules: Iterable[RetentionRule], division: Division, kind: DispatchState) -> RetentionRule:
    """The first rule that fits. Raises SetupWrong (settings.invalid): the last one must fit all."""
    for one in rules:
        if (not one.divisions or division in one.divisions) and (not one.kinds or kind in one.kinds):
            return one
    raise SetupWrong(Code.SETTINGS_INVALID, where="retention.toml")


def kept_until(last: dt.datetime, rule: RetentionRule) -> dt.datetime:
    """When the years after the last use are over; those of 29 February on 1 March."""
    try:
        return last.replace(year=last.year + rule.years)
    except ValueError:
        return last.replace(year=last.year + rule.years, month=3, day=1)
