"""How the work goes: what was due and went in time, by which ways, and how the ways themselves stand."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.application.counting import Counting, Offices
from gateway.application.dates.office_dates import zone_of
from gateway.domain.destination import Destination
from gateway.domain.figures import SentCount, added
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.registry import ChannelPause

WEEK, MONTH = 7, 30
"""Days before today: what is due today is not over yet."""
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """week, month: what was due in the days before today. late: of the month's, what had not been sent at the end of
    each day; counted_at: when these were counted. pauses: channels of ours that take nothing. destinations: the far
    ends that somebody has spoken to."""

    week: Sequence[SentCount]
    month: Sequence[SentCount]
    late: Mapping[dt.date, int]
    counted_at: dt.datetime
    pauses: Sequence[ChannelPause]
    destinations: Sequence[Destination]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """As it is kept; late: by the day as ISO 8601 has it."""

    week: tuple[SentCount, ...]
    month: tuple[SentCount, ...]
    late: dict[str, int]


class Figures:
    """Reads for staff. office: the home's, by whose days it counts."""

    def __init__(
        self, *, database: Database, today: Callable[[str, dt.datetime], dt.date], office: str, clock: Clock
    ) -> None:
        self._database = database
        self._today = today
        self._office = office
        self._clock = clock
        self.counting = Counting("figures", Counted, self._count, database=database, clock=clock)

    def __call__(self, *, viewer: str) -> Standing:
        """As things stand; what was due and sent, of the viewer's offices and as it was counted last."""
        now, (counted, counted_at) = self._clock.now(), self.counting(viewer=viewer)
        with self._database.read() as tx:
            return Standing(
                week=counted.week,
                month=counted.month,
                late={dt.date.fromisoformat(day): count for day, count in counted.late.items()},
                counted_at=counted_at,
                pauses=[one for one in tx.registry.pauses() if one.until > now],
                destinations=tx.destinations.all(),
            )

    def _count(self, offices: Offices) -> Counted:
        """Days that are over change little, and counting them costs what all that was due in them costs."""
        now = self._clock.now()
        month, week = self._ends(MONTH, now), self._ends(WEEK, now)
        with self._database.read() as tx:
            sent, late = tx.figures.sent(month, offices=offices), tx.figures.late(month, offices=offices)
        return Counted(
            week=added(one for day, counts in sent.items() if day in week for one in counts),
            month=added(one for counts in sent.values() for one in counts),
            late={day.isoformat(): count for day, count in late.items()},
        )

    def _ends(self, days: int, now: dt.datetime) -> dict[dt.date, dt.datetime]:
        """The days before today, each with the moment at which it was over at the office."""
        today, zone = self._today(self._office, now), zone_of(self._office)
        due = [today - _DAY * back for back in range(1, days + 1)]
        return {day: dt.datetime.combine(day + _DAY, dt.time(), zone) for day in due}
