"""How the work goes: what was due and went in time, by which ways, and how the ways themselves stand."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.application.office_dates import zone_of
from gateway.domain.destination import Destination
from gateway.domain.figures import SentCount
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.registry import ChannelPause

WEEK, MONTH = 7, 30
"""Days before today: what is due today is not over yet."""
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """week, month: what was due in the days before today. pauses: channels of ours that take nothing. destinations: the
    far ends that somebody has spoken to."""

    week: Sequence[SentCount]
    month: Sequence[SentCount]
    pauses: Sequence[ChannelPause]
    destinations: Sequence[Destination]


class Figures:
    """Reads for staff. office: the home's, by whose days it counts."""

    def __init__(
        self, *, database: Database, today: Callable[[str, dt.datetime], dt.date], office: str, clock: Clock
    ) -> None:
        self._database = database
        self._today = today
        self._office = office
        self._clock = clock

    def __call__(self) -> Standing:
        """As things stand."""
        now = self._clock.now()
        with self._database.read() as tx:
            return Standing(
                week=tx.figures.sent(self._ends(WEEK, now)),
                month=tx.figures.sent(self._ends(MONTH, now)),
                pauses=[one for one in tx.registry.pauses() if one.until > now],
                destinations=tx.destinations.all(),
            )

    def _ends(self, days: int, now: dt.datetime) -> dict[dt.date, dt.datetime]:
        """The days before today, each with the moment at which it was over at the office."""
        today, zone = self._today(self._office, now), zone_of(self._office)
        due = [today - _DAY * back for back in range(1, days + 1)]
        return {day: dt.datetime.combine(day + _DAY, dt.time(), zone) for day in due}
