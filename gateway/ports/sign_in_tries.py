"""Tries to sign in, as rows."""

import datetime as dt
from typing import Protocol


class SignInTriesStore(Protocol):
    """For each address, when all its tries will have been digested (`gateway.domain.rate`)."""

    def digested_at(self, address: str, now: dt.datetime) -> dt.datetime:
        """When; `now` where none is known. Until the transaction ends nobody else writes it."""
        ...

    def put(self, address: str, digested_at: dt.datetime) -> None:
        """Writes it, of an address that was asked about."""
        ...

    def forget(self, now: dt.datetime) -> None:
        """Removes those that are digested by then."""
        ...
