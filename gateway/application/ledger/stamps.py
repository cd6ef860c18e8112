"""Time stamps over checkpoints: asked for after a checkpoint stands, outside any transaction, again until there is one.

A checkpoint without its stamp is as good as before; the stamp only adds another's word for when it existed.
"""

import datetime as dt
from dataclasses import dataclass

from gateway.domain.problem import Problem
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.stamps import StampAuthority

REST = dt.timedelta(minutes=5)
"""How long a stamp that was asked for is left alone, whatever became of the question."""

AT_ONCE = 20
"""Stamps asked for in one round: after an outage of the authority the rest waits for the next."""


@dataclass(frozen=True, kw_only=True)
class StampRound:
    """How many stamps came, and what ended the round, if anything did."""

    done: int
    stopped: Problem | None = None


class StampCheckpoints:
    """Safe to run anywhere, any number of times. `authority`: None where none is configured."""

    def __init__(self, *, database: Database, authority: StampAuthority | None, clock: Clock) -> None:
        self._database = database
        self._authority = authority
        self._clock = clock

    def certificates(self) -> bytes:
        """Those that stamps are judged by, in PEM; none where no authority is configured. Raises SetupWrong (key.*)."""
        return b"" if self._authority is None else self._authority.certificates()

    def check(self) -> None:
        """Raises SetupWrong (key.*) when stamps could not be judged."""
        self.certificates()

    def __call__(self) -> StampRound:
        """Asks for what is owed and due, the newest first: it vouches for all events before it. The first question that
        fails ends the round; it and the others are due again later."""
        now = self._clock.now()
        if self._authority is None:
            return StampRound(done=0)
        with self._database.look_up() as tx:
            if not tx.ledger.stamps_due(now=now, limit=1):
                return StampRound(done=0)
        with self._database.write() as tx:
            claimed = tx.ledger.claim_stamps(now=now, again_at=now + REST, limit=AT_ONCE)
        for done, checkpoint in enumerate(claimed):
            try:
                stamp = self._authority.ask(checkpoint.note.encode())
            except Problem as problem:
                return StampRound(done=done, stopped=problem)
            with self._database.write() as tx:
                tx.ledger.add_stamp(checkpoint.size, stamp)
        return StampRound(done=len(claimed))
