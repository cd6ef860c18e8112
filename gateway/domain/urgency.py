"""How a delivery stands against its service standard."""

import datetime as dt
from enum import StrEnum

from gateway.domain.delivery import OWED, DeliveryState


class Urgency(StrEnum):
    """Whether what is still owed is in time."""

    ON_TIME = "on-time"
    AT_RISK = "at-risk"
    """From the standard's day of warning on; without one, on the last day."""
    LATE = "late"


def urgency(due: dt.date | None, warn_on: dt.date | None, today: dt.date) -> Urgency:
    """How something owed by that day stands. today: the date at its office. What has no date yet is on time."""
    if due is None:
        return Urgency.ON_TIME
    if today > due:
        return Urgency.LATE
    return Urgency.AT_RISK if today >= (warn_on or due) else Urgency.ON_TIME


def urgency_of(state: DeliveryState, due: dt.date | None, warn_on: dt.date | None, today: dt.date) -> Urgency | None:
    """The same of a delivery; None once it is no longer owed."""
    return urgency(due, warn_on, today) if state in OWED else None
