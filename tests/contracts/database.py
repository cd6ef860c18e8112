"""What every `Database` keeps to: all or nothing, one consistent state, no row to two workers."""

import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.problem import Conflict, ServiceDown
from gateway.ports.database import Database
from tests.contracts.samples import LEASE, NOW, a_dispatch, an_attempt, stored_deliveries, stored_dispatch

THREADS = 8


class DatabaseContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_its_shape_is_ours(self, database: Database) -> None:
        database.check()

    def test_an_exception_leaves_nothing_of_its_transaction(self, database: Database) -> None:
        kept, lost = stored_dispatch(database), a_dispatch()

        def fail() -> None:
            with database.write() as tx:
                tx.dispatches.add(lost)
                tx.registry.add_data_key("k", b"wrapped")
                assert tx.dispatches.get(lost.id) == lost
                raise LookupError

        with pytest.raises(LookupError):
            fail()
        with database.read() as tx:
            assert [one.id for one in tx.dispatches.newest(10)] == [kept.id]
        with database.write() as tx:
            tx.registry.add_data_key("k", b"wrapped")

    def test_a_reader_sees_one_state_while_others_write(self, database: Database) -> None:
        before = stored_dispatch(database)
        with ThreadPoolExecutor(1) as other, database.read() as tx:
            assert [one.id for one in tx.dispatches.newest(10)] == [before.id]
            other.submit(stored_dispatch, database).result()
            assert [one.id for one in tx.dispatches.newest(10)] == [before.id]
        with database.read() as tx:
            assert len(tx.dispatches.newest(10)) == 2

    def test_a_look_up_sees_the_state_of_its_moment_and_writes_nothing(self, database: Database) -> None:
        with ThreadPoolExecutor(1) as other, database.look_up() as tx:
            assert tx.dispatches.newest(10) == []
            stored = other.submit(stored_dispatch, database).result()
        with database.look_up() as tx:
            assert [one.id for one in tx.dispatches.newest(10)] == [stored.id]
        with pytest.raises((RuntimeError, ServiceDown)), database.look_up() as tx:
            tx.registry.add_data_key("k", b"wrapped")
        with database.read() as tx:
            assert not tx.registry.has_data_key("k")

    def test_no_delivery_is_ever_claimed_twice(self, database: Database) -> None:
        deliveries = stored_deliveries(database, *({} for _ in range(200)))
        together = threading.Barrier(THREADS)

        def work() -> list[str]:
            together.wait()
            taken: list[str] = []
            while True:
                with database.write() as tx:
                    claimed = tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=3)
                    for one in claimed:
                        tx.deliveries.add_attempt(an_attempt(one))
                if not claimed:
                    return taken
                taken += [one.id for one in claimed]

        counts = Counter(one for taken in self._all(work) for one in taken)
        assert set(counts) == {one.id for one in deliveries}
        assert set(counts.values()) == {1}
        with database.read() as tx:
            assert {len(one) for one in tx.deliveries.attempts_of(list(counts)).values()} == {1}

    def test_no_dispatch_is_ever_claimed_twice(self, database: Database) -> None:
        dispatches = [stored_dispatch(database) for _ in range(40)]
        together = threading.Barrier(THREADS)

        def work() -> list[str]:
            together.wait()
            taken: list[str] = []
            while True:
                with database.write() as tx:
                    claimed = tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=2)
                if not claimed:
                    return taken
                taken += [one.id for one in claimed]

        taken = [one for some in self._all(work) for one in some]
        assert sorted(taken) == sorted(one.id for one in dispatches)

    def test_reading_first_and_writing_later_loses_no_change(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {"state": DeliveryState.NEEDS_PERSON})

        def work() -> None:
            for _ in range(10):
                with database.write() as tx:
                    now = tx.deliveries.get(delivery.id, lock=True)
                    tx.deliveries.save(replace(now, attempts=now.attempts + 1))

        self._all(work)
        with database.read() as tx:
            assert tx.deliveries.get(delivery.id).attempts == THREADS * 10

    def test_of_two_submissions_that_meet_one_wins(self, database: Database) -> None:
        package = a_dispatch().package_id
        together = threading.Barrier(THREADS)

        def work() -> bool:
            together.wait()
            try:
                stored_dispatch(database, package_id=package)
            except Conflict:
                return False
            return True

        assert Counter(self._all(work)) == {True: 1, False: THREADS - 1}

    def test_times_come_back_in_utc_whatever_offset_they_had(self, database: Database) -> None:
        toronto = dt.timezone(dt.timedelta(hours=-5))
        dispatch = stored_dispatch(database, accepted_at=NOW.astimezone(toronto))
        with database.read() as tx:
            accepted_at = tx.dispatches.get(dispatch.id).accepted_at
        assert (accepted_at, accepted_at.tzinfo) == (NOW, dt.UTC)

    @staticmethod
    def _all(work: Any) -> list[Any]:
        with ThreadPoolExecutor(THREADS) as threads:
            return [one.result() for one in [threads.submit(work) for _ in range(THREADS)]]
