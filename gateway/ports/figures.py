"""Counts over what was due."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.domain.figures import SentCount


class SentFigures(Protocol):
    """Counts, made when they are asked for."""

    def sent(
        self, ends: Mapping[dt.date, dt.datetime], *, offices: frozenset[str] | None = None
    ) -> Mapping[dt.date, Sequence[SentCount]]:
        """Of the deliveries that were due on each of those days, but those recalled or cancelled; `ends`: when the day
        was over. A day on which nothing was due is left out. Of those offices, None: of every one."""
        ...

    def late(
        self, ends: Mapping[dt.date, dt.datetime], *, offices: frozenset[str] | None = None
    ) -> Mapping[dt.date, int]:
        """For each of those days how many deliveries that were due by it, and not before the first of them, had not
        been sent when it was over; without those recalled or cancelled since. Of those offices, None: of every one."""
        ...
