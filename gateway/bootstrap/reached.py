"""What both ways of reaching another case system offer: a folder on this machine, and one at a server."""

from collections.abc import Sequence
from typing import Protocol

from gateway.ports.drop_folder import DropFolder
from gateway.ports.feed import FeedPlace


class Reached(Protocol):
    """A folder, however it is reached."""

    def drop_folder(self, table: str, endings: Sequence[str]) -> DropFolder:
        """What others put files into for us there."""
        ...

    def feed_place(self) -> FeedPlace:
        """What we put batches into there."""
        ...
