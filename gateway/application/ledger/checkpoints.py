"""Checkpoints over the ledger: made when there is something new, and kept off the machine. See docs/adr."""

import datetime as dt
from collections.abc import Sequence

from gateway.domain.checkpoint import body_of
from gateway.domain.merkle import HASH_BYTES, Frontier
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.ledger import CheckpointPlace, CheckpointSigner, KeptCheckpoint

ORIGIN = "decision-gateway/ledger"
_MOST = 5_000
"""Events placed in one transaction: other writers wait meanwhile on SQLite."""


class MakeCheckpoints:
    """Safe to run anywhere, any number of times: one at a time places events, and a note that is kept stays."""

    def __init__(
        self,
        *,
        database: Database,
        signer: CheckpointSigner,
        place: CheckpointPlace | None,
        every: dt.timedelta,
        clock: Clock,
        stamped: bool = False,
    ) -> None:
        """place: where notes are kept besides the database; every: the shortest time between two checkpoints; stamped:
        whether each is to have a time stamp."""
        self._stamped = stamped
        self._database = database
        self._signer = signer
        self._place = place
        self._every = every
        self._clock = clock
        self._exported = 0

    def run_if_due(self) -> int:
        """Makes a checkpoint when the last is old enough and events came since; how many events were placed.

        Raises SetupWrong (key.*) and ServiceDown: storage.unavailable when the place does not take the note, which
        stands in the database all the same; the next time the newest is brought there, not those before it.
        """
        now = self._clock.now()
        with self._database.read() as tx:
            newest = tx.ledger.newest_checkpoint()
            due = (newest is None or now >= newest.made_at + self._every) and tx.ledger.unplaced()
        placed = self._make(now) if due else 0
        self._export(newest)
        return placed

    def run(self) -> int:
        """Makes a checkpoint over all there is now; how many events were placed. Raises as `run_if_due`."""
        placed = 0
        while made := self._make(self._clock.now()):
            placed += made
        self._export(None)
        return placed

    def _make(self, now: dt.datetime) -> int:
        with self._database.write() as tx:
            links = tx.ledger.place(_MOST)
            if links:
                tx.ledger.add_checkpoint(self._checkpoint(tx, links, now))
        return len(links)

    def _checkpoint(self, tx: Transaction, links: Sequence[bytes], now: dt.datetime) -> KeptCheckpoint:
        newest = tx.ledger.newest_checkpoint()
        before = Frontier() if newest is None else frontier_of(newest)
        tree = before.with_leaves(links)
        note = self._signer.sign(body_of(ORIGIN, tree.size, tree.root()), now)
        stamp_at = now if self._stamped else None
        return KeptCheckpoint(size=tree.size, frontier=b"".join(tree.roots), note=note, made_at=now, stamp_at=stamp_at)

    def _export(self, known: KeptCheckpoint | None) -> None:
        """Brings what is not there yet to the place; a process that just started begins with the newest."""
        if self._place is None or (known is not None and known.size == self._exported):
            return
        with self._database.read() as tx:
            newest = tx.ledger.newest_checkpoint()
        if newest is not None and newest.size != self._exported:
            self._place.keep(f"checkpoint-{newest.size:012d}.txt", newest.note)
            self._exported = newest.size


def frontier_of(kept: KeptCheckpoint) -> Frontier:
    """The tree that a checkpoint stands for."""
    roots = kept.frontier
    pieces = tuple(roots[start : start + HASH_BYTES] for start in range(0, len(roots), HASH_BYTES))
    return Frontier(kept.size, pieces)
