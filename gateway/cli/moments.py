"""Moments as a person types them."""

import datetime as dt

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused


def moment(text: str) -> dt.datetime:
    """Raises InputRefused (request.invalid): a time of service without its offset is no time."""
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise InputRefused(Code.REQUEST_INVALID, where="--at", expected="format date-time")
    return read
