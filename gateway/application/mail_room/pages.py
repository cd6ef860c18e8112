"""Items some at a time: memory stays the same however many envelopes a batch has."""

import datetime as dt
from collections.abc import Iterator, Sequence

from gateway.domain.manifest import BatchedItem
from gateway.ports.database import Database, Transaction

SOME = 250


def listed(tx: Transaction, number: str, *, some: int = SOME) -> Iterator[Sequence[BatchedItem]]:
    """The items of a closed manifest in their places, `some` at a time."""
    after = 0
    while items := tx.manifests.items(number, after=after, limit=some):
        yield items
        after = items[-1].place or 0


def waiting(tx: Transaction, *, channel: str | None = None, office: str | None = None) -> Iterator[BatchedItem]:
    """What lies in a batch and in no manifest, oldest first."""
    after = ""
    while items := tx.manifests.waiting(channel=channel, office=office, after=after, limit=SOME):
        yield from items
        after = items[-1].attempt


def waiting_by_turns(database: Database, *, channel: str, office: str) -> Iterator[BatchedItem]:
    """The same with no transaction open while an item is looked at."""
    after = ""
    while True:
        with database.look_up() as tx:
            items = tx.manifests.waiting(channel=channel, office=office, after=after, limit=SOME)
        if not items:
            return
        yield from items
        after = items[-1].attempt


def lying_by_turns(database: Database, *, channel: str, office: str, until: dt.datetime) -> Iterator[BatchedItem]:
    """What was closed by then and taken by nobody that we know of, with no transaction open while it is looked at."""
    after = ""
    while True:
        with database.look_up() as tx:
            items = tx.manifests.lying(channel=channel, office=office, closed_until=until, after=after, limit=SOME)
        if not items:
            return
        yield from items
        after = items[-1].attempt


def of_attempts(tx: Transaction, attempts: Sequence[str]) -> Iterator[BatchedItem]:
    """The items of those attempts, in their order."""
    for start in range(0, len(attempts), SOME):
        some = attempts[start : start + SOME]
        found = tx.manifests.of_attempts(some)
        yield from (found[one] for one in some)


def listed_by_turns(database: Database, number: str, *, some: int = SOME) -> Iterator[Sequence[BatchedItem]]:
    """What `listed` gives, with no transaction open while the items are looked at."""
    after = 0
    while True:
        with database.look_up() as tx:
            items = tx.manifests.items(number, after=after, limit=some)
        if not items:
            return
        yield items
        after = items[-1].place or 0
