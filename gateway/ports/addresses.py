"""The addresses that two people gave single deliveries, sealed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class StoredAddress:
    """An address as kept. fence: the delivery's when it was given: attempts up to that one went to another."""

    delivery: str
    fence: int
    given_at: dt.datetime
    sealed: bytes = field(repr=False)


class Addresses(Protocol):
    """The newest address that was given each delivery."""

    def put(self, address: StoredAddress) -> None:
        """In place of the one that was given before."""
        ...

    def of_dispatch(self, dispatch_id: str) -> Sequence[StoredAddress]:
        """Those of a dispatch's deliveries, in the order of these."""
        ...

    def of_deliveries(self, delivery_ids: Sequence[str]) -> Mapping[str, StoredAddress]:
        """By delivery; one that was given none is not in it."""
        ...
