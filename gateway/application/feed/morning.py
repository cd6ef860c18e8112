"""The reconciliation, each morning by the clock of the office, as files for staff."""

import datetime as dt
from collections.abc import Callable, Sequence

from gateway.application.feed.round import Timetable
from gateway.application.feed.standing import FeedStanding, ReportRow
from gateway.ports.clock import Clock
from gateway.ports.database import Database

_WATCH = "feed-report"

Write = Callable[[dt.datetime, Sequence[ReportRow]], None]
"""Keeps a report as it stood at that moment, by the clock of the office, in place of that day's. Raises ServiceDown."""


class MorningReport:
    """Any number of processes may: the report of a day is the same file."""

    def __init__(
        self, *, database: Database, standing: FeedStanding, write: Write, timetable: Timetable, clock: Clock
    ) -> None:
        """timetable: from which hour on, by which clock."""
        self._database = database
        self._standing = standing
        self._write = write
        self._timetable = timetable
        self._clock = clock

    def run_if_due(self) -> bool:
        """Whether a report was written. Raises ServiceDown (storage.*): it is due still."""
        now = self._clock.now()
        morning = self._timetable.last(now)
        with self._database.look_up() as tx:
            begun = tx.watch.begun_at(_WATCH)
        if begun is not None and begun >= morning:
            return False
        self._write(now.astimezone(self._timetable.zone), self._standing.report())
        with self._database.write() as tx:
            tx.watch.begin(_WATCH, now=now, every=now - morning)
        return True
