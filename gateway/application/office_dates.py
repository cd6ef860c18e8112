"""Dates as an office counts them: the service standard of a package, and what day it is there."""

import datetime as dt
from collections.abc import Collection, Mapping
from functools import cache
from zoneinfo import ZoneInfo

from gateway.application.closures import closed_at
from gateway.application.plan import OfficeTime
from gateway.application.rules import offices, service_standards
from gateway.domain.package import DecisionPackage
from gateway.domain.service_standard import DueDate, due


def office_time(closures: Mapping[str, Collection[dt.date]] | None = None) -> OfficeTime:
    """What planning asks of the calendar. closures: days that staff entered, by office."""
    entered = closures or {}

    def due_on(package: DecisionPackage) -> dt.date:
        return due_of(package, entered.get(package.office, frozenset())).date

    return OfficeTime(due=due_on, today=today_at)


def due_of(package: DecisionPackage, also: Collection[dt.date] = frozenset()) -> DueDate:
    """The package's due date at its office, with its reasons. also: closures that staff entered."""
    office = offices()[package.office]
    return due(package, service_standards(), closed_at(office, also), zone_of(package.office))


def today_at(office: str, moment: dt.datetime) -> dt.date:
    """The date at the office at a moment."""
    return moment.astimezone(zone_of(office)).date()


@cache
def zone_of(office: str) -> ZoneInfo:
    """The office's time zone."""
    return ZoneInfo(offices()[office].zone)
