"""What waits for a person: how much there is of each kind, and the lists themselves, page by page."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.application.people.own_offices import offices_of
from gateway.domain.breach import Breach
from gateway.domain.desk import SavedView
from gateway.domain.outcomes import Division
from gateway.domain.urgency import Urgency, urgency_of
from gateway.domain.work_list import Place, WorkAsked, WorkList, WorkRow
from gateway.ports.clock import Clock
from gateway.ports.database import Database

PAGE = 50
_SOON = 7
"""Days."""
_MOST_BREACHES = 20
"""On one page: more in one week would be another matter."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How much waits. receipts: that came back and could not be matched; keys: that expired, will soon or are unfit;
    breaches: that are material and to be reported, the first due first."""

    lists: Mapping[WorkList, int]
    proposals: int
    receipts: int
    keys: int
    breaches: Sequence[Breach]


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What is accepted and not sent, by when it is due. soon: within a week from tomorrow."""

    late: int
    today: int
    soon: int
    later: int

    @property
    def whole(self) -> int:
        """All of it."""
        return self.late + self.today + self.soon + self.later


@dataclass(frozen=True, kw_only=True)
class WorkPage:
    """One page of a list; urgency: of each row. next: where the page after it begins, if there is one."""

    rows: Sequence[tuple[WorkRow, Urgency | None]]
    next: Place | None


class Work:
    """Reads for staff. today: the date at an office; office: the home's, by whose date lists are late or at risk."""

    def __init__(
        self, *, database: Database, today: Callable[[str, dt.datetime], dt.date], office: str, clock: Clock
    ) -> None:
        self._database = database
        self._today = today
        self._office = office
        self._clock = clock

    def waiting(self, *, viewer: str) -> Waiting:
        """What needs a person now, of the viewer's offices; keys are everybody's."""
        with self._database.read() as tx:
            offices = offices_of(tx, viewer)
            return Waiting(
                lists=tx.work_lists.counts(self._day(), offices=offices),
                proposals=tx.proposals.count_open(offices=offices),
                receipts=tx.incoming.count_for_person(offices=offices),
                keys=tx.watch.count(),
                breaches=tx.breaches.to_report(_MOST_BREACHES, offices=offices),
            )

    def is_fresh(self) -> bool:
        """Whether nothing was ever accepted here."""
        with self._database.look_up() as tx:
            return not tx.dispatches.newest(1)

    def backlog(self, *, viewer: str) -> Backlog:
        """What is still to be sent of the viewer's offices, by the home's date."""
        today = self._day()
        with self._database.look_up() as tx:
            offices = offices_of(tx, viewer)
            owed = [one for one in tx.calendar.count_owed() if offices is None or one.office in offices]
        counts = [(one.due, one.count) for one in owed]
        week = today + dt.timedelta(days=_SOON)

        def of(stands: Callable[[dt.date], bool]) -> int:
            return sum(count for due, count in counts if due is not None and stands(due))

        late, due_today = of(lambda due: due < today), of(lambda due: due == today)
        soon = of(lambda due: today < due <= week)
        whole = sum(count for _, count in counts)
        return Backlog(late=late, today=due_today, soon=soon, later=whole - late - due_today - soon)

    def page(
        self, which: WorkList, *, viewer: str, division: Division | None, channel: str | None, after: Place | None
    ) -> WorkPage:
        """A page of a list, of the viewer's offices."""
        day = self._day()
        with self._database.look_up() as tx:
            asked = WorkAsked(
                which=which,
                today=day,
                division=division,
                channel=channel,
                offices=offices_of(tx, viewer),
                after=after,
            )
            rows = tx.work_lists.rows(asked, PAGE + 1)
            due = tx.calendar.due_of(list(dict.fromkeys(one.delivery.dispatch for one in rows)))
        stands = []
        for row in rows[:PAGE]:
            counted = due.get(row.delivery.dispatch)
            warn_on = counted.warn_on if counted else None
            stands.append((row, urgency_of(row.delivery.state, row.delivery.due, warn_on, day)))
        return WorkPage(rows=stands, next=rows[PAGE - 1].place if len(rows) > PAGE else None)

    def counts_of(self, views: Sequence[SavedView], *, viewer: str) -> Sequence[int]:
        """How many of the viewer's offices stand in each, no further than `MOST_COUNTED`."""
        day = self._day()
        with self._database.look_up() as tx:
            offices = offices_of(tx, viewer)
            asked = [
                WorkAsked(which=one.which, today=day, division=one.division, channel=one.channel, offices=offices)
                for one in views
            ]
            return [tx.work_lists.count(one) for one in asked]

    def _day(self) -> dt.date:
        return self._today(self._office, self._clock.now())
