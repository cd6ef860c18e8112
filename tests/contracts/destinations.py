"""What every `Destinations` keeps to: as it was written, and one at a time."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from gateway.domain.breaker import Breaker, BreakerState
from gateway.domain.destination import Destination
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW

THREADS = 8


class DestinationsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_one_that_nobody_spoke_to_stands_as_new_and_is_not_listed(self, database: Database) -> None:
        with database.read() as tx:
            assert tx.destinations.get("fax") == Destination(name="fax")
            assert tx.destinations.all() == []

    def test_it_comes_back_as_it_was_written(self, database: Database) -> None:
        breaker = Breaker(
            state=BreakerState.HALF_OPEN, failures=5, openings=2, since=NOW, until=NOW + MINUTE, probe="an-attempt"
        )
        full = Destination(name="encrypted-email", digested_at=NOW + MINUTE, breaker=breaker)
        with database.write() as tx:
            assert tx.destinations.get(full.name, lock=True) == Destination(name=full.name)
            tx.destinations.save(full)
            tx.destinations.get("courier", lock=True)
        with database.read() as tx:
            assert tx.destinations.get(full.name) == full
            assert tx.destinations.all() == [Destination(name="courier"), full]
        with database.write() as tx:
            tx.destinations.get(full.name, lock=True)
            tx.destinations.save(Destination(name=full.name))
        with database.read() as tx:
            assert tx.destinations.get(full.name) == Destination(name=full.name)

    def test_of_many_that_hold_it_at_once_none_loses_anothers_change(self, database: Database) -> None:
        together = threading.Barrier(THREADS)

        def work() -> None:
            together.wait()
            for _ in range(10):
                with database.write() as tx:
                    now = tx.destinations.get("fax", lock=True)
                    moved = (now.digested_at or NOW) + dt.timedelta(seconds=1)
                    tx.destinations.save(replace(now, digested_at=moved))

        with ThreadPoolExecutor(THREADS) as threads:
            for one in [threads.submit(work) for _ in range(THREADS)]:
                one.result()
        with database.read() as tx:
            assert tx.destinations.get("fax").digested_at == NOW + dt.timedelta(seconds=THREADS * 10)
