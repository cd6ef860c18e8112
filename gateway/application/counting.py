"""What takes long to count is counted by the maintenance, kept as a row, and shown with the time it was counted.

So who asks first, after a start or in the morning, waits no longer than who asks second, however much there is. Each
set of offices that an account has is counted by itself.
"""

import datetime as dt
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from gateway.application.kept_json import from_kept, to_kept
from gateway.application.people.own_offices import offices_of
from gateway.application.rounds import Round
from gateway.ports.clock import Clock
from gateway.ports.counts import KeptCount
from gateway.ports.database import Database

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

EVERY = dt.timedelta(minutes=5)
LONGEST = dt.timedelta(hours=1)
"""What is older is counted by who asks: nobody does the maintenance."""

T = TypeVar("T", bound="DataclassInstance")
Offices = frozenset[str] | None


class Counting(Generic[T]):
    """Counts one thing. kind: its type; count: of those offices, None meaning all."""

    def __init__(
        self, name: str, kind: type[T], count: Callable[[Offices], T], *, database: Database, clock: Clock
    ) -> None:
        self._name = name
        self._kind = kind
        self._count = count
        self._database = database
        self._clock = clock
        self._round = Round(database, f"count-{name}", every=EVERY)
        self._counting = threading.Lock()

    def __call__(self, *, viewer: str) -> tuple[T, dt.datetime]:
        """For the offices of who looks, and when it was counted."""
        with self._database.look_up() as tx:
            offices = offices_of(tx, viewer)
        kept = self._kept(offices)
        if kept is None:
            with self._counting:  # who else comes meanwhile finds it counted
                kept = self._kept(offices) or self.count_now(offices)
        return from_kept(self._kind, kept.content, where=kept.name), kept.counted_at

    def run_if_due(self) -> bool:
        """Whether it was counted, for all and for each set of offices that an account has."""
        if not self._round.begins(self._clock.now()):
            return False
        with self._database.look_up() as tx:
            sets = {one.offices for one in tx.accounts.all() if one.offices and one.disabled_at is None}
        for offices in (None, *sorted(sets, key=sorted)):
            self.count_now(offices)
        return True

    def count_now(self, offices: Offices = None) -> KeptCount:
        """As it stands at this moment, and kept."""
        now = self._clock.now()
        count = KeptCount(name=self._named(offices), counted_at=now, content=to_kept(self._count(offices)))
        with self._database.write() as tx:
            tx.kept_counts.put(count)
        return count

    def _kept(self, offices: Offices) -> KeptCount | None:
        with self._database.look_up() as tx:
            kept = tx.kept_counts.get(self._named(offices))
        return kept if kept is not None and self._clock.now() - kept.counted_at < LONGEST else None

    def _named(self, offices: Offices) -> str:
        return self._name if offices is None else f"{self._name}:{','.join(sorted(offices))}"
