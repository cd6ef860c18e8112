"""Destinations as rows that all workers share."""

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.destination import Destination


class Destinations(Protocol):
    """How each destination stands. One that nobody has spoken to yet stands as `Destination(name=…)`."""

    def get(self, name: str, *, lock: bool = False) -> Destination:
        """As it stands. `lock`: until the transaction ends nobody else writes it or gets it locked."""
        ...

    def save(self, destination: Destination) -> None:
        """Writes how it stands, in the transaction in which it was got locked."""
        ...

    def all(self) -> Sequence[Destination]:
        """Those that somebody has spoken to, by name."""
        ...
