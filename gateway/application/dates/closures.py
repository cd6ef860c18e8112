"""On which days an office is closed: federal holidays from the `holidays` package, and what it does not know.

It has the holidays of the federal public service with the Mondays that replace weekends, but neither Easter Monday
nor the one regional day of each office. The legal test is whether the Board's offices are closed (RPD r.1): days that
staff enter are given as `also`.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

from holidays import HolidayBase

from gateway.domain.calendar import Closed
from gateway.domain.deemed_receipt import OfficeDays
from gateway.domain.office import Office, RegionalDay

_MONDAY, _SATURDAY = 0, 5
_CATEGORIES = ("government", "public")
_OBSERVED = " (observed)"


class Holiday(StrEnum):
    """The holidays of federal offices by name, as the catalogues word them."""

    NEW_YEAR = "new-year"
    GOOD_FRIDAY = "good-friday"
    EASTER_MONDAY = "easter-monday"
    VICTORIA_DAY = "victoria-day"
    ST_JEAN = "st-jean"
    CANADA_DAY = "canada-day"
    AUGUST_MONDAY = "august-monday"
    LABOUR_DAY = "labour-day"
    TRUTH_AND_RECONCILIATION = "truth-and-reconciliation"
    THANKSGIVING = "thanksgiving"
    REMEMBRANCE_DAY = "remembrance-day"
    CHRISTMAS = "christmas"
    BOXING_DAY = "boxing-day"
    OTHER = "other"
    """A day that the library knows and this list does not, as a day of mourning."""


_NAMED: Mapping[str, Holiday] = {
    "New Year's Day": Holiday.NEW_YEAR,
    "Good Friday": Holiday.GOOD_FRIDAY,
    "Victoria Day": Holiday.VICTORIA_DAY,
    "Canada Day": Holiday.CANADA_DAY,
    "Labour Day": Holiday.LABOUR_DAY,
    "National Day for Truth and Reconciliation": Holiday.TRUTH_AND_RECONCILIATION,
    "Thanksgiving Day": Holiday.THANKSGIVING,
    "Remembrance Day": Holiday.REMEMBRANCE_DAY,
    "Christmas Day": Holiday.CHRISTMAS,
    "Boxing Day": Holiday.BOXING_DAY,
}


def closed_at(office: Office, also: Collection[dt.date] = frozenset()) -> Closed:
    """Whether the office is closed on a day. also: closures that staff entered."""

    def closed(day: dt.date) -> bool:
        return day in also or holiday_at(office, day) is not None

    return closed


def days_of(office: Office, also: Collection[dt.date] = frozenset()) -> OfficeDays:
    """What deemed receipt asks of the office's days. A statutory holiday is a federal holiday, Easter Monday among
    them, or one of the office's province (Interpretation Act, s.35); a closure that staff entered is none."""

    def statutory(day: dt.date) -> bool:
        return holiday_at(office, day) is not None or day in _provincial_days(day.year, office.province)

    return OfficeDays(closed=closed_at(office, also), statutory=statutory)


def holiday_at(office: Office, day: dt.date) -> Holiday | None:
    """The holiday that closes the office on that day, if one does."""
    return _holidays(day.year, office.regional_day).get(day)


@cache
def _holidays(year: int, regional: RegionalDay | None) -> Mapping[dt.date, Holiday]:
    """All holidays of a year, whole before anybody sees them: a `holidays` calendar that fills itself while it is
    asked would answer wrongly to a second thread."""
    federal = _canada()(categories=_CATEGORIES, language="en_CA", years=year, expand=False)
    found = {day: _NAMED.get(name.removesuffix(_OBSERVED), Holiday.OTHER) for day, name in federal.items()}
    for good_friday in [day for day, holiday in found.items() if holiday is Holiday.GOOD_FRIDAY]:
        found[good_friday + dt.timedelta(days=3)] = Holiday.EASTER_MONDAY
    if regional is not None:
        found.setdefault(_regional_day(year, regional), Holiday(regional.value))
    return found


@cache
def _provincial_days(year: int, province: str) -> frozenset[dt.date]:
    """The statutory holidays of a province or territory, federal ones among them."""
    return frozenset(_canada()(subdiv=province, categories=_CATEGORIES, language="en_CA", years=year, expand=False))


@cache
def _canada() -> type[HolidayBase]:
    """The country's calendar, from its module alone: asked for by its code, the library loads 250 countries first, some
    10 MB in every process."""
    countries = find_spec("holidays.countries")
    if countries is None or countries.origin is None:
        raise ImportError("holidays.countries")
    spec = spec_from_file_location("holidays.countries.canada", Path(countries.origin).with_name("canada.py"))
    if spec is None or spec.loader is None:
        raise ImportError("holidays.countries.canada")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    canada: type[HolidayBase] = module.Canada
    return canada


def _regional_day(year: int, regional: RegionalDay) -> dt.date:
    if regional is RegionalDay.ST_JEAN:
        day = dt.date(year, 6, 24)
        return day if day.weekday() < _SATURDAY else _monday_from(day)
    return _monday_from(dt.date(year, 8, 1))


def _monday_from(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=(_MONDAY - day.weekday()) % 7)
