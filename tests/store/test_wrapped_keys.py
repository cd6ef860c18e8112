"""Wrapped data keys are held briefly, and never over what a transaction of this process did."""

import pytest

from gateway.domain.problem import SetupWrong
from gateway.store.engine import SqlDatabase
from gateway.store.wrapped_keys import SECONDS, WrappedKeys
from tests.store.on_postgresql import OnPostgresql
from tests.store.on_sqlite import OnSqlite


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_held_for_some_seconds_and_no_longer() -> None:
    clock = Ticks()
    keys = WrappedKeys(clock)
    keys.put("k", b"wrapped")
    clock.now = SECONDS - 0.1
    assert keys.get("k") == b"wrapped"
    clock.now = SECONDS
    assert keys.get("k") is None


def test_however_many_packages_there_are_only_the_last_thousand_keys_are_held() -> None:
    keys = WrappedKeys(Ticks())
    for number in range(1001):
        keys.put(str(number), b"wrapped")
    assert (keys.get("0"), keys.get("1"), keys.get("1000")) == (None, b"wrapped", b"wrapped")


class Suite:
    """On whatever database."""

    def test_a_destroyed_key_is_gone_at_once_in_the_process_that_destroyed_it(self, database: SqlDatabase) -> None:
        with database.write() as tx:
            tx.registry.add_data_key("k", b"wrapped")
        for reading in (database.read, database.look_up):
            with reading() as tx:
                assert tx.registry.data_key("k") == b"wrapped"
        with database.write() as tx:
            tx.registry.destroy_data_key("k")
        with database.look_up() as tx, pytest.raises(SetupWrong):
            tx.registry.data_key("k")

    def test_a_key_under_another_wrapping_is_read_anew(self, database: SqlDatabase) -> None:
        with database.write() as tx:
            tx.registry.add_data_key("k", b"wrapped")
        with database.look_up() as tx:
            tx.registry.data_key("k")
        with database.write() as tx:
            tx.registry.rewrap_data_key("k", b"wrapped anew")
        with database.look_up() as tx:
            assert tx.registry.data_key("k") == b"wrapped anew"

    def test_a_key_whose_transaction_was_taken_back_was_never_there(self, database: SqlDatabase) -> None:
        def made_and_taken_back() -> None:
            with database.write() as tx:
                tx.registry.add_data_key("k", b"wrapped")
                assert tx.registry.data_key("k") == b"wrapped"
                raise InterruptedError

        with pytest.raises(InterruptedError):
            made_and_taken_back()
        with database.write() as tx:
            assert not tx.registry.has_data_key("k")
            tx.registry.add_data_key("k", b"another")
        with database.look_up() as tx:
            assert tx.registry.data_key("k") == b"another"


class TestOnSqlite(OnSqlite, Suite):
    """On SQLite."""


@pytest.mark.real
class TestOnPostgresql(OnPostgresql, Suite):
    """On PostgreSQL."""
