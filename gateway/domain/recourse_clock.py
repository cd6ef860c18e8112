"""The clocks that run for a recipient (`gateway/rules/recourse_clocks.toml`): each from an event of its own.

What a recipient reads is the trigger, the period and the provision, never a date: whether and when a document was
received is theirs to say. Staff are shown a date as indicative.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gateway.domain.calendar import DayStep, count_calendar_days
from gateway.domain.deemed_receipt import OfficeDays, RollsPast
from gateway.domain.outcomes import Division, OutcomeCode
from gateway.domain.package import DecisionPackage, Person, ProceedingType, RemovalOrderAction
from gateway.domain.parties import TEXT, Language

Forum = Literal["RAD", "IAD", "FC", "removal"]


class ClockEvent(StrEnum):
    """What starts a clock."""

    RECEIVED = "received"
    """The person or the Minister receives it: by evidence, or deemed."""
    NOTIFIED = "notified"
    """The person is notified of it, or otherwise becomes aware of it."""
    PROVIDED = "provided"
    """Notice of it was provided."""


@dataclass(frozen=True, kw_only=True)
class RecourseClock:
    """One clock. What a condition leaves open fits everything.

    days: calendar days after the event, which is left out (Interpretation Act, s.27); 0 is the same day; None where it
    is no count of days. provision, trigger, period: for the recipient, in both languages.
    """

    clock: str
    forum: Forum
    event: ClockEvent
    rolls_past: RollsPast
    source: str
    source_fr: str
    provision_en: str = field(metadata=TEXT)
    provision_fr: str = field(metadata=TEXT)
    trigger_en: str = field(metadata=TEXT)
    trigger_fr: str = field(metadata=TEXT)
    period_en: str = field(metadata=TEXT)
    period_fr: str = field(metadata=TEXT)
    days: int | None = field(default=None, metadata={"ge": 0, "le": 366})
    appellant: Literal["person", "minister"] = "person"
    divisions: tuple[Division, ...] = ()
    proceedings: tuple[ProceedingType, ...] = ()
    outcomes: tuple[OutcomeCode, ...] = ()
    recourse: tuple[Literal["RAD", "IAD", "FC", "none"], ...] = ()
    abroad: bool | None = None

    def trigger(self, language: Language) -> str:
        """What starts it, for the recipient."""
        return self.trigger_fr if language is Language.FR else self.trigger_en

    def provision(self, language: Language) -> str:
        """Where it is laid down."""
        return self.provision_fr if language is Language.FR else self.provision_en

    def period(self, language: Language) -> str:
        """How long it runs, for the recipient."""
        return self.period_fr if language is Language.FR else self.period_en


def clocks_for(clocks: Iterable[RecourseClock], package: DecisionPackage, person: Person) -> tuple[RecourseClock, ...]:
    """The clocks of the recourse that the Registry set for the person, and of a removal order that comes into force.

    None where the Registry set no recourse: the forum is never guessed from the outcome (INTERFACE.md).
    """
    if person.recourse is None:
        return ()
    forums: set[Forum | Literal["none"]] = {person.recourse.forum}
    if _removal_order_stands(person):
        forums.add("removal")
    return tuple(clock for clock in clocks if clock.forum in forums and _fits(clock, package, person))


def _removal_order_stands(person: Person) -> bool:
    order = person.outcome.removal_order
    return order is not None and order.action not in (RemovalOrderAction.STAYED, RemovalOrderAction.SET_ASIDE)


def _fits(clock: RecourseClock, package: DecisionPackage, person: Person) -> bool:
    abroad = person.location == "abroad"
    return (
        (not clock.divisions or package.division in clock.divisions)
        and (not clock.proceedings or package.proceeding.type in clock.proceedings)
        and (not clock.outcomes or person.outcome.code in clock.outcomes)
        and (not clock.recourse or (person.recourse is not None and person.recourse.forum in clock.recourse))
        and clock.abroad in (None, abroad)
    )


def count_clock(clock: RecourseClock, event: dt.date, days: OfficeDays) -> tuple[DayStep, ...]:
    """The clock counted from the day of its event; for staff, as indicative. Empty where it is no count of days."""
    if clock.days is None:
        return ()
    bars, bars_next = days.bars(clock.rolls_past)
    return count_calendar_days(event, clock.days, bars=bars, bars_next=bars_next)
