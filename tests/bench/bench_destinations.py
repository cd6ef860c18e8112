"""Caps and paces as database rows: what a grant costs, and whether the pace is kept by several workers together."""

import datetime as dt
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from gateway.domain.breaker import BreakerPolicy
from gateway.domain.destination import Limits, after_taking, allowance
from gateway.domain.rate import Rate
from gateway.store.engine import SqlDatabase, upgrade
from tests.real.postgresql import running_postgresql

_WORKERS, _SECONDS, _PER_SECOND, _BURST = 4, 4.0, 100, 5
_WAIT = dt.timedelta(minutes=1)
_LIMITS = Limits(
    at_once=10_000,
    rate=Rate(interval=dt.timedelta(seconds=1) / _PER_SECOND, burst=_BURST),
    breaker=BreakerPolicy(failures=5, first_wait=_WAIT, longest_wait=_WAIT, probe=_WAIT, outage=_WAIT),
)


def main() -> None:
    """Prints one line for each database."""
    print(f"a pace of {_PER_SECOND} a second, burst {_BURST}, {_WORKERS} workers, {_SECONDS:.0f} s")
    print(f"{'':12}{'granted':>9}{'at most':>9}{'worst 1 s':>11}{'ms a try':>10}")
    for name, opened in (("SQLite", _on_sqlite), ("PostgreSQL", _on_postgresql)):
        with opened() as database:
            grants, tries, seconds = _ask(database)
        worst = max(bisect_left(grants, one + 1.0) - at for at, one in enumerate(grants))
        most = int(_SECONDS * _PER_SECOND) + _BURST
        print(f"{name:12}{len(grants):>9}{most:>9}{worst:>11}{seconds / tries * 1_000:>10.2f}")


def _ask(database: SqlDatabase) -> tuple[list[float], int, float]:
    """When each grant came, how many tries there were, and how long they took in all."""
    end, lock = time.monotonic() + _SECONDS, threading.Lock()
    grants: list[float] = []

    def work() -> tuple[int, float]:
        tries, spent = 0, 0.0
        while (begun := time.monotonic()) < end:
            now = dt.datetime.now(dt.UTC)
            with database.write() as tx:
                standing = tx.destinations.get("encrypted-email", lock=True)
                allowed = allowance(standing, _LIMITS, in_flight=0, now=now)
                if allowed.count:
                    tx.destinations.save(after_taking(standing, _LIMITS, allowed, ("one",), now))
            if allowed.count:
                with lock:
                    grants.append(now.timestamp())
            tries, spent = tries + 1, spent + time.monotonic() - begun
            time.sleep(0.002)
        return tries, spent

    with ThreadPoolExecutor(_WORKERS) as threads:
        ends = [one.result() for one in [threads.submit(work) for _ in range(_WORKERS)]]
    return sorted(grants), sum(tries for tries, _ in ends), sum(spent for _, spent in ends)


@contextmanager
def _on_sqlite() -> Iterator[SqlDatabase]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/gateway.db"
        upgrade(url)
        database = SqlDatabase(url)
        yield database
        database.close()


@contextmanager
def _on_postgresql() -> Iterator[SqlDatabase]:
    with running_postgresql() as server:
        database = SqlDatabase(server.url(server.create()), server.server)
        yield database
        database.close()


if __name__ == "__main__":
    main()
