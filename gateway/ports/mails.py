"""The gateway's own mails: links, notices and digests, which name nobody and hold nothing of a decision."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from gateway.domain.delivery import AttemptResult


@dataclass(frozen=True, kw_only=True)
class PlainLetter:
    """One mail. `id` is what is before the `@` of its Message-ID."""

    id: str
    address: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    at: dt.datetime


Send = Callable[[PlainLetter], AttemptResult]
"""Hands one mail over; it never raises for what a mail server does."""


class PlainMailer(Protocol):
    """Sends them: plain, since they say nothing."""

    def round(self) -> AbstractContextManager[Send]:
        """One mail after another by one connection, as far as the mail server keeps it. Of one thread."""
        ...
