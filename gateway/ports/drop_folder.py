"""A folder that another system puts files into, and finds our answers in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """One file, taken: nobody else works on it for a while.

    name: what its sender called it. place: where it lies now. tries: how often it was taken, this time included.
    """

    name: str
    place: str
    tries: int


class DropFolder(Protocol):
    """A sender writes under a name that is left alone, then renames. Each method raises ServiceDown
    (storage.unavailable, storage.full) when the folder is away."""

    def take(self, limit: int) -> Sequence[Dropped]:
        """At most so many that are whole; those that somebody took and never came back from are taken again."""
        ...

    def read(self, dropped: Dropped, limit: int) -> bytes:
        """What is in it, of one that is larger no more than one octet beyond the limit.

        Raises InputRefused (drop.unreadable): of this one file, which we may not open.
        """
        ...

    def answer(self, dropped: Dropped, outcome: str, content: bytes) -> None:
        """Puts the one answer to it, whole under its name at once, in place of any given before."""
        ...

    def let_go(self, dropped: Dropped) -> None:
        """Removes the file: what was in it is kept elsewhere."""
        ...

    def set_aside(self, dropped: Dropped) -> None:
        """Keeps the file where nobody takes it again."""
        ...

    def refused(self) -> int:
        """How many files are set aside."""
        ...

    def give_back(self, dropped: Dropped) -> None:
        """As if it had not been taken."""
        ...


def in_turn(left_behind: Iterable[_T], arrived: Iterable[_T]) -> Iterator[_T]:
    """One of each in turn, so that neither keeps the other from being taken, however many there are."""
    for pair in zip_longest(left_behind, arrived):
        yield from (one for one in pair if one is not None)
