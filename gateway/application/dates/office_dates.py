"""Dates as an office counts them: service standards, deemed receipt, and what day it is there."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache
from zoneinfo import ZoneInfo

from gateway.application.dates.closures import closed_at, days_of
from gateway.application.dates.receipt_rules import deemed_receipt_rules
from gateway.application.planning.plan import OfficeTime
from gateway.application.rules import offices, service_standards
from gateway.domain.codes import Code
from gateway.domain.deemed_receipt import DeemedReceipt, deemed_receipt, find_deemed_rule
from gateway.domain.office import Office
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage
from gateway.domain.problem import InputRefused
from gateway.domain.service_standard import Circumstances, DueDate, count, due, find_standard
from gateway.domain.suspension import Suspension


def office_time(closed_days: Callable[[str], Collection[dt.date]] = lambda _: frozenset()) -> OfficeTime:
    """What planning asks of the calendar. closed_days: the days on which staff closed an office."""

    def due_on(package: DecisionPackage) -> DueDate:
        return due_of(package, closed_days(package.office))

    return OfficeTime(due=due_on, today=today_at)


def due_of(package: DecisionPackage, also: Collection[dt.date] = frozenset()) -> DueDate:
    """The package's due date at its office, with its reasons. also: closures that staff entered."""
    office = offices()[package.office]
    return due(package, service_standards(), closed_at(office, also), zone_of(package.office))


def deadline(case: Circumstances, moment: dt.datetime, office: str, also: Collection[dt.date] = frozenset()) -> DueDate:
    """The last day of the standard of such a decision, counted from a moment.

    Raises InputRefused (decision.unknown-office).
    """
    at = known_office(office)
    start = moment.astimezone(ZoneInfo(at.zone)).date()
    return count(find_standard(service_standards(), case), start, closed_at(at, also))


def deemed(
    division: Division,
    mailed: dt.date,
    office: str,
    *,
    abroad: bool,
    iad_rolls: bool,
    also: Collection[dt.date] = frozenset(),
    suspensions: Sequence[Suspension] = (),
) -> DeemedReceipt:
    """When a document mailed that day is considered to be received. Raises InputRefused (decision.unknown-office)."""
    rule = find_deemed_rule(deemed_receipt_rules(iad_rolls=iad_rolls), division, abroad=abroad)
    return deemed_receipt(rule, mailed, days_of(known_office(office), also), suspensions)


def known_office(office: str) -> Office:
    """The office. Raises InputRefused (decision.unknown-office)."""
    try:
        return offices()[office]
    except KeyError:
        raise InputRefused(
            Code.DECISION_UNKNOWN_OFFICE, where="office", expected=", ".join(sorted(offices()))
        ) from None


def today_at(office: str, moment: dt.datetime) -> dt.date:
    """The date at the office at a moment."""
    return moment.astimezone(zone_of(office)).date()


def on_office_clock(package: DecisionPackage) -> DecisionPackage:
    """The package with the moments of its decision told by the office's clock, whatever offset the sender wrote.

    What dates a decision on paper is the day at the office: an evening decision written in UTC is not tomorrow's.
    """
    zone, decision = zone_of(package.office), package.decision
    members = tuple(
        replace(one, signed_at=one.signed_at.astimezone(zone) if one.signed_at else None) for one in decision.members
    )
    told = replace(
        decision,
        signed_at=decision.signed_at.astimezone(zone),
        rendered_at=decision.rendered_at.astimezone(zone) if decision.rendered_at else None,
        members=members,
    )
    return replace(package, decision=told)


@cache
def zone_of(office: str) -> ZoneInfo:
    """The office's time zone."""
    return ZoneInfo(offices()[office].zone)
