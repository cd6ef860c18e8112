"""What happens to the gateway while it works: its processes are killed, and what stands around them fails.

Each strike is written down with what was in hand at that moment: one that fell into a pause proves nothing.
"""

import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import psycopg

from tests.real.postgresql import Postgresql
from tests.real.redis import Redis

Work = Callable[[], tuple[int, int]]
"""How much work is open, and how many sends are in flight; none that is known while the database is away."""

_OPEN = """
SELECT (SELECT count(*) FROM dispatches WHERE step IN ('plan', 'render'))
     + (SELECT count(*) FROM deliveries WHERE state IN ('planned', 'ready', 'deferred', 'sending')),
       (SELECT count(*) FROM deliveries WHERE state = 'sending')
"""


class Fault(StrEnum):
    """What strikes."""

    PROCESS = "kill -9 of a pool process"
    WORKER = "kill -9 of a whole worker"
    SCHEDULER = "kill -9 of the scheduler"
    WEB = "kill -9 of the web"
    SERVE = "kill -9 of the one process"
    FLUSH = "FLUSHALL"
    REDIS = "kill -9 of Redis"
    POSTGRESQL = "restart of PostgreSQL"
    DISK_FULL = "no room for papers"
    CUT = "connections to the mail server cut"
    SLOW = "connections to the mail server slow"
    MUTE = "silence of the mail server, after the final dot too"
    NOT_NOW = "450 from the mail server"
    NEVER = "550 from the mail server"
    CLOCK_ON = "clock put on"
    CLOCK_BACK = "clock put back"


@dataclass(frozen=True)
class Strike:
    """One fault, with how many pieces of work were open and how many sends in flight when it struck."""

    fault: Fault
    open: int
    sending: int


class Victims(Protocol):
    """The processes that die again and again, and are started again as a service manager would."""

    def pause(self) -> float:
        """Seconds until the next dies."""
        ...

    def next(self) -> tuple[Fault, Callable[[], None]]:
        """Which dies next, and how."""
        ...


@dataclass
class Chaos:
    """Strikes until it is told to stop. `victims`: what is killed all the while. `others`: what strikes beside, in
    turns that the seed shuffles, two seconds apart or more. `start_what_ended`: is asked before each turn."""

    victims: Victims
    work: Work
    seed: int
    others: Mapping[Fault, Callable[[], None]] = field(default_factory=dict)
    start_what_ended: Callable[[], None] = lambda: None
    strikes: list[Strike] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._until_told, args=(run,)) for run in (self._kill, self._disturb)]

    def __enter__(self) -> "Chaos":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

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

    def _until_told(self, run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException as error:
            self.failed.append(error)
            raise

    def _kill(self) -> None:
        while not self._stop.wait(self.victims.pause()):
            self._strike(*self.victims.next())

    def _disturb(self) -> None:
        """What strikes beside, one after the other while work is open: some take seconds."""
        turns = self._turns()
        while self.others and not self._stop.wait(2.0):
            self.start_what_ended()
            fault = next(turns)
            self._wait_for_work()
            self._strike(fault, self.others[fault])

    def _wait_for_work(self) -> None:
        """Packages come slowly and are soon done: each turn is to fall on one."""
        while not self.work()[0] and not self._stop.wait(0.02):
            pass

    def _turns(self) -> Iterator[Fault]:
        """The other faults again and again: each once before any comes a second time."""
        shuffled = random.Random(self.seed)
        while True:
            turn = list(self.others)
            shuffled.shuffle(turn)
            yield from turn

    def _strike(self, fault: Fault, strike: Callable[[], None]) -> None:
        seen = self.work()
        strike()
        self.strikes.append(Strike(fault, *seen))


def work_on_postgresql(postgresql: Postgresql, database: str) -> Work:
    """Asks that database of the server."""

    def work() -> tuple[int, int]:
        try:
            with postgresql.superuser(database) as connection:
                row = connection.execute(_OPEN).fetchone()
        except psycopg.OperationalError:
            return 0, 0
        assert row is not None
        return int(str(row[0])), int(str(row[1]))

    return work


def work_on_sqlite(file: Path) -> Work:
    """Asks the file, beside the process that works on it."""

    def work() -> tuple[int, int]:
        try:
            with closing(sqlite3.connect(file)) as connection:
                open_, sending = connection.execute(_OPEN).fetchone()
        except sqlite3.OperationalError:  # the disk is full
            return 0, 0
        return open_, sending

    return work


def die_and_come_back(redis: Redis) -> None:
    """Redis is gone for a second, and comes back empty."""
    redis.kill()
    time.sleep(1)
    redis.start()


def forget_the_waits(postgresql: Postgresql, database: str) -> None:
    """What failed is due again now: waits between tries are minutes, and the test has none."""
    with postgresql.superuser(database) as connection:
        try:
            connection.execute("UPDATE deliveries SET next_action_at = 0 WHERE state = 'deferred'")
            connection.execute("UPDATE dispatches SET next_action_at = 0 WHERE step IN ('plan', 'render')")
        except psycopg.errors.SerializationFailure:
            return
