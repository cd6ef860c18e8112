"""Moments as a browser writes them in a form: on a clock, without its zone (HTML, local date and time)."""

import datetime as dt

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

_MINUTES = 16
"""Signs of `2026-11-27T14:05`."""


def moment_of(text: str, zone: dt.tzinfo, *, field: str) -> dt.datetime:
    """zone: of the office, on whose clock it is told. Raises InputRefused (request.invalid)."""
    try:
        told = dt.datetime.fromisoformat(text)
    except ValueError:
        told = None
    if told is None or told.tzinfo is not None:
        raise InputRefused(Code.REQUEST_INVALID, where=field, expected="format date-time")
    return told.replace(tzinfo=zone)


def written(moment: dt.datetime | None, zone: dt.tzinfo) -> str:
    """For the value of such a field; empty for none."""
    return moment.astimezone(zone).replace(tzinfo=None).isoformat()[:_MINUTES] if moment else ""


def within_the_minute(told: dt.datetime, earliest: dt.datetime) -> dt.datetime:
    """What a browser tells to the minute, of something that cannot have been before a moment within that minute."""
    return earliest if told < earliest < told + dt.timedelta(minutes=1) else told
