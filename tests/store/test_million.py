"""Claims among a thousand rows and among a million, on both databases: through their index, at the same cost.

The cost is counted in what each database counts by itself (pages touched, steps of its machine), so that it says the
same on any machine; times stand in `tests/bench/bench_store.py`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.domain.dispatch import Step
from gateway.domain.work_list import WorkAsked, WorkList
from gateway.ports.database import Transaction
from gateway.store.engine import SqlDatabase, upgrade
from gateway.store.transaction import SqlTransaction
from tests.contracts.samples import LEASE, NOW, stored_deliveries
from tests.real.postgresql import running_postgresql
from tests.store.on_sqlite import url_in

pytestmark = [pytest.mark.real, pytest.mark.slow]

FEW, MANY = 1_000, 1_000_000

Operation = Callable[[Transaction], object]

CLAIMS: dict[str, tuple[Operation, str]] = {
    "deliveries": (
        lambda tx: tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=10),
        "ix_deliveries_claim",
    ),
    "dispatches": (lambda tx: tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=10), "ix_dispatches_claim"),
    "lapsed leases": (lambda tx: tx.deliveries.lapsed(now=NOW, limit=10, lock=True), "ix_deliveries_lease"),
    "waiting channels": (lambda tx: tx.deliveries.waiting(), "ix_deliveries_claim"),
    "in flight": (lambda tx: tx.deliveries.in_flight("encrypted-email"), "ix_deliveries_in_flight"),
}
"""Everything that a worker asks again and again, and the index it must go through."""


@dataclass(frozen=True)
class Crowd:
    """A database with few rows, and one with many; in both twenty of each kind wait."""

    few: SqlDatabase
    many: SqlDatabase


def fill(database: SqlDatabase, count: int) -> None:
    """That many ended dispatches with a delivery each, ended or deferred, alike but for ids; then a few that wait."""
    stored_deliveries(database, {})
    with database._writing.begin() as connection:
        lite = connection.dialect.name == "sqlite"
        if not lite:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        _multiply(connection, "dispatches", count, {"id": "'c' || i", "package_id": _package(lite=lite)})
        _multiply(connection, "deliveries", count, {"id": "'d' || i", "dispatch": "'c' || i"})
        ended = "state = 'handed-over', next_action_at = NULL"
        connection.exec_driver_sql(f"UPDATE deliveries SET {ended} WHERE ordinal <= 1")
        step = count // 20
        connection.exec_driver_sql(f"UPDATE deliveries SET state = 'ready', next_action_at = 1 WHERE {_each(step, 7)}")
        connection.exec_driver_sql(f"UPDATE deliveries SET state = 'sending', lease_until = 1 WHERE {_each(step, 8)}")
        for state, rest in (("needs-person", 9), ("failed", 10), ("held", 11)):
            connection.exec_driver_sql(f"UPDATE deliveries SET state = '{state}' WHERE {_each(step, rest)}")
        connection.exec_driver_sql(f"UPDATE dispatches SET step = 'plan' WHERE {_each(step, 7)}")
    analyze(database)


def _each(step: int, rest: int) -> str:
    """Every `step`-th row, without the sign that one driver takes for a placeholder."""
    return f"ordinal - (ordinal / {step}) * {step} = {rest}"


def _package(*, lite: bool) -> str:
    return "printf('%032x', i)" if lite else "lpad(to_hex(i), 32, '0')::uuid"


_ODD = "i - (i / 2) * 2 = 1"
_CROWD = {
    "state": f"CASE WHEN {_ODD} THEN 'deferred' ELSE 'handed-over' END",
    "due": f"CASE WHEN {_ODD} THEN {{date}} ELSE t.due END",
    "next_action_at": f"CASE WHEN {_ODD} THEN {2**52} END",
}
"""One half ended. The other waits for its time, and would be due before all else: a claim must not walk through it."""


def _multiply(connection: sa.Connection, table: str, count: int, fresh: dict[str, str]) -> None:
    columns = [one["name"] for one in sa.inspect(connection).get_columns(table) if one["name"] != "ordinal"]
    if table == "deliveries":
        date = "'2020-01-01'" if connection.dialect.name == "sqlite" else "date '2020-01-01'"
        fresh = fresh | {column: value.format(date=date) for column, value in _CROWD.items()}
    values = ", ".join(fresh.get(one, f't."{one}"') for one in columns)
    names = ", ".join(f'"{one}"' for one in columns)
    if connection.dialect.name == "sqlite":
        numbers = f"(WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n)"
    else:
        numbers = f"generate_series(2, {count}) AS n(i)"
    with _indexed_afterwards(connection, table):
        connection.exec_driver_sql(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM (SELECT * FROM {table} LIMIT 1) AS t, {numbers}"
        )


@contextmanager
def _indexed_afterwards(connection: sa.Connection, table: str) -> Iterator[None]:
    """The block without the table's indexes but those of its keys: made over all rows at the end they cost a third."""
    if connection.dialect.name == "sqlite":
        rows = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = "
    else:
        rows = "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef NOT LIKE 'CREATE UNIQUE%%' AND tablename = "
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")  # foreign keys, row by row
    made = connection.exec_driver_sql(f"{rows}'{table}'").all()
    for name, _ in made:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    for _, statement in made:
        connection.exec_driver_sql(statement.replace("%", "%%"))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


def analyze(database: SqlDatabase) -> None:
    """As PostgreSQL does by itself after a while. SQLite is left without statistics, as the gateway leaves it."""
    if database._writing.dialect.name == "postgresql":
        with database._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM (ANALYZE) dispatches, deliveries")
            connection.exec_driver_sql("RESET statement_timeout")


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    made = []
    for count in (FEW, MANY):
        folder: Path = tmp_path_factory.mktemp("crowd")
        upgrade(url_in(folder))
        made.append(SqlDatabase(url_in(folder)))
        fill(made[-1], count)
    yield Crowd(*made)
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def on_postgresql() -> Iterator[Crowd]:
    # Not durable, unlike the others: neither a plan nor the pages it touches depend on that, and a million rows do.
    with running_postgresql(fsync="off", full_page_writes="off", max_wal_size="4GB") as server:
        made = [SqlDatabase(server.url(server.create()), server.server) for _ in (FEW, MANY)]
        for database, count in zip(made, (FEW, MANY), strict=True):
            fill(database, count)
        yield Crowd(*made)
        for database in made:
            database.close()


def statements(database: SqlDatabase, operation: Operation) -> list[tuple[str, Any]]:
    """Each statement that the operation executes, with its parameters."""
    executed: list[tuple[str, Any]] = []

    def remember(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            executed.append((statement, parameters))

    sa.event.listen(database._writing, "before_cursor_execute", remember)
    try:
        with pytest.raises(LookupError), database.write() as tx:  # noqa: PT012  (rolled back: the crowd stays)
            assert operation(tx)
            raise LookupError
    finally:
        sa.event.remove(database._writing, "before_cursor_execute", remember)
    return executed


def explained(connection: sa.Connection, statement: str, parameters: Any, how: str) -> Any:
    """PostgreSQL's plan of the statement."""
    plan: Any = connection.exec_driver_sql(f"EXPLAIN ({how}, FORMAT JSON) {statement}", parameters).scalar()
    return (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]


def pages(database: SqlDatabase, operation: Operation) -> int:
    """How many pages PostgreSQL touches for it."""
    executed = statements(database, operation)
    touched = 0
    with pytest.raises(LookupError), database._writing.begin() as connection:  # noqa: PT012  (rolled back)
        for statement, parameters in executed:
            plan = explained(connection, statement, parameters, "ANALYZE, BUFFERS")
            touched += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        raise LookupError
    return touched


def steps(database: SqlDatabase, operation: Operation) -> int:
    """How many steps (in tens) SQLite's machine takes for it."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with pytest.raises(LookupError), database._writing.begin() as connection:  # noqa: PT012  (rolled back)
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(count, 10)
        try:
            operation(SqlTransaction(connection))
        finally:
            driver.set_progress_handler(None, 10)
        raise LookupError
    return counted


def lite_plan(database: SqlDatabase, operation: Operation) -> list[str]:
    """What SQLite says it will do."""
    executed = statements(database, operation)
    with database._writing.begin() as connection:
        return [
            str(row[3])
            for statement, parameters in executed
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of PostgreSQL's plan."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


_OURS = {"SCAN chosen", "SCAN waiting", "SCAN days"}
"""Walks over the few rows that the statement itself made."""


@pytest.mark.parametrize(("operation", "index"), CLAIMS.values(), ids=CLAIMS)
def test_sqlite_goes_through_the_index_among_a_million(on_sqlite: Crowd, operation: Operation, index: str) -> None:
    plan = lite_plan(on_sqlite.many, operation)
    assert any(index in one for one in plan), plan
    assert not [one for one in plan if one.startswith("SCAN") and one not in _OURS], plan
    assert not [one for one in plan if "TEMP B-TREE" in one], plan


_LEASE, _IN_FLIGHT = "ix_deliveries_lease", "ix_deliveries_in_flight"
"""Both hold what is in flight and nothing else: PostgreSQL takes the one or the other by its statistics, and with the
second sorts the few rows that it finds."""


@pytest.mark.parametrize(("operation", "index"), CLAIMS.values(), ids=CLAIMS)
def test_postgresql_goes_through_the_index_among_a_million(
    on_postgresql: Crowd, operation: Operation, index: str
) -> None:
    executed = statements(on_postgresql.many, operation)
    with on_postgresql.many._writing.begin() as connection:
        plan = [one for two in executed for one in nodes(explained(connection, *two, "VERBOSE"))]
    used = {one.get("Index Name") for one in plan}
    assert index in used or (index, _IN_FLIGHT in used) == (_LEASE, True), plan
    walked = {one.get("Relation Name") for one in plan if one["Node Type"] == "Seq Scan"}
    assert walked <= {"channel_pauses"}, "small tables may be walked, large ones never"
    sorts = [one for one in plan if "Sort" in one["Node Type"]]
    assert not sorts or (index, _LEASE in used) == (_LEASE, False), sorts


@pytest.mark.parametrize("which", [WorkList.NEEDS_PERSON, WorkList.FAILED, WorkList.HELD])
def test_a_work_list_goes_through_its_index_among_a_million(on_postgresql: Crowd, which: WorkList) -> None:
    """With the statistics that PostgreSQL takes of such a crowd, and with every way of walking it open."""
    asked = WorkAsked(which=which, today=NOW.date())
    executed = statements(on_postgresql.many, lambda tx: tx.work_lists.rows(asked, 51))
    with on_postgresql.many._writing.begin() as connection:
        plan = [one for two in executed for one in nodes(explained(connection, *two, "VERBOSE"))]
    assert "ix_deliveries_state_due" in {one.get("Index Name") for one in plan}, plan
    assert not [one for one in plan if one["Node Type"] == "Seq Scan"], plan


@pytest.mark.parametrize("operation", [one for one, _ in CLAIMS.values()], ids=CLAIMS)
def test_sqlite_does_the_same_work_among_a_million_as_among_a_thousand(on_sqlite: Crowd, operation: Operation) -> None:
    assert steps(on_sqlite.many, operation) <= steps(on_sqlite.few, operation) * 1.1 + 2


@pytest.mark.parametrize("operation", [one for one, _ in CLAIMS.values()], ids=CLAIMS)
def test_postgresql_touches_no_more_pages_among_a_million_than_its_deeper_indexes_ask(
    on_postgresql: Crowd, operation: Operation
) -> None:
    """A B-tree over a million rows is one or two levels deeper, and a row that is claimed is found in several."""
    few, many = pages(on_postgresql.few, operation), pages(on_postgresql.many, operation)
    assert many <= 3 * few + 20, f"{few} pages among {FEW:,}, {many} among {MANY:,}"
