"""The closed ways that two people opened for single deliveries."""

from collections.abc import Mapping
from typing import Protocol

from gateway.domain.ways import Opened


class OpenedWays(Protocol):
    """The way that was opened last for each delivery."""

    def put(self, delivery_id: str, opened: Opened) -> None:
        """In place of the one that was opened before."""
        ...

    def close(self, delivery_id: str) -> None:
        """Nothing is open for it any more."""
        ...

    def of_dispatch(self, dispatch_id: str) -> Mapping[str, Opened]:
        """Those of a dispatch's deliveries, by participant."""
        ...
