"""PostgreSQL as it is set: its own migrations, durable, one consistent state to a reader, silent about values."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt
from gateway.domain.problem import InputRefused, ServiceDown, SetupWrong
from gateway.ports.database import Transaction
from gateway.store import schema
from gateway.store.engine import SqlDatabase, upgrade
from gateway.store.engines import Server
from gateway.store.psycopg_connection import Connection
from gateway.store.tables.every import metadata
from gateway.store.tables.work import recipient_history
from tests.contracts.samples import (
    LEASE,
    NOW,
    a_delivery,
    a_recipient,
    an_attempt,
    an_event,
    name,
    stored_deliveries,
)
from tests.real.postgresql import Postgresql
from tests.store.on_postgresql import OnPostgresql
from tests.store.test_million import explained, nodes, statements

PERSON = "Éloïse Untel"


@contextmanager
def empty_database(postgresql: Postgresql) -> Iterator[str]:
    """A database without tables; its name."""
    made = postgresql.create(empty=True)
    yield made
    postgresql.drop(made)


@contextmanager
def connected(postgresql: Postgresql, database: str) -> Iterator[sa.Connection]:
    """A plain connection, in a transaction."""
    engine = sa.create_engine(sa.make_url(postgresql.url(database)).set(password=postgresql.password))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def started(tx: Transaction) -> Attempt:
    """Claims a delivery and starts an attempt at it."""
    (delivery,) = tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=1)
    attempt = an_attempt(delivery)
    tx.deliveries.add_attempt(attempt)
    tx.deliveries.start_attempt(attempt, now=NOW, lease=2 * LEASE, sent_digest="", sent_object="")
    return attempt


def _is_comparable(_: object, name: str | None, *_rest: object) -> bool:
    """Where an index has NULLs first Alembic sees an expression; the next test compares those to the letter."""
    return name not in {"ix_deliveries_claim", "ix_deliveries_unsettled", "ix_dispatches_claim"}


def indexes(connection: sa.Connection) -> set[str]:
    """The statements that would make the indexes there are."""
    made = connection.exec_driver_sql("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")
    return {row[0] for row in made if "alembic" not in row[0]}


@pytest.mark.real
class TestMigrations:
    """One set of migrations for both databases."""

    def test_the_migrations_and_the_tables_agree(self, postgresql: Postgresql) -> None:
        with empty_database(postgresql) as made:
            upgrade(postgresql.url(made), postgresql.server)
            with connected(postgresql, made) as connection:
                opts = {"compare_type": True, "compare_server_default": True, "include_object": _is_comparable}
                context = MigrationContext.configure(connection, opts=opts)
                assert compare_metadata(context, metadata) == []

    def test_the_migrations_make_the_same_indexes_as_the_tables(self, postgresql: Postgresql) -> None:
        """Conditions of partial indexes and where NULLs stand are not seen by autogenerate."""
        with empty_database(postgresql) as migrated, empty_database(postgresql) as created:
            upgrade(postgresql.url(migrated), postgresql.server)
            with connected(postgresql, created) as connection:
                metadata.create_all(connection)
                by_tables = indexes(connection)
            with connected(postgresql, migrated) as connection:
                assert indexes(connection) == by_tables

    def test_several_processes_may_upgrade_at_once(self, postgresql: Postgresql) -> None:
        with empty_database(postgresql) as made:
            with ThreadPoolExecutor(4) as threads:
                for one in [threads.submit(upgrade, postgresql.url(made), postgresql.server) for _ in range(4)]:
                    one.result()
            database = SqlDatabase(postgresql.url(made), postgresql.server)
            database.check()
            database.close()

    def test_a_database_without_our_tables_is_refused(self, postgresql: Postgresql) -> None:
        with empty_database(postgresql) as made:
            database = SqlDatabase(postgresql.url(made), postgresql.server)
            with pytest.raises(SetupWrong) as raised:
                database.check()
            database.close()
        assert (raised.value.code, raised.value.facts["need"]) == (Code.HOME_UPGRADE_NEEDED, schema.REVISION)


@pytest.mark.real
class TestSettings(OnPostgresql):
    """What each connection is told."""

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("statement_timeout", "30s"),
            ("lock_timeout", "15s"),
            ("idle_in_transaction_session_timeout", "1min"),
            ("synchronous_commit", "on"),
            ("application_name", "decision-gateway"),
        ],
    )
    def test_both_engines_have_their_limits(self, database: SqlDatabase, setting: str, value: str) -> None:
        for engine in (database._reading, database._writing):
            with engine.connect() as connection:
                assert connection.exec_driver_sql(f"SHOW {setting}").scalar() == value

    def test_a_reader_is_repeatable_and_a_writer_sees_what_it_waited_for(self, database: SqlDatabase) -> None:
        levels = []
        for engine in (database._reading, database._writing, database._reading):
            with engine.connect() as connection:
                levels.append(connection.exec_driver_sql("SHOW transaction_isolation").scalar())
        assert levels == ["repeatable read", "read committed", "repeatable read"]

    def test_what_a_connection_has_prepared_outlives_a_reader_and_a_look_up(self, postgresql: Postgresql) -> None:
        """psycopg forgets it with a ROLLBACK, and the server would parse and plan each statement anew."""
        made = postgresql.create()
        database = SqlDatabase(postgresql.url(made), replace(postgresql.server, connections=1))
        (delivery,) = stored_deliveries(database, {})
        kept: list[int] = []
        for open_one in (database.write, database.read, database.look_up) * 2:
            for _ in range(2):
                with open_one() as tx:
                    assert tx.deliveries.get(delivery.id) == delivery
            with database.look_up() as tx:
                kept += tx.connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalars()
        database.close()
        postgresql.drop(made)
        assert kept[0]
        assert kept == sorted(kept)

    def test_a_lease_is_renewed_by_the_delivery_s_id_whatever_the_statistics_say(self, database: SqlDatabase) -> None:
        """With nothing in flight when they were taken, the index of leases looks smallest and is none."""
        stored_deliveries(database, *({} for _ in range(50)))
        executed = statements(database, started)
        with database._writing.begin() as connection:
            connection.exec_driver_sql("ANALYZE deliveries")
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            (renewed,) = (one for one in executed if one[0].startswith("UPDATE deliveries SET lease_until"))
            used = {one.get("Index Name") for one in nodes(explained(connection, *renewed, "VERBOSE"))} - {None}
        assert used == {"uq_deliveries_id"}

    def test_nothing_is_written_in_a_reading_transaction(self, database: SqlDatabase) -> None:
        with pytest.raises(ServiceDown) as raised, database.read() as tx:
            tx.registry.add_data_key("k", b"wrapped")
        assert raised.value.facts == {"result": "25006"}

    def test_a_delivery_of_no_dispatch_is_refused_and_the_error_shows_no_value(self, database: SqlDatabase) -> None:
        with pytest.raises(sa.exc.IntegrityError) as raised, database.write() as tx:
            tx.deliveries.add(a_delivery(name(), participant=PERSON))
        assert PERSON not in f"{raised.value}{raised.value.orig}{raised.value.__context__}"

    def test_a_row_that_is_refused_is_not_quoted(self, database: SqlDatabase) -> None:
        """PostgreSQL tells the whole failing row in the details of its error."""
        (delivery,) = stored_deliveries(database, {"participant": PERSON})
        with pytest.raises(sa.exc.IntegrityError) as raised, database._writing.begin() as connection:
            connection.exec_driver_sql(f"UPDATE deliveries SET state = 'sending' WHERE id = '{delivery.id}'")
        assert "lease" in str(raised.value.orig)
        assert PERSON not in f"{raised.value}{raised.value.orig}"

    def test_a_claim_or_several_rows_at_once_in_a_look_up_are_a_defect_that_shows_at_once(
        self, database: SqlDatabase
    ) -> None:
        (delivery,) = stored_deliveries(database, {})
        with database.look_up() as tx:
            with pytest.raises(RuntimeError, match="look-up"):
                tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=1)
            with pytest.raises(RuntimeError, match="look-up"):
                tx.status.keep_issuers([b"one", b"other"])
            assert tx.deliveries.get(delivery.id) == delivery

    def test_a_writing_transaction_inside_another_is_a_defect_that_shows_at_once(self, database: SqlDatabase) -> None:
        with database.write(), pytest.raises(RuntimeError, match="inside"), database.write():
            pass

    def test_what_is_in_use_when_the_database_is_closed_is_closed_when_it_is_given_back(
        self, database: SqlDatabase
    ) -> None:
        with database._reading.connect() as connection:
            raw = cast("Connection", connection.connection.dbapi_connection)
            database.close()
            assert connection.scalar(sa.text("SELECT 1")) == 1
        assert raw.closed
        database.check()


@pytest.mark.real
class TestSideBySide(OnPostgresql):
    """What SQLite's one writer gives for nothing."""

    def test_a_text_that_it_does_not_take_is_refused_and_no_defect(self, database: SqlDatabase) -> None:
        with pytest.raises(InputRefused), database.look_up() as tx:
            tx.exchange.entry("\0")

    def test_events_of_a_delivery_are_numbered_without_a_gap_by_many_at_once(self, database: SqlDatabase) -> None:
        (delivery,) = stored_deliveries(database, {})

        def work() -> None:
            for _ in range(10):
                with database.write() as tx:
                    tx.records.append(an_event(dispatch=delivery.dispatch, delivery=delivery.id))

        with ThreadPoolExecutor(8) as threads:
            for one in [threads.submit(work) for _ in range(8)]:
                one.result()
        with database._reading.connect() as connection:
            found = connection.exec_driver_sql("SELECT sequence FROM events ORDER BY sequence").scalars().all()
        assert found == list(range(1, 81))

    def test_of_a_recipient_written_by_many_every_version_is_in_the_history_but_the_last(
        self, database: SqlDatabase
    ) -> None:
        def work(number: int) -> None:
            with database.write() as tx:
                tx.registry.put_recipient(a_recipient(id="r", sealed=str(number).encode()))

        with ThreadPoolExecutor(8) as threads:
            for one in [threads.submit(work, number) for number in range(24)]:
                one.result()
        with database.read() as tx:
            last = tx.registry.recipient("r")
        assert last is not None
        with database._reading.connect() as connection:
            kept = list(connection.execute(sa.select(recipient_history.c.sealed)).scalars())
        assert sorted([*kept, last.sealed]) == sorted(str(number).encode() for number in range(24))


@pytest.mark.real
class TestPassword:
    """Where the password comes from, and where it never shows."""

    def test_the_file_is_read_at_each_connection_so_that_a_password_can_change(
        self, postgresql: Postgresql, tmp_path: Path
    ) -> None:
        made = postgresql.create()
        file = tmp_path / "password"
        file.write_text("wrong\n")
        database = SqlDatabase(postgresql.url(made), Server(password_file=file))
        with pytest.raises(SetupWrong) as raised:
            database.check()
        assert (raised.value.code, raised.value.facts) == (Code.DATABASE_ACCESS, {"result": "28P01"})
        file.write_text(postgresql.password)
        database.check()
        database.close()
        postgresql.drop(made)

    def test_a_file_that_cannot_be_read_is_a_wrong_setting(self, postgresql: Postgresql, tmp_path: Path) -> None:
        database = SqlDatabase(postgresql.url("postgres"), Server(password_file=tmp_path / "absent"))
        with pytest.raises(SetupWrong) as raised:
            database.check()
        assert (raised.value.code, raised.value.where) == (Code.FILE_UNREADABLE, "database.password_file")

    @pytest.mark.parametrize("url", ["user:geheim@h/n", "user@h/n?password=geheim"])
    def test_a_password_in_the_url_is_refused_and_not_repeated(self, url: str) -> None:
        with pytest.raises(SetupWrong) as raised:
            SqlDatabase(f"postgresql+psycopg://{url}")
        assert (raised.value.code, raised.value.where) == (Code.SETTINGS_SECRET, "gateway.database")
        assert "geheim" not in f"{raised.value}{raised.value.facts}"

    @pytest.mark.parametrize("url", ["postgresql://u@h/n", "postgresql+psycopg2://u@h/n", "postgresql+psycopg://u@h"])
    def test_another_driver_or_no_name_is_a_wrong_setting(self, url: str) -> None:
        with pytest.raises(SetupWrong) as raised:
            SqlDatabase(url)
        assert raised.value.code is Code.SETTINGS_INVALID

    def test_a_database_that_is_not_there_is_said(self, postgresql: Postgresql) -> None:
        database = SqlDatabase(postgresql.url("nowhere"), postgresql.server)
        with pytest.raises(SetupWrong) as raised:
            database.check()
        assert (raised.value.code, raised.value.facts) == (Code.DATABASE_ACCESS, {"result": "3D000"})


def ssl_of(url: str) -> tuple[object, object]:
    """What a connection to that address would ask of TLS."""
    from gateway.store.postgresql import _connecting

    arguments = _connecting(sa.make_url(url), Server(wait=dt.timedelta(seconds=5)))
    return arguments.get("sslmode"), arguments.get("sslrootcert")


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("postgresql+psycopg://u@db.tribunal.example/n", ("verify-full", "system")),
        ("postgresql+psycopg://u@10.1.2.3/n", ("verify-full", "system")),
        ("postgresql+psycopg://u@db/n?sslrootcert=/etc/ca.pem", ("verify-full", "/etc/ca.pem")),
        ("postgresql+psycopg://u@db/n?sslmode=disable", (None, None)),
        ("postgresql+psycopg://u@127.0.0.1/n", (None, None)),
        ("postgresql+psycopg://u@localhost/n", (None, None)),
        ("postgresql+psycopg://u@/n?host=/run/postgresql", (None, None)),
    ],
)
def test_to_another_machine_tls_is_required_unless_the_address_says_otherwise(
    url: str, asked: tuple[object, object]
) -> None:
    """As for the mail server: nothing weaker because a setting is missing."""
    assert ssl_of(url) == asked
