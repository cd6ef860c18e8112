"""What staff enter about days (closures, carriers that stand still), and how each due date was counted."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Closure:
    """A day on which an office is closed that no calendar knows; `office` None means every office.

    `reason` is sealed. A closure entered by mistake is withdrawn, never removed.
    """

    id: str
    office: str | None
    date: dt.date
    entered_at: dt.datetime
    entered_by: str
    reason: bytes
    withdrawn_at: dt.datetime | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class CarrierSuspension:
    """A channel whose carrier does not deliver from `since` until it is restored. The reasons are sealed."""

    id: str
    channel: str
    since: dt.datetime
    entered_at: dt.datetime
    entered_by: str
    reason: bytes
    restored_at: dt.datetime | None = None
    restored_by: str | None = None
    restored_reason: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class CountedDue:
    """How a dispatch's due date was counted: enough to count it again without opening the package.

    rule: the service standard's name. start: the day it counts from, at the office.
    """

    dispatch: str
    office: str
    rule: str
    start: dt.date
    due: dt.date
    warn_on: dt.date | None


@dataclass(frozen=True)
class DueCount:
    """How many deliveries are still owed by one day at one office."""

    office: str
    due: dt.date | None
    warn_on: dt.date | None
    count: int


@dataclass(frozen=True)
class OwedDispatch:
    """A dispatch that still owes deliveries, and by when."""

    dispatch: str
    office: str
    due: dt.date
    warn_on: dt.date | None


class Calendar(Protocol):
    """Closures, suspensions, counted due dates."""

    def add_closure(self, closure: Closure) -> None:
        """Appends."""
        ...

    def closures(self) -> Sequence[Closure]:
        """All, by date; withdrawn ones included."""
        ...

    def withdraw_closure(self, closure_id: str, *, at: dt.datetime, by: str) -> Closure:
        """The closure, withdrawn now or before. Raises NoSuchThing (closure.unknown)."""
        ...

    def suspend(self, suspension: CarrierSuspension) -> None:
        """Raises Conflict (channel.suspended) while the channel's carrier is suspended already."""
        ...

    def restore(self, channel: str, *, at: dt.datetime, by: str, reason: bytes) -> CarrierSuspension:
        """The suspension that ends. Raises Conflict (channel.not-suspended)."""
        ...

    def suspensions(self) -> Sequence[CarrierSuspension]:
        """All, oldest first; ended ones included."""
        ...

    def waiting_for_carrier(self) -> Sequence[str]:
        """The deliveries that wait for a person because a carrier is suspended."""
        ...

    def settled_since(self, since: dt.datetime) -> Sequence[str]:
        """The deliveries that stand as handed over and were settled since then, by whatever way they went."""
        ...

    def look_again(self, channel: str, now: dt.datetime) -> None:
        """What left by that channel and is not settled is looked at now, whenever it was to be."""
        ...

    def put_due(self, counted: CountedDue, *, borne: bool = False) -> None:
        """Writes how the date was counted, and the date on the dispatch and its deliveries unless they bear it."""
        ...

    def due_of(self, dispatch_ids: Sequence[str]) -> Mapping[str, CountedDue]:
        """How those dispatches' dates were counted; of the planned ones among them."""
        ...

    def open_due(self, *, office: str | None, touching: dt.date) -> Sequence[CountedDue]:
        """Dates whose count spans that day, of dispatches that still owe a delivery; `office` None means every."""
        ...

    def owed_until(self, day: dt.date) -> Sequence[OwedDispatch]:
        """The dispatches with deliveries that have not been sent, whose date or day of warning is that day or before;
        the earliest due first."""
        ...

    def count_owed(self) -> Sequence[DueCount]:
        """How many deliveries have not been sent, by office and date."""
        ...
