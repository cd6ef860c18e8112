"""Working days: what is counted, day by day, so that a date can be shown with its reasons.

A working day is a day other than a Saturday, a Sunday or a day on which the Board's offices are closed
(RPD r.1, RAD r.1, IAD r.1). Which days those are is given from outside.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Closed = Callable[[dt.date], bool]
"""Whether the office is closed on a day that is no weekend."""

_SATURDAY = 5
_LONGEST = 366


class DayKind(StrEnum):
    """Why a day counts or does not."""

    START = "start"
    """The day of the event itself: «after» leaves it out (Interpretation Act, s.27)."""
    WORKING = "working-day"
    WEEKEND = "weekend"
    CLOSED = "office-closed"


@dataclass(frozen=True, kw_only=True)
class DayStep:
    """One day of a count."""

    date: dt.date
    why: DayKind

    @property
    def counts(self) -> bool:
        """Whether the day is counted."""
        return self.why is DayKind.WORKING


def kind_of(day: dt.date, closed: Closed) -> DayKind:
    """What kind of day it is at the office."""
    if day.weekday() >= _SATURDAY:
        return DayKind.WEEKEND
    return DayKind.CLOSED if closed(day) else DayKind.WORKING


def is_working_day(day: dt.date, closed: Closed) -> bool:
    """Whether the office works on that day."""
    return kind_of(day, closed) is DayKind.WORKING


def working_day_from(day: dt.date, closed: Closed) -> dt.date:
    """The day itself if it is a working day, else the next one."""
    for ahead in range(_LONGEST):
        candidate = day + dt.timedelta(days=ahead)
        if is_working_day(candidate, closed):
            return candidate
    raise ValueError("an office that never opens has no working day")


def count_working_days(start: dt.date, days: int, closed: Closed) -> tuple[DayStep, ...]:
    """The days from `start`, which is not counted, to the working day number `days` after it.

    With `days` 0 it is the start alone, whatever day that is.
    """
    steps = [DayStep(date=start, why=DayKind.START)]
    counted = 0
    while counted < days:
        day = steps[-1].date + dt.timedelta(days=1)
        steps.append(DayStep(date=day, why=kind_of(day, closed)))
        counted += steps[-1].counts
        if len(steps) > _LONGEST * (days + 1):
            raise ValueError("an office that never opens has no working day")
    return tuple(steps)
