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

Bars = Callable[[dt.date], "DayKind | None"]
"""Why a count cannot end on a day; None where it can."""


def nothing_bars(_: dt.date) -> "DayKind | None":
    """A count may end on any day."""
    return None


_SATURDAY = 5
_LONGEST = 366


class DayKind(StrEnum):
    """What a day is in a count: why it counts or does not."""

    START = "start"
    """The day of the event itself: «after» leaves it out (Interpretation Act, s.27)."""
    WORKING = "working-day"
    WEEKEND = "weekend"
    CLOSED = "office-closed"
    CALENDAR = "calendar-day"
    """Counted whatever day it is."""
    HOLIDAY = "statutory-holiday"
    SUSPENDED = "carrier-suspended"
    """The carrier did not deliver: the count stands still."""


@dataclass(frozen=True, kw_only=True)
class DayStep:
    """One day of a count. `counts`: whether it is one of the days counted."""

    date: dt.date
    why: DayKind
    counts: bool


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
    steps = [DayStep(date=start, why=DayKind.START, counts=False)]
    counted = 0
    while counted < days:
        day = steps[-1].date + dt.timedelta(days=1)
        kind = kind_of(day, closed)
        steps.append(DayStep(date=day, why=kind, counts=kind is DayKind.WORKING))
        counted += steps[-1].counts
        if len(steps) > _LONGEST * (days + 1):
            raise ValueError("an office that never opens has no working day")
    return tuple(steps)


def count_calendar_days(
    start: dt.date,
    days: int,
    *,
    bars: Bars = nothing_bars,
    bars_next: Bars = nothing_bars,
    skips: Callable[[dt.date], bool] = lambda _: False,
) -> tuple[DayStep, ...]:
    """The days from `start`, which is not counted, to the day number `days` after it, or the next on which the count
    can end. With `days` 0 it is the start alone.

    bars: asked of the last day. bars_next: of those that follow a last day that is barred. skips: days on which the
    count stands still.
    """
    steps = [DayStep(date=start, why=DayKind.START, counts=False)]
    counted = 0
    while counted < days or (days and steps[-1].why not in (DayKind.CALENDAR, DayKind.WORKING)):
        day = steps[-1].date + dt.timedelta(days=1)
        if skips(day):
            steps.append(DayStep(date=day, why=DayKind.SUSPENDED, counts=False))
        elif counted < days:
            counted += 1
            barred = bars(day) if counted == days else None
            steps.append(DayStep(date=day, why=barred or DayKind.CALENDAR, counts=True))
        else:
            steps.append(DayStep(date=day, why=bars_next(day) or DayKind.WORKING, counts=False))
        if len(steps) > _LONGEST * (days + 1):
            raise ValueError("a count that nothing ends")
    return tuple(steps)
