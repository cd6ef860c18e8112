"""Claims by several processes at once, on both databases: no row to two of them, none left over."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from gateway.store.engine import SqlDatabase
from tests.contracts.samples import stored_deliveries, stored_dispatch
from tests.real.postgresql import Postgresql
from tests.store.on_postgresql import OnPostgresql
from tests.store.on_sqlite import OnSqlite, url_in

PROCESSES = 4
DELIVERIES, DISPATCHES = 400, 80

CLAIMER = """
import json, sys, time
from pathlib import Path
from gateway.domain.dispatch import Step
from gateway.store.engine import SqlDatabase
from gateway.store.engines import Server
from tests.contracts.samples import LEASE, NOW, an_attempt
url, password, step = sys.argv[1:]
database = SqlDatabase(url, Server(password_file=Path(password) if password else None))
database.check()
taken = {"deliveries": [], "dispatches": []}


def together(word):
    print(word, flush=True)
    sys.stdin.readline()


together("ready")
while True:
    with database.write() as tx:
        claimed = tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=7)
        for one in claimed:
            tx.deliveries.add_attempt(an_attempt(one))
    with database.write() as tx:
        dispatches = tx.dispatches.claim(Step(step), now=NOW, lease=LEASE, limit=3)
    if not claimed and not dispatches:
        break
    if not taken["deliveries"]:
        together("has some")  # none goes on before each has: else one may take all
    taken["deliveries"] += [one.id for one in claimed]
    taken["dispatches"] += [one.id for one in dispatches]
    time.sleep(0.01)  # so that the others have their turn: SQLite gives the lock to whoever asks first
print(json.dumps(taken))
"""


def claim_side_by_side(url: str, password_file: Path | None) -> list[dict[str, list[str]]]:
    """What each of the processes took, all of them set off at once, and again when each had its first."""
    command = [sys.executable, "-c", CLAIMER, url, str(password_file or ""), "plan"]
    claimers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    for word in ("ready", "has some"):
        for one in claimers:
            assert one.stdout is not None
            assert one.stdout.readline() == f"{word}\n"
        for one in claimers:
            assert one.stdin is not None
            one.stdin.write("\n")
            one.stdin.flush()
    ended = []
    for one in claimers:
        output, _ = one.communicate(timeout=60)
        assert one.returncode == 0
        ended.append(json.loads(output))
    return ended


def check_that_no_row_went_twice(database: SqlDatabase, url: str, password_file: Path | None = None) -> None:
    """Fills the database, lets the processes loose, and counts."""
    deliveries = stored_deliveries(database, *({} for _ in range(DELIVERIES)))
    dispatches = [stored_dispatch(database) for _ in range(DISPATCHES)]
    taken = claim_side_by_side(url, password_file)
    for kind, rows in (("deliveries", deliveries), ("dispatches", dispatches)):
        counts = Counter(one for some in taken for one in some[kind])
        assert set(counts) == {one.id for one in rows}
        assert set(counts.values()) == {1}
    assert all(some["deliveries"] for some in taken), "a process took none: nothing was tried here"
    with database.read() as tx:
        kept = tx.deliveries.attempts_of([one.id for one in deliveries])
        assert {len(some) for some in kept.values()} == {1}


@pytest.mark.slow
class TestProcessesOnSqlite(OnSqlite):
    """Four processes on one file."""

    def test_no_row_is_claimed_twice(self, database: SqlDatabase, tmp_path: Path) -> None:
        check_that_no_row_went_twice(database, url_in(tmp_path))


@pytest.mark.real
class TestProcessesOnPostgresql(OnPostgresql):
    """Four processes on one server."""

    def test_no_row_is_claimed_twice(self, database: SqlDatabase, postgresql: Postgresql) -> None:
        url = postgresql.url(str(database._reading.url.database))
        check_that_no_row_went_twice(database, url, postgresql.password_file)
