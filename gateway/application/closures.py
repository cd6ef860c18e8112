"""On which days an office is closed: federal holidays from the `holidays` package, and what it does not know.

It has the holidays of the federal public service with the Mondays that replace weekends, but neither Easter Monday
nor the one regional day of each office. The legal test is whether the Board's offices are closed (RPD r.1): days that
staff enter are given as `also`.
"""

import datetime as dt
from collections.abc import Collection
from functools import cache

import holidays

from gateway.domain.calendar import Closed
from gateway.domain.office import Office, RegionalDay

_MONDAY, _SATURDAY = 0, 5


def closed_at(office: Office, also: Collection[dt.date] = frozenset()) -> Closed:
    """Whether the office is closed on a day. also: closures that staff entered."""

    def closed(day: dt.date) -> bool:
        return day in also or day in _closed_days(day.year, office.regional_day)

    return closed


@cache
def _closed_days(year: int, regional: RegionalDay | None) -> frozenset[dt.date]:
    """All closed days of a year, whole before anybody sees them: a `holidays` calendar that fills itself while it is
    asked would answer wrongly to a second thread."""
    federal = holidays.country_holidays(
        "CA", categories=("government", "public"), language="en_CA", years=year, expand=False
    )
    good_friday = federal.get_named("Good Friday")
    easter_mondays = {day + dt.timedelta(days=3) for day in good_friday}
    regional_days = set() if regional is None else {_regional_day(year, regional)}
    return frozenset(federal) | easter_mondays | regional_days


def _regional_day(year: int, regional: RegionalDay) -> dt.date:
    if regional is RegionalDay.ST_JEAN:
        day = dt.date(year, 6, 24)
        return day if day.weekday() < _SATURDAY else _monday_from(day)
    return _monday_from(dt.date(year, 8, 1))


def _monday_from(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=(_MONDAY - day.weekday()) % 7)
