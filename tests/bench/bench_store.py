"""The store beside the bare driver doing the very same statements, and what a claim costs among many deliveries.

On SQLite beside sqlite3, and on a PostgreSQL of its own beside psycopg. `python -m tests.bench.bench_store` looks among
1,000 deliveries, `… million` among 1,000,000 as well.
"""

import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from gateway.domain.delivery import Attempt, Delivery, DeliveryState, ResultName
from gateway.domain.events import EventName
from gateway.store.engine import SqlDatabase, upgrade
from tests.contracts.samples import LEASE, MINUTE, NOW, a_receipt, an_attempt, an_event, stored_deliveries
from tests.real.postgresql import Postgresql, running_postgresql

_DELIVERIES = 2_000
_CLAIMS = 50

_COMMIT: tuple[str, Any] = ("COMMIT", ())


def main() -> None:
    """Prints both tables for both databases."""
    many = (1_000, 1_000_000) if "million" in sys.argv else (1_000,)
    with running_postgresql() as server:
        for kind in (_Sqlite(), _OnServer(server)):
            _print_paths(kind)
            _print_claims(kind, many)


def _print_paths(kind: "_Sqlite | _OnServer") -> None:
    print(
        f"\n{kind.name}: from claim to end, deliveries a second".ljust(56)
        + f"{'ours':>10}{kind.driver:>10}{'ratio':>8}"
    )
    for batch in (1, 50):
        ours, bare = kind.path_of_a_delivery(batch)
        label = f"claimed {batch} at a time, each started and ended"
        print(f"{label:55}{_DELIVERIES / ours:>10,.0f}{_DELIVERIES / bare:>10,.0f}{ours / bare:>8.1f}")


def _print_claims(kind: "_Sqlite | _OnServer", many: tuple[int, ...]) -> None:
    print(f"{kind.name}: a claim of one, ms".ljust(55) + f"{'median':>10}{'worst':>10}")
    for number in many:
        for label, change in _CROWDS.items():
            with kind.database() as database:
                times = _claims(database, number, change)
            print(f"{f'among {number:,} {label}':55}{statistics.median(times):>10.2f}{max(times):>10.2f}")


class _Sqlite:
    """A file."""

    name, driver = "SQLite", "sqlite3"

    @contextmanager
    def database(self) -> Iterator[SqlDatabase]:
        """An empty one."""
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/ours.db"
            upgrade(url)
            database = SqlDatabase(url)
            yield database
            database.close()

    def path_of_a_delivery(self, batch: int) -> tuple[float, float]:
        """Seconds for all deliveries: through the store, and its statements again through sqlite3 alone."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            url = f"sqlite:///{folder / 'ours.db'}"
            upgrade(url)
            database = SqlDatabase(url)
            stored_deliveries(database, *({} for _ in range(_DELIVERIES)))
            database.close()
            for copy in ("recorded.db", "bare.db"):
                shutil.copy(folder / "ours.db", folder / copy)
            ours = _timed(lambda: _send_all(database, batch))
            recorded = _record(SqlDatabase(f"sqlite:///{folder / 'recorded.db'}"), batch)
            return ours, _replay(folder / "bare.db", recorded)


@dataclass(frozen=True)
class _OnServer:
    """Databases of a server; the bare driver's is a copy taken before."""

    server: Postgresql
    name, driver = "PostgreSQL", "psycopg"

    @contextmanager
    def database(self) -> Iterator[SqlDatabase]:
        """An empty one."""
        name = self.server.create()
        database = SqlDatabase(self.server.url(name), self.server.server)
        yield database
        database.close()
        self.server.drop(name)

    def path_of_a_delivery(self, batch: int) -> tuple[float, float]:
        """Seconds for all deliveries: through the store, and its statements again through psycopg alone."""
        names = [self.server.create()]
        database = self._open(names[0])
        stored_deliveries(database, *({} for _ in range(_DELIVERIES)))
        database.close()
        with self.server.superuser() as connection:
            for _ in range(2):
                names.append(f"{names[0]}_{len(names)}")
                connection.execute(f"CREATE DATABASE {names[-1]} TEMPLATE {names[0]}")
        ours = _timed(lambda: _send_all(database, batch))
        recorded = _record(self._open(names[1]), batch)
        with self.server.superuser(names[2]) as connection:
            bare = _timed(lambda: _replay_on(connection, recorded))
        for name in names:
            self.server.drop(name)
        return ours, bare

    def _open(self, name: str) -> SqlDatabase:
        return SqlDatabase(self.server.url(name), self.server.server)


def _replay_on(connection: "psycopg.Connection[tuple[object, ...]]", recorded: list[tuple[str, Any]]) -> None:
    began = False
    for text, parameters in recorded:
        if not began:
            connection.execute("BEGIN")
        began = text != "COMMIT"
        connection.execute(text, parameters or None)  # the server prepares what it met five times, for both of us


def _send_all(database: SqlDatabase, batch: int) -> None:
    while pairs := _claim(database, batch):
        for _, attempt in pairs:
            with database.write() as tx:
                tx.deliveries.start_attempt(
                    attempt, now=NOW, lease=LEASE, sent_digest="sha256:" + "00" * 32, sent_object="ab" * 16
                )
        for delivery, attempt in pairs:
            _end(database, delivery, attempt)
    database.close()


def _claim(database: SqlDatabase, batch: int) -> list[tuple[Delivery, Attempt]]:
    with database.write() as tx:
        pairs = [
            (one, an_attempt(one)) for one in tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=batch)
        ]
        for _, attempt in pairs:
            tx.deliveries.add_attempt(attempt)
    return pairs


def _end(database: SqlDatabase, delivery: Delivery, attempt: Attempt) -> None:
    ended = replace(delivery, state=DeliveryState.HANDED_OVER, lease_until=None, next_action_at=None)
    with database.write() as tx:
        tx.deliveries.save(ended)
        tx.deliveries.end_attempt(replace(attempt, finished_at=NOW, result=ResultName.HANDED_OVER, words=b"250 Ok"))
        tx.records.add_receipt(a_receipt(delivery.id, attempt=attempt.id))
        tx.records.append(
            an_event(name=EventName.ATTEMPT_ENDED, dispatch=delivery.dispatch, delivery=delivery.id, attempt=attempt.id)
        )


def _record(database: SqlDatabase, batch: int) -> list[tuple[str, Any]]:
    """Every statement of one run with its parameters as the driver gets them."""
    recorded: list[tuple[str, Any]] = []

    def statement(_connection: object, _cursor: object, text: str, parameters: Any, *_rest: object) -> None:
        recorded.append((text, parameters))

    sa.event.listen(database._writing, "before_cursor_execute", statement)
    sa.event.listen(database._writing, "commit", lambda _connection: recorded.append(_COMMIT))
    _send_all(database, batch)
    return recorded


def _replay(path: Path, recorded: list[tuple[str, Any]]) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")

    def run() -> None:
        for text, parameters in recorded:
            connection.execute(text, parameters).fetchall()

    seconds = _timed(run)
    connection.close()
    return seconds


_CROWDS = {
    "that ended": "state = 'handed-over', next_action_at = NULL",
    "that are ready": "next_action_at = 0",
    "deferred, due sooner": "state = 'deferred', due = '2026-01-01', next_action_at = next_action_at * 2",
}
"""What stands around the deliveries that are claimed. The last is the worst: all of it is passed over each time."""


def _claims(database: SqlDatabase, many: int, change: str) -> list[float]:
    """Milliseconds of each claim of one delivery among many."""
    stored_deliveries(database, *({"next_action_at": NOW - MINUTE} for _ in range(_CLAIMS)))
    with database._writing.begin() as connection:
        _crowd(connection, many, change)
    if database._writing.dialect.name == "postgresql":
        with database._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE) deliveries")  # as autovacuum does after a while
    times = []
    for _ in range(_CLAIMS):
        with database.write() as tx:
            times.append(_timed(lambda: tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=1)) * 1_000)
    return times


def _crowd(connection: sa.Connection, many: int, change: str) -> None:
    kept = "dispatch, participant, roles, language, state, plan, position, channel, attempts, fence, settled, due"
    numbers = f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) SELECT i FROM n)"
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        numbers = f"generate_series(1, {many}) AS n(i)"
    connection.exec_driver_sql(
        f"""INSERT INTO deliveries (id, {kept}, next_action_at)
        SELECT 'x' || i, {kept}, next_action_at FROM (SELECT * FROM deliveries LIMIT 1) AS one, {numbers}"""
    )
    connection.exec_driver_sql(f"UPDATE deliveries SET {change} WHERE id >= 'x'")


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
