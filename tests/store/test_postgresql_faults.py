"""PostgreSQL that fails under the store: restarted, killed, full, out of connections, held up, not there."""

import datetime as dt
import os
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace

import psycopg
import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.ports.database import Transaction
from gateway.store.engine import SqlDatabase
from gateway.store.engines import Server
from tests.contracts.samples import LEASE, NOW, a_recipient, stored_deliveries
from tests.real.postgresql import Postgresql, running_postgresql
from tests.real.small_disk import small_disk

pytestmark = pytest.mark.real

SECOND = dt.timedelta(seconds=1)


@pytest.fixture(scope="module")
def own() -> Iterator[Postgresql]:
    """A server that these tests stop and kill."""
    with running_postgresql(max_connections="8", superuser_reserved_connections="2") as running:
        yield running


@pytest.fixture
def database(own: Postgresql) -> Iterator[SqlDatabase]:
    made = own.create()
    database = SqlDatabase(own.url(made), replace(own.server, connections=4, wait=2 * SECOND))
    yield database
    database.close()


def keys(database: SqlDatabase) -> set[str]:
    """Which data keys are kept."""
    with database._reading.connect() as connection:
        return set(connection.exec_driver_sql("SELECT id FROM data_keys").scalars())


def test_a_restart_between_two_transactions_is_not_noticed(own: Postgresql, database: SqlDatabase) -> None:
    with database.write() as tx:
        tx.registry.add_data_key("before", b"wrapped")
    own.restart()
    with database.read() as tx:
        assert tx.registry.has_data_key("before")
    own.restart()
    with database.write() as tx:
        tx.registry.add_data_key("after", b"wrapped")
    assert keys(database) == {"before", "after"}


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_a_transaction_that_is_cut_off_leaves_nothing_and_says_why(
    own: Postgresql, database: SqlDatabase, how: str
) -> None:
    (delivery,) = stored_deliveries(database, {})
    with database.write() as tx:
        tx.registry.add_data_key("kept", b"wrapped")

    def cut(tx: Transaction) -> None:
        tx.registry.add_data_key("lost", b"wrapped")
        assert len(tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=1)) == 1
        if how == "kill":
            own.kill()
            own.start()
        else:
            own.restart()
        tx.registry.add_data_key("lost too", b"wrapped")

    with pytest.raises(ServiceDown) as raised, database.write() as tx:
        cut(tx)
    assert raised.value.code is Code.DATABASE_UNAVAILABLE
    assert keys(database) == {"kept"}
    with database.write() as tx:
        assert [one.id for one in tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=1)] == [
            delivery.id
        ]


def test_a_commit_that_is_cut_off_is_said(own: Postgresql, database: SqlDatabase) -> None:
    with pytest.raises(ServiceDown) as raised, database.write() as tx:  # noqa: PT012  (it is the end that raises)
        tx.registry.add_data_key("perhaps", b"wrapped")
        own.restart()
    assert raised.value.code is Code.DATABASE_UNAVAILABLE


def test_a_server_that_is_down_is_said_and_found_again(own: Postgresql, database: SqlDatabase) -> None:
    own.stop()
    for _ in range(2):
        with pytest.raises(ServiceDown) as raised:
            database.check()
        assert (raised.value.code, raised.value.facts) == (Code.DATABASE_UNAVAILABLE, {"result": "08006"})
    own.start()
    database.check()


def until_places_are_free(own: Postgresql) -> None:
    """A connection that was closed takes its place until its process on the server has ended."""
    ends = time.monotonic() + 60
    while True:
        with suppress(psycopg.OperationalError), own.superuser() as alone:
            half = "SELECT count(*) < current_setting('max_connections')::int / 2 FROM pg_stat_activity"
            if alone.execute(f"{half} WHERE backend_type = 'client backend'").fetchone() == (True,):
                return
        assert time.monotonic() < ends, "their places are still taken"
        time.sleep(0.02)


def test_a_server_out_of_connections_is_said_by_that_name(own: Postgresql, database: SqlDatabase) -> None:
    with ExitStack() as held:
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(own.superuser())
        with pytest.raises(ServiceDown) as raised:
            database.check()
        assert (raised.value.code, raised.value.facts) == (Code.DATABASE_CONNECTIONS, {"result": "53300"})
    until_places_are_free(own)
    database.check()


def test_a_process_whose_own_connections_are_all_in_use_waits_and_then_says_so(
    own: Postgresql, database: SqlDatabase
) -> None:
    with ThreadPoolExecutor(4) as threads:
        inside, release = threading.Barrier(5), threading.Event()

        def hold() -> None:
            with database.read() as tx:
                tx.registry.pauses()
                inside.wait()
                release.wait()

        waiting = [threads.submit(hold) for _ in range(4)]
        inside.wait()
        with pytest.raises(ServiceDown) as raised:
            database.check()
        release.set()
        for one in waiting:
            one.result()
    assert (raised.value.code, raised.value.facts) == (Code.DATABASE_CONNECTIONS, {"result": "pool"})
    database.check()


def test_a_row_that_somebody_holds_for_ever_is_said(own: Postgresql, database: SqlDatabase) -> None:
    (delivery,) = stored_deliveries(database, {})
    url = database._reading.url.render_as_string(hide_password=False)
    hasty = SqlDatabase(url, Server(password_file=own.password_file, statement_limit=SECOND))
    with database.write() as tx:
        tx.deliveries.get(delivery.id, lock=True)
        with pytest.raises(ServiceDown) as raised, hasty.write() as other:
            other.deliveries.get(delivery.id, lock=True)
    assert (raised.value.code, raised.value.facts["result"]) == (Code.DATABASE_UNAVAILABLE, "55P03")
    hasty.close()


def test_two_that_wait_for_each_other_are_parted_and_one_goes_on(own: Postgresql, database: SqlDatabase) -> None:
    one, other = stored_deliveries(database, {}, {})
    together = threading.Barrier(2)

    def hold(first: str, second: str) -> str:
        try:
            with database.write() as tx:
                tx.deliveries.get(first, lock=True)
                together.wait()
                tx.deliveries.get(second, lock=True)
        except ServiceDown as problem:
            return str(problem.facts["result"])
        return "went on"

    with ThreadPoolExecutor(2) as threads:
        ends = [threads.submit(hold, *pair) for pair in ((one.id, other.id), (other.id, one.id))]
        assert {end.result() for end in ends} == {"went on", "40P01"}


def test_a_full_disk_is_said_and_leaves_nothing(own: Postgresql, database: SqlDatabase) -> None:
    """A tablespace on a disk of a few megabytes: the server itself goes on, the table cannot grow."""
    made = str(database._reading.url.database)
    owner = own.folder.stat()
    with small_disk(own.folder / "small") as disk:
        os.chown(disk.path, owner.st_uid, owner.st_gid)
        with own.superuser(made) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{disk.path}'")
            connection.execute("ALTER TABLE recipients SET TABLESPACE small")
        written = 0
        with pytest.raises(ServiceDown) as raised:  # noqa: PT012  (as many as fit)
            for _ in range(40):
                with database.write() as tx:
                    tx.registry.put_recipient(a_recipient(sealed=secrets.token_bytes(400_000)))
                written += 1
        assert raised.value.code is Code.STORAGE_FULL
        with database.read() as tx:
            assert len(tx.registry.recipients()) == written > 0
        database.close()
        with own.superuser(made) as connection:
            connection.execute("DROP TABLE recipients")
            connection.execute("DROP TABLESPACE small")
