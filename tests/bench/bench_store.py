"""The store beside sqlite3 doing the very same statements, and what a claim costs among many deliveries.

`python -m tests.bench.bench_store` looks among 1,000 deliveries, `… million` among 1,000,000 as well.
"""

import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway.domain.delivery import Attempt, Delivery, DeliveryState, ResultName
from gateway.domain.events import EventName
from gateway.store.engine import SqlDatabase, upgrade
from tests.contracts.samples import LEASE, MINUTE, NOW, a_receipt, an_attempt, an_event, stored_deliveries

_DELIVERIES = 2_000
_CLAIMS = 50

_COMMIT: tuple[str, Any] = ("COMMIT", ())


def main() -> None:
    """Prints both tables."""
    print(f"{'from claim to end, deliveries a second':46}{'ours':>10}{'sqlite3':>10}{'ratio':>8}")
    for batch in (1, 50):
        with tempfile.TemporaryDirectory() as folder:
            ours, bare = _path_of_a_delivery(Path(folder), batch)
        label = f"claimed {batch} at a time, each started and ended"
        print(f"{label:46}{_DELIVERIES / ours:>10,.0f}{_DELIVERIES / bare:>10,.0f}{ours / bare:>8.1f}")
    print(f"\n{'a claim of one, ms (median, worst)':46}{'median':>10}{'worst':>10}")
    for many in (1_000, 1_000_000) if "million" in sys.argv else (1_000,):
        for label, change in _CROWDS.items():
            with tempfile.TemporaryDirectory() as folder:
                times = _claims(Path(folder), many, change)
            print(f"{f'among {many:,} {label}':46}{statistics.median(times):>10.2f}{max(times):>10.2f}")


def _path_of_a_delivery(folder: Path, batch: int) -> tuple[float, float]:
    """Seconds for all deliveries: through the store, and its statements again through sqlite3 alone."""
    url = f"sqlite:///{folder / 'ours.db'}"
    upgrade(url)
    database = SqlDatabase(url)
    stored_deliveries(database, *({} for _ in range(_DELIVERIES)))
    database.close()
    for copy in ("recorded.db", "bare.db"):
        shutil.copy(folder / "ours.db", folder / copy)
    return _timed(lambda: _send_all(database, batch)), _replay(folder / "bare.db", _record(folder, batch))


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


def _record(folder: Path, batch: int) -> list[tuple[str, Any]]:
    """Every statement of one run with its parameters as the driver gets them."""
    database = SqlDatabase(f"sqlite:///{folder / 'recorded.db'}")
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


def _claims(folder: Path, many: int, change: str) -> list[float]:
    """Milliseconds of each claim of one delivery among many."""
    url = f"sqlite:///{folder / 'gateway.db'}"
    upgrade(url)
    database = SqlDatabase(url)
    stored_deliveries(database, *({"next_action_at": NOW - MINUTE} for _ in range(_CLAIMS)))
    with database._writing.begin() as connection:
        _crowd(connection, many, change)
    times = []
    for _ in range(_CLAIMS):
        with database.write() as tx:
            times.append(_timed(lambda: tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=1)) * 1_000)
    database.close()
    return times


def _crowd(connection: sa.Connection, many: int, change: str) -> None:
    kept = "dispatch, participant, roles, language, state, plan, position, channel, attempts, fence, settled, due"
    connection.exec_driver_sql(
        f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
        INSERT INTO deliveries (id, {kept}, next_action_at)
        SELECT 'x' || i, {kept}, next_action_at FROM (SELECT * FROM deliveries LIMIT 1), n"""
    )
    connection.exec_driver_sql(f"UPDATE deliveries SET {change} WHERE id LIKE 'x%'")


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
