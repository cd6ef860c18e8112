"""How early a way must be begun so that what is due goes in time (`gateway/rules/lead_times.toml`)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.calendar import Closed, is_working_day


@dataclass(frozen=True, kw_only=True)
class LeadTime:
    """working_days: before the day on which it is due. by: the latest on that day, by the office's clock."""

    working_days: int
    by: dt.time

    def begins_by(self, due: dt.date, closed: Closed, zone: dt.tzinfo) -> dt.datetime:
        """The latest beginning for what is due that day. closed, zone: of the office."""
        return dt.datetime.combine(_working_days_before(due, self.working_days, closed), self.by, zone)


def next_begins_by(
    after: Sequence[LeadTime], person: LeadTime, due: dt.date, closed: Closed, zone: dt.tzinfo
) -> dt.datetime:
    """When what comes after a channel must begin. after: the lead times of the channels that follow in the plan: each
    has to leave time for those behind it. person: that of a person, who follows where no channel does."""
    return min(one.begins_by(due, closed, zone) for one in after or (person,))


def _working_days_before(due: dt.date, days: int, closed: Closed) -> dt.date:
    day = due
    while days > 0:
        day -= dt.timedelta(days=1)
        days -= is_working_day(day, closed)
    return day
