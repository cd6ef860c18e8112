"""A carrier that does not deliver for a while, as in a strike: what it was given is not deemed received meanwhile."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Suspension:
    """The days on which a channel's carrier does not deliver: from `since` to the day before `until`, or until further
    notice."""

    channel: str
    since: dt.date
    until: dt.date | None = None

    def covers(self, day: dt.date) -> bool:
        """Whether the carrier stands still on that day."""
        return self.since <= day and (self.until is None or day < self.until)
