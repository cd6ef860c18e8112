"""Appending an event with its link beside a bare INSERT, and verifying a ledger of 100,000 events."""

import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from gateway.store.engine import SqlDatabase, upgrade
from gateway.store.tables.work import events
from tests.contracts.ledger import checkpointing, verified
from tests.contracts.samples import an_event, stored_deliveries
from tests.real.postgresql import running_postgresql

EVENTS = 100_000
_DELIVERIES = 1_000


def main() -> None:
    """On SQLite and on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'gateway.db'}"
        upgrade(url)
        _measure("SQLite", SqlDatabase(url))
    with running_postgresql() as server:
        _measure("PostgreSQL", SqlDatabase(server.url(server.create()), server.server))


def _measure(name: str, database: SqlDatabase) -> None:
    ids = [one.id for one in stored_deliveries(database, *({} for _ in range(_DELIVERIES)))]
    bare, ours = _bare(database, ids), _ours(database, ids)
    print(f"{name}: an event, ms besides the transaction".ljust(50) + f"{ours:.3f}  (bare INSERT {bare:.3f})")
    with database._writing.begin() as connection:
        connection.execute(sa.delete(events))
    for _ in range(EVENTS // (10 * _DELIVERIES)):
        with database.write() as tx:
            for one in ids:
                for _ in range(10):
                    tx.records.append(an_event(dispatch="d", delivery=one, facts={"result": "handed-over"}))
    begun = time.perf_counter()
    placed = checkpointing(database).run()
    print(f"{name}: {placed:,} events placed under checkpoints, s".ljust(50) + f"{time.perf_counter() - begun:.2f}")
    begun = time.perf_counter()
    report = verified(database)
    assert not report.findings
    print(f"{name}: {report.events:,} events verified, s".ljust(50) + f"{time.perf_counter() - begun:.2f}")
    database.close()


def _ours(database: SqlDatabase, ids: list[str]) -> float:
    spent = 0.0
    for one in ids:
        with database.write() as tx:
            begun = time.perf_counter()
            tx.records.append(an_event(dispatch="d", delivery=one, facts={"result": "handed-over"}))
            spent += time.perf_counter() - begun
    return spent / len(ids) * 1_000


def _bare(database: SqlDatabase, ids: list[str]) -> float:
    spent = 0.0
    for number, one in enumerate(ids):
        values = {**vars(an_event(delivery=one)), "chain": f"bare/{number}", "sequence": 1, "link": bytes(32)}
        with database._writing.begin() as connection:
            begun = time.perf_counter()
            connection.execute(sa.insert(events).inline(), values)
            spent += time.perf_counter() - begun
    return spent / len(ids) * 1_000


if __name__ == "__main__":
    main()
