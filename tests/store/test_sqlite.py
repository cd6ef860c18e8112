"""SQLite as it is set: durable, held to its keys, quick among a great many rows, and clear about what fails."""

import datetime as dt
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.store import sqlite
from gateway.store.engine import SqlDatabase, upgrade
from gateway.store.tables.work import events
from tests.contracts.samples import (
    a_delivery,
    a_recipient,
    an_event,
    name,
    stored_dispatch,
)
from tests.store.on_sqlite import OnSqlite, url_in

PERSON = "Éloïse Untel"


@contextmanager
def connection_to(database: SqlDatabase) -> Iterator[sa.Connection]:
    """The writing connection, outside any transaction of ours."""
    with database._writing.begin() as connection:
        yield connection


class TestSettings(OnSqlite):
    """What each connection is told."""

    @pytest.mark.parametrize(
        ("pragma", "value"),
        [
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("secure_delete", 1),
            ("temp_store", 2),
            ("busy_timeout", 30_000),
        ],
    )
    def test_both_engines_are_set_for_durability(self, database: SqlDatabase, pragma: str, value: object) -> None:
        for engine in (database._reading, database._writing):
            with engine.connect() as connection:
                assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value

    def test_a_delivery_of_no_dispatch_is_refused(self, database: SqlDatabase) -> None:
        with pytest.raises(sa.exc.IntegrityError), database.write() as tx:
            tx.deliveries.add(a_delivery(name()))

    def test_nothing_is_written_in_a_reading_transaction(self, database: SqlDatabase) -> None:
        with pytest.raises(ServiceDown) as raised, database.read() as tx:
            tx.registry.add_data_key("k", b"wrapped")
        assert raised.value.facts == {"result": "SQLITE_READONLY"}

    def test_a_naive_time_is_refused(self, database: SqlDatabase) -> None:
        with pytest.raises(sa.exc.StatementError, match="offset"):
            stored_dispatch(database, next_action_at=dt.datetime(2026, 11, 20, 15, 4))  # noqa: DTZ001

    def test_an_error_of_the_database_shows_no_value(self, database: SqlDatabase) -> None:
        with pytest.raises(sa.exc.IntegrityError) as raised, database.write() as tx:
            tx.deliveries.add(a_delivery(name(), participant=PERSON))
        assert PERSON not in str(raised.value)

    def test_a_writing_transaction_inside_another_is_a_defect_that_shows_at_once(self, database: SqlDatabase) -> None:
        with database.write(), pytest.raises(RuntimeError, match="inside"), database.write():
            pass
        with database.write() as tx:
            tx.registry.add_data_key("k", b"wrapped")


class TestFailures(OnSqlite):
    """What a caller is told when the database cannot."""

    def test_a_full_disk_is_said_and_leaves_nothing(self, database: SqlDatabase) -> None:
        with connection_to(database) as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(ServiceDown) as raised, database.write() as tx:
            tx.registry.put_recipient(a_recipient(sealed=bytes(100_000)))
        assert raised.value.code is Code.STORAGE_FULL
        with database.read() as tx:
            assert tx.registry.recipients() == []
        database.check()

    def test_a_writer_that_never_ends_is_said(
        self, database: SqlDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.05)
        other = SqlDatabase(url_in(tmp_path))
        with database.write(), pytest.raises(ServiceDown) as raised, other.write():
            pass
        assert raised.value.code is Code.DATABASE_UNAVAILABLE
        assert raised.value.facts == {"result": "SQLITE_BUSY"}
        other.close()

    def test_a_damaged_file_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "gateway.db").write_bytes(b"not a database" * 100)
        with pytest.raises(ServiceDown) as raised:
            SqlDatabase(url_in(tmp_path)).check()
        assert raised.value.facts == {"result": "SQLITE_NOTADB"}


class TestHistory(OnSqlite):
    """What the port does not show yet and later work relies on."""

    def test_a_replaced_recipient_is_kept_in_the_history(self, database: SqlDatabase) -> None:
        before, after = a_recipient(id="r", sealed=b"one"), a_recipient(id="r", sealed=b"two")
        for one in (before, after, a_recipient(id="r", sealed=b"three")):
            with database.write() as tx:
                tx.registry.put_recipient(one)
        with connection_to(database) as connection:
            rows = connection.exec_driver_sql("SELECT id, sealed FROM recipient_history ORDER BY ordinal").all()
        assert [tuple(row) for row in rows] == [("r", b"one"), ("r", b"two")]

    def test_events_of_a_delivery_are_numbered_without_a_gap(self, database: SqlDatabase) -> None:
        with database.write() as tx:
            for delivery in ("a", "b", "a", None, "a", None):
                tx.records.append(an_event(dispatch="d", delivery=delivery))
        with connection_to(database) as connection:
            rows = connection.execute(sa.select(events.c.delivery, events.c.sequence).order_by(events.c.ordinal)).all()
        assert [tuple(row) for row in rows] == [("a", 1), ("b", 1), ("a", 2), (None, 1), ("a", 3), (None, 2)]

    def test_what_was_deleted_is_not_left_in_the_file(self, database: SqlDatabase, tmp_path: Path) -> None:
        secret = b"wrapped key that is to be forgotten"
        with database.write() as tx:
            tx.registry.add_data_key("k", secret)
        with connection_to(database) as connection:
            connection.exec_driver_sql("DELETE FROM data_keys")
        database.close()
        assert all(secret not in one.read_bytes() for one in tmp_path.iterdir())


WRITER = """
import sys
from gateway.store.engine import SqlDatabase
database = SqlDatabase(sys.argv[1])
number = 0
while True:
    with database.write() as tx:
        tx.registry.add_data_key(str(number), b"one")
        tx.registry.add_data_key(f"{number}-too", b"other")
    print(number, flush=True)
    number += 1
"""


@pytest.mark.real
def test_what_was_committed_survives_a_kill_and_what_was_not_leaves_nothing(tmp_path: Path) -> None:
    """A process that is killed while it writes without pause: each commit it told of is there, whole."""
    upgrade(url_in(tmp_path))
    with subprocess.Popen([sys.executable, "-c", WRITER, url_in(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(200)]
        child.send_signal(signal.SIGKILL)
        told += [int(line) for line in child.stdout.read().split("\n")[:-1] if line]
    connection = sqlite3.connect(tmp_path / "gateway.db")
    kept = {row[0] for row in connection.execute("SELECT id FROM data_keys")}
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert {str(number) for number in told} <= kept
    assert {one for one in kept if not one.endswith("-too")} == {one.removesuffix("-too") for one in kept}
