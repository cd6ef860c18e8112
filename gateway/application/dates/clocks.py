"""The clocks that run for the persons of a dispatch, as staff are shown them: each from its own event, with the date as
indicative. What recipients are given is the trigger, the period and the provision (`RecourseClock`), never a date."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from gateway.application.casework import Case, OpenCase
from gateway.application.dates.calendar import OfficeCalendar
from gateway.application.dates.closures import days_of
from gateway.application.dates.office_dates import zone_of
from gateway.application.dates.receipt_rules import recourse_clocks
from gateway.application.dates.services import Services
from gateway.application.rules import offices
from gateway.application.sealed import package_key
from gateway.application.views import View
from gateway.domain.deemed_receipt import OfficeDays
from gateway.domain.package import Person
from gateway.domain.parties import Language, Role
from gateway.domain.recourse_clock import ClockEvent, RecourseClock, clocks_for, count_clock
from gateway.domain.service import Service
from gateway.ports.database import Database

_MINISTER = frozenset({Role.MINISTER_COUNSEL, Role.SORTING_CENTRE})


class Clocks:
    """Counts the clocks of a dispatch."""

    def __init__(
        self, *, database: Database, open_case: OpenCase, services: Services, calendar: OfficeCalendar
    ) -> None:
        self._database = database
        self._open_case = open_case
        self._services = services
        self._calendar = calendar

    def of(self, dispatch_id: str) -> list[View]:
        """One line for each clock and each participant from whose service it runs; one without a date while nothing
        was provided. Raises NoSuchThing (dispatch.unknown)."""
        with self._database.read() as tx:
            dispatch = tx.dispatches.get(dispatch_id)
        case = self._open_case(dispatch)
        served = self._served(case)
        days = days_of(offices()[dispatch.office], self._calendar.closed_days(dispatch.office))
        return [
            view
            for person in case.decision.persons
            for clock in clocks_for(recourse_clocks(), case.decision, person)
            for view in _views(case, person, clock, served, days)
        ]

    def _served(self, case: Case) -> Mapping[str, Sequence[Service]]:
        """The services of each participant."""
        dispatch = case.dispatch
        with self._database.read() as tx:
            deliveries = tx.deliveries.of_dispatch(dispatch.id)
            ids = [one.id for one in deliveries]
            attempts, receipts = tx.deliveries.attempts_of(ids), tx.records.receipts_of(ids)
            key = package_key(tx.registry, dispatch)
        return {
            one.participant: self._services.of(dispatch, one, attempts.get(one.id, ()), receipts.get(one.id, ()), key)
            for one in deliveries
        }


def _views(
    case: Case, person: Person, clock: RecourseClock, served: Mapping[str, Sequence[Service]], days: OfficeDays
) -> Iterator[View]:
    concerned: list[str | None] = [one for one in served if _concerns(case, one, person, clock)]
    for participant in concerned or [None]:
        services = served.get(participant, ()) if participant is not None else ()
        event = _event(clock, services, zone_of(case.dispatch.office))
        steps = count_clock(clock, event, days) if event is not None else ()
        yield {
            "person": person.id,
            "clock": clock.clock,
            "forum": clock.forum,
            "appellant": clock.appellant,
            "participant": participant,
            "provision": {one.value: clock.provision(one) for one in Language},
            "trigger": {one.value: clock.trigger(one) for one in Language},
            "period": {one.value: clock.period(one) for one in Language},
            "runs_from": event.isoformat() if event else None,
            "indicative": steps[-1].date.isoformat() if steps else None,
            "source": clock.source,
        }


def _concerns(case: Case, participant_id: str, person: Person, clock: RecourseClock) -> bool:
    """Whether the clock runs from what that participant was provided with."""
    participant = case.decision.participant(participant_id)
    if participant is None:  # added by a rule: the Minister's side, or somebody whom nobody represents
        return clock.appellant == "minister" and participant_id in _MINISTER
    minister = bool(_MINISTER & set(participant.roles))
    if minister or clock.appellant == "minister":
        return minister and clock.appellant == "minister"
    return person.id in {participant.id, *participant.represents}


def _event(clock: RecourseClock, services: Sequence[Service], zone: dt.tzinfo) -> dt.date | None:
    """The day of the clock's event by the last service: received by evidence or deemed; else the day of providing."""
    if not services:
        return None
    last = services[-1]
    if clock.event is ClockEvent.RECEIVED:
        return last.received_at.astimezone(zone).date() if last.received_at else last.deemed_at
    return last.provided_at.astimezone(zone).date() if last.provided_at else None
