"""Links and sessions that open nothing any more are removed: that somebody signed in is among the events."""

import datetime as dt

from gateway.application.rounds import Round
from gateway.domain.signing_in import LONGEST
from gateway.ports.clock import Clock
from gateway.ports.database import Database

_WHAT = "exchange-spent"
_EVERY = dt.timedelta(hours=1)
_KEPT = dt.timedelta(days=1)
"""For a day more: a clock that was set back brings none of them to life."""


class ForgetSpent:
    """Safe to run anywhere, any number of times."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._round = Round(database, _WHAT, every=_EVERY)
        self._clock = clock

    def run_if_due(self) -> None:
        """Removes them, once an hour."""
        now = self._clock.now()
        if not self._round.may_begin(now):
            return
        with self._database.write() as tx:
            if tx.watch.begin(_WHAT, now=now, every=_EVERY):
                tx.exchange.forget_spent(links=now - _KEPT, sessions=now - LONGEST - _KEPT)
