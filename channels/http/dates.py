"""Moments as HTTP writes them (RFC 9110 §5.6.7)."""

import datetime as dt
from email.utils import parsedate_to_datetime


def read_date(text: str) -> dt.datetime:
    """A date as HTTP writes it. Raises ValueError."""
    at = parsedate_to_datetime(text)
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)
