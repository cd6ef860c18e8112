"""What happens to the engine while it works: workers, Redis and PostgreSQL are killed, and the broker forgets all.

Each strike is written down with what was in hand at that moment: one that fell into a pause proves nothing.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import psycopg

from tests.real.engine import Engine, Part
from tests.real.postgresql import Postgresql
from tests.real.redis import Redis

_OPEN = """
SELECT (SELECT count(*) FROM dispatches WHERE step IN ('plan', 'render'))
     + (SELECT count(*) FROM deliveries WHERE state IN ('planned', 'ready', 'deferred', 'sending')),
       (SELECT count(*) FROM deliveries WHERE state = 'sending')
"""


class Fault(StrEnum):
    """What strikes."""

    PROCESS = "kill -9 of a pool process"
    WORKER = "kill -9 of a whole worker"
    FLUSH = "FLUSHALL"
    REDIS = "kill -9 of Redis"
    POSTGRESQL = "restart of PostgreSQL"


@dataclass(frozen=True)
class Strike:
    """One fault, with how many pieces of work were open and how many sends in flight when it struck."""

    fault: Fault
    open: int
    sending: int


@dataclass
class Chaos:
    """Strikes each second until it is told to stop. `workers`: those that run; a killed one is started again.
    `only_workers`: Redis and PostgreSQL are left in peace."""

    engine: Engine
    redis: Redis
    postgresql: Postgresql
    database: str
    seed: int
    workers: list[Part] = field(default_factory=list)
    only_workers: bool = False
    strikes: list[Strike] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Chaos":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def count(self, *faults: Fault) -> int:
        """How often those faults struck while work was open."""
        return sum(1 for one in self.strikes if one.fault in faults and one.open)

    def in_flight(self, *faults: Fault) -> int:
        """How often those faults struck while a send was in flight."""
        return sum(1 for one in self.strikes if one.fault in faults and one.sending)

    def told(self) -> str:
        """The counts, for a person."""
        by_fault = Counter(one.fault for one in self.strikes)
        return "; ".join(
            f"{fault.value}: {count}, {self.count(fault)} with work open, {self.in_flight(fault)} with sends in flight"
            for fault, count in sorted(by_fault.items())
        )

    def _run(self) -> None:
        others: dict[int, tuple[Fault, Callable[[], None]]] = {
            3: (Fault.FLUSH, self.redis.empty),
            5: (Fault.REDIS, self._kill_redis),
            8: (Fault.POSTGRESQL, self.postgresql.restart),
        }
        if self.only_workers:
            others = {}
        second, whole = 0, 0
        try:
            while not self._stop.wait(1.0):
                second += 1
                self._start_what_ended()
                # A machine that is slow to start a worker would otherwise never have one.
                if second >= whole + 5 and all(worker.pool() for worker in self.workers):
                    whole = second
                    self._strike(Fault.WORKER, self._kill_worker)
                else:
                    self._strike(Fault.PROCESS, self._kill_process)
                if second % 10 in others:
                    self._strike(*others[second % 10])
        except BaseException as error:
            self.failed.append(error)
            raise

    def _start_what_ended(self) -> None:
        """As a service manager would: a worker that finds no database when it starts says so and ends."""
        for place, worker in enumerate(self.workers):
            if worker.process.poll() is not None:
                self.workers[place] = self.engine.start("worker", "--processes", "2")

    def _strike(self, fault: Fault, strike: Callable[[], None]) -> None:
        seen = self._work()
        strike()
        self.strikes.append(Strike(fault, *seen))

    def _work(self) -> tuple[int, int]:
        with self.postgresql.superuser(self.database) as connection:
            row = connection.execute(_OPEN).fetchone()
        assert row is not None
        return int(str(row[0])), int(str(row[1]))

    def _kill_process(self) -> None:
        pool = [pid for worker in self.workers for pid in worker.pool()]
        if pool:
            os.kill(self._random.choice(pool), signal.SIGKILL)

    def _kill_worker(self) -> None:
        place = self._random.randrange(len(self.workers))
        self.workers[place].kill()
        self.workers[place] = self.engine.start("worker", "--processes", "2")

    def _kill_redis(self) -> None:
        self.redis.kill()
        time.sleep(1)
        self.redis.start()


def forget_the_waits(postgresql: Postgresql, database: str) -> None:
    """What failed is due again now: waits between tries are minutes, and the test has none."""
    with postgresql.superuser(database) as connection:
        try:
            connection.execute("UPDATE deliveries SET next_action_at = 0 WHERE state = 'deferred'")
            connection.execute("UPDATE dispatches SET next_action_at = 0 WHERE step IN ('plan', 'render')")
        except psycopg.errors.SerializationFailure:
            return
