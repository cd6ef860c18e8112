"""Every page of the console among many rows in PostgreSQL: through indexes alone, by few queries, and small.

With the statistics that PostgreSQL takes of such rows, and with every way of walking them open to it. The figures of a
million deliveries stand in `tests/bench/bench_console.py`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from tests.real.postgresql import running_postgresql
from tests.store.test_million import nodes
from tests.web.console.crowded import crowded, everybody, pages
from tests.web.console.house import House, Person, engines

pytestmark = [pytest.mark.real, pytest.mark.slow]

MANY = 20_000
GROWING = {"deliveries", "events", "attempts", "receipts", "dispatches", "due_dates", "dispatch_files"}
"""What has rows for everything that was ever sent. Nothing of it is read whole."""
MOST_QUERIES = {"mail room": 14, "home": 26, "delivery": 26, "recall": 18, "channels": 8, "feed": 14}
MOST_BYTES = 100_000


@dataclass(frozen=True)
class Many:
    """The house and who looks."""

    house: House
    alice: Person


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Many]:
    settings = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
    folder = tmp_path_factory.mktemp("many")
    with running_postgresql(**settings) as server, crowded(folder, server, MANY) as house:
        yield Many(house, everybody(house))


def test_no_page_reads_what_was_ever_sent_and_each_asks_little_and_is_small(many: Many) -> None:
    wrong, seen = list[str](), 0
    for name, (place, fields) in pages(many.house).items():
        asked, page = _asked(many, place, fields)
        seen += len(asked)
        if len(page) > MOST_BYTES:
            wrong.append(f"{name}: {len(page)} bytes")
        if len(asked) > MOST_QUERIES.get(name, 13):  # twice of them whose offices who looks has
            wrong.append(f"{name}: {len(asked)} queries")
        with many.house.gateway.database._writing.connect() as connection:  # type: ignore[attr-defined]
            wrong += [
                f"{name}: reads all {one}\n{query}"
                for query, values in asked
                for one in _read_whole(connection, query, values)
            ]
    assert not wrong, "\n".join(wrong)
    assert seen > 100


def _asked(many: Many, place: str, fields: Any) -> tuple[list[tuple[str, Any]], bytes]:
    """The queries of a page with their values, and what the browser gets."""
    asked = list[tuple[str, Any]]()

    def remember(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append((statement, values))

    for engine in engines(many.house):
        sa.event.listen(engine, "before_cursor_execute", remember)
    try:
        there = f"/fr{place}"
        page = many.house.get(many.alice, there) if fields is None else many.house.post(many.alice, there, fields)
    finally:
        for engine in engines(many.house):
            sa.event.remove(engine, "before_cursor_execute", remember)
    assert page.status_code == 200, place
    return asked, page.content


def _read_whole(connection: sa.Connection, query: str, values: Any) -> set[str]:
    plan: Any = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {query}", values).scalar()
    read = nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return {one["Relation Name"] for one in read if one["Node Type"] == "Seq Scan"} & GROWING
