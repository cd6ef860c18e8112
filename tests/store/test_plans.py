"""What the stores ask costs the same among many rows: what SQLite says it will do with each statement they execute."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.domain.audit import AuditAsked
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.ports.database import Transaction
from gateway.ports.incoming import Handling
from gateway.store.engine import SqlDatabase, upgrade
from gateway.store.transaction import SqlTransaction
from gateway.store.turns import behind
from tests.contracts.samples import LEASE, NOW, a_dispatch, an_event, stored_deliveries
from tests.store.on_sqlite import url_in

MANY = 20_000
ENDED = "state = 'handed-over', next_action_at = NULL"

Operation = Callable[[Transaction], object]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    """Many ended deliveries of many ended dispatches, and a few of each that wait."""
    folder = tmp_path_factory.mktemp("crowded")
    upgrade(url_in(folder))
    database = SqlDatabase(url_in(folder))
    stored_deliveries(database, {})
    with database._writing.begin() as connection:
        _multiply(connection, "dispatches", ("package_id",))
        _multiply(connection, "deliveries", ())
        connection.exec_driver_sql(
            "UPDATE deliveries SET dispatch = (SELECT id FROM dispatches d WHERE d.ordinal = deliveries.ordinal)"
        )
        connection.exec_driver_sql(f"UPDATE deliveries SET {ENDED} WHERE ordinal % 1000 > 3")
        connection.exec_driver_sql("UPDATE deliveries SET state = 'sending', lease_until = 1 WHERE ordinal % 1000 = 3")
        connection.exec_driver_sql("UPDATE dispatches SET step = 'plan' WHERE ordinal % 1000 = 3")
    yield database
    database.close()


def _multiply(connection: sa.Connection, table: str, unique: tuple[str, ...]) -> None:
    columns = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})") if row[1] != "ordinal"]
    fresh = [f"lower(hex(randomblob(16))) AS {one}" if one in {"id", *unique} else f'"{one}"' for one in columns]
    connection.exec_driver_sql(
        f"""WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
        INSERT INTO {table} ({",".join(f'"{one}"' for one in columns)})
        SELECT {",".join(fresh)} FROM (SELECT * FROM {table} LIMIT 1), n"""
    )


def plan(database: SqlDatabase, operation: Operation) -> list[str]:
    """SQLite's plan of each statement that the operation executes, run with the same parameters."""
    executed: list[tuple[str, Any]] = []

    def remember(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        executed.append((statement, parameters))

    sa.event.listen(database._writing, "before_cursor_execute", remember)
    try:
        with pytest.raises(LookupError), database.write() as tx:  # noqa: PT012  (rolled back: the crowd stays as it is)
            operation(tx)
            raise LookupError
    finally:
        sa.event.remove(database._writing, "before_cursor_execute", remember)
    with database._writing.begin() as connection:
        return [
            # Made anew by a migration, its unique constraints stand in no order, by which SQLite numbers them.
            re.sub(r"(sqlite_autoindex_(?:receipts|dispatches))_\d", r"\1_n", str(row[3]))
            for statement, parameters in executed
            if not statement.startswith("BEGIN")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


ASKED_OFTEN: dict[str, tuple[Operation, str]] = {
    "claim deliveries": (
        lambda tx: tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=50),
        "SEARCH due_now USING COVERING INDEX ix_deliveries_claim (destination=? AND due=? AND next_action_at<?)",
    ),
    "destinations that wait": (
        lambda tx: tx.deliveries.waiting(),
        "SEARCH deliveries USING COVERING INDEX ix_deliveries_claim (destination>?)",
    ),
    "what may have been sent": (
        lambda tx: tx.deliveries.unconfirmed(now=NOW, limit=50),
        "SEARCH deliveries USING INDEX ix_deliveries_state_due (state=?)",
    ),
    "what was forgotten": (
        lambda tx: tx.deliveries.forgotten(limit=50),
        "SEARCH deliveries USING INDEX ix_deliveries_state_due (state=?)",
    ),
    "what waits for a destination": (
        lambda tx: tx.deliveries.waiting_for("encrypted-email"),
        "SEARCH deliveries USING INDEX ix_deliveries_claim (destination=?)",
    ),
    "how many are in flight": (
        lambda tx: tx.deliveries.in_flight("encrypted-email"),
        "SEARCH deliveries USING INDEX ix_deliveries_in_flight (destination=?)",
    ),
    "claim dispatches": (
        lambda tx: tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=50),
        "SEARCH due_now USING COVERING INDEX ix_dispatches_claim (step=? AND due=? AND turn<?)",
    ),
    "a package's turn": (
        lambda tx: tx.dispatches.add(a_dispatch()),
        "SEARCH dispatches USING INDEX ix_dispatches_turn (submitted_by=? AND turn<?)",
    ),
    "lapsed leases": (
        lambda tx: tx.deliveries.lapsed(now=NOW, limit=50),
        "SEARCH deliveries USING INDEX ix_deliveries_lease (lease_until<?)",
    ),
    "next action": (
        lambda tx: tx.deliveries.next_action_at(),
        "SEARCH deliveries USING COVERING INDEX ix_deliveries_claim",
    ),
    "the work list": (
        lambda tx: tx.deliveries.find(state=None, channel=None, limit=50),
        "SCAN deliveries USING INDEX ix_deliveries_due",
    ),
    "the work list of a state": (
        lambda tx: tx.deliveries.find(state=DeliveryState.FAILED, channel=None, limit=50),
        "SEARCH deliveries USING INDEX ix_deliveries_state_due (state=?)",
    ),
    "the work list of a channel": (
        lambda tx: tx.deliveries.find(state=None, channel="fax", limit=50),
        "SEARCH deliveries USING INDEX ix_deliveries_channel_due (channel=?)",
    ),
    "deliveries of a dispatch": (
        lambda tx: tx.deliveries.of_dispatch("x"),
        "SEARCH deliveries USING INDEX ix_deliveries_dispatch (dispatch=?)",
    ),
    "attempts of a delivery": (
        lambda tx: tx.deliveries.attempts("x"),
        "SEARCH attempts USING INDEX ix_attempts_delivery (delivery=?)",
    ),
    "receipts of a delivery": (
        lambda tx: tx.records.receipts_of(["x"]),
        "SEARCH receipts USING INDEX sqlite_autoindex_receipts_n (delivery=?)",
    ),
    "documents of a delivery": (
        lambda tx: tx.records.documents("x"),
        "SEARCH documents USING INDEX sqlite_autoindex_documents_1 (delivery=?)",
    ),
    "the next link of a chain": (
        lambda tx: tx.records.append(an_event(delivery="x")),
        "SEARCH events USING INDEX sqlite_autoindex_events_1 (chain=?)",
    ),
    "events of a dispatch": (
        lambda tx: tx.records.events("x"),
        "SEARCH events USING INDEX ix_events_dispatch (dispatch=?)",
    ),
    "what somebody did": (
        lambda tx: tx.records.search(AuditAsked(actor="alice"), 100),
        "SEARCH events USING INDEX ix_events_actor (actor=?)",
    ),
    "the last verification": (
        lambda tx: tx.records.newest_besides(EventName.LEDGER_VERIFIED),
        "SEARCH events USING INDEX ix_events_besides (name=?)",
    ),
    "dispatches of a file": (
        lambda tx: tx.dispatches.of_file("x"),
        "SEARCH dispatch_files USING COVERING INDEX sqlite_autoindex_dispatch_files_1 (file=?)",
    ),
    "drafts of an officer": (
        lambda tx: tx.drafts.of_account("x"),
        "SEARCH drafts USING INDEX ix_drafts_account (account=?)",
    ),
    "a package sent again": (
        lambda tx: tx.dispatches.by_digest("x"),
        "SEARCH dispatches USING INDEX ix_dispatches_digest (digest=?)",
    ),
    "a package id used again": (
        lambda tx: tx.dispatches.by_package(UUID(int=1)),
        "SEARCH dispatches USING INDEX sqlite_autoindex_dispatches_n (package_id=?)",
    ),
    "what a report belongs to": (
        lambda tx: tx.deliveries.by_tokens(["x"]),
        "SEARCH attempts USING INDEX ix_attempts_token (token=?)",
    ),
    "what came back and is not read": (
        lambda tx: tx.incoming.due(now=NOW, limit=50),
        "SEARCH incoming USING INDEX ix_incoming_due (next_action_at<?)",
    ),
    "what came back for a person": (
        lambda tx: tx.incoming.find(handling=Handling.FOR_PERSON, limit=50),
        "SEARCH incoming USING INDEX ix_incoming_handling (handling=?)",
    ),
    "how much waits": (
        lambda tx: tx.dispatches.waiting_by_submitter(),
        "SCAN dispatches USING INDEX ix_dispatches_turn",
    ),
    "how the outcome feed stands": (
        lambda tx: tx.feed.figures(),
        "SCAN feed_transactions USING INDEX ix_feed_transactions_state_ordinal",
    ),
    "how many decisions the outcome feed tells": (
        lambda tx: tx.feed.decisions(),
        "SCAN feed_transactions USING INDEX ix_feed_transactions_dispatch",
    ),
    "a caller's token": (
        lambda tx: tx.registry.token_by_digest("x"),
        "SEARCH tokens USING INDEX sqlite_autoindex_tokens_2 (secret_digest=?)",
    ),
}

MAY_WALK = {
    "SCAN chosen",
    "SCAN waiting",
    "SCAN days",
    "SCAN plan_days",
    "SCAN render_days",
    "SCAN endpoints",
    "SCAN told_of",
}
"""What a statement chose itself; and the systems that are told of changes, of which a tribunal has a handful."""
MAY_SORT = {
    "SEARCH receipts USING INDEX sqlite_autoindex_receipts_n (delivery=?)",
    "SEARCH dispatch_files USING COVERING INDEX sqlite_autoindex_dispatch_files_1 (file=?)",
    "SEARCH drafts USING INDEX ix_drafts_account (account=?)",
}
"""A delivery has few receipts, a file few dispatches, an officer few drafts, sorted by when they happened."""


@pytest.mark.parametrize(("operation", "through"), ASKED_OFTEN.values(), ids=ASKED_OFTEN)
def test_what_is_asked_often_goes_through_an_index(crowded: SqlDatabase, operation: Operation, through: str) -> None:
    """No walk over all rows, and no sorting of more than is handed out."""
    steps = plan(crowded, operation)
    assert through in steps
    walks = [step for step in steps if step.startswith("SCAN") and "INDEX" not in step and step not in MAY_WALK]
    assert walks == []
    assert through in MAY_SORT or not any("TEMP B-TREE" in step for step in steps)


def test_conversations_that_are_over_are_found_without_reading_every_entry_for_each(crowded: SqlDatabase) -> None:
    """Once a day, of all of them: an entry is read twice, however many conversations there are."""
    steps = plan(crowded, lambda tx: tx.exchange.conversations_over())
    asked_for_each = [after for before, after in pairwise(steps) if before.startswith("CORRELATED")]
    assert asked_for_each
    assert not any(one.startswith("SCAN") for one in asked_for_each)
    assert steps.count("SCAN exchange_entries") <= 2


def test_a_claim_looks_at_what_it_takes_and_no_more(crowded: SqlDatabase) -> None:
    """The same work among 20,000 ended deliveries as among none: counted in steps of SQLite's machine."""
    few = _steps_of_a_claim(crowded)
    with crowded._writing.begin() as connection:
        _multiply(connection, "deliveries", ())
        connection.exec_driver_sql(f"UPDATE deliveries SET {ENDED} WHERE ordinal > {MANY}")
    assert _steps_of_a_claim(crowded) <= few * 1.1


def test_packages_that_were_put_off_cost_neither_a_claim_nor_a_submission(crowded: SqlDatabase) -> None:
    """The same among 20,000 of an earlier day that wait for later as among none."""

    def steps() -> tuple[int, int]:
        claimed = _steps_of(crowded, lambda tx: tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=10))
        return claimed, _steps_of(crowded, lambda tx: tx.dispatches.add(a_dispatch()))

    few = steps()
    late = {"until": behind(NOW + LEASE), "ordinal": MANY}
    with crowded._writing.begin() as connection:
        _multiply(connection, "dispatches", ("package_id",))
        put_off = "step = 'plan', due = '2020-01-01', turn = :until, next_action_at = :until - (1 << 60)"
        made = connection.execute(sa.text(f"UPDATE dispatches SET {put_off} WHERE ordinal > :ordinal"), late)
    assert made.rowcount >= MANY - 1
    many = steps()
    with crowded._writing.begin() as connection:
        connection.execute(sa.text("DELETE FROM dispatches WHERE ordinal > :ordinal"), late)
    assert many[0] <= few[0] * 1.1 + 10
    assert many[1] <= few[1] * 1.1 + 10


def _steps_of_a_claim(database: SqlDatabase) -> int:
    """Of ten deliveries."""
    return _steps_of(database, lambda tx: tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=10))


def _steps_of(database: SqlDatabase, operation: Operation) -> int:
    """How many steps (in tens) SQLite takes for what gives ten rows, or none."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with pytest.raises(LookupError), database._writing.begin() as connection:  # noqa: PT012  (rolled back)
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(count, 10)
        try:
            done = operation(SqlTransaction(connection))
            assert done is None or (isinstance(done, list) and len(done) == 10)
        finally:
            driver.set_progress_handler(None, 10)
        raise LookupError
    return counted
