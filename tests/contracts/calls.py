"""What every `Calls` keeps to: what happened is owed with it, is taken by one at a time, and bears one id."""

import datetime as dt
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.calls import Call, CallFault, Endpoint, Subject, call_id
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.problem import NoSuchThing
from gateway.ports.database import Database
from tests.contracts.samples import LEASE, MINUTE, NOW, an_event, name, stored_deliveries

THREADS = 6


def an_endpoint(**changes: Any) -> Endpoint:
    """One that is told of every delivery."""
    values: dict[str, Any] = {
        "id": name(),
        "url": "https://nova.test/told",
        "subject": Subject.DELIVERIES,
        "submitter": "",
        "secret": b"sealed",
        "added_at": NOW,
        "added_by": "ann",
    }
    return Endpoint(**{**values, **changes})


def stored(database: Database, **changes: Any) -> Endpoint:
    """The same, kept."""
    endpoint = an_endpoint(**changes)
    with database.write() as tx:
        tx.calls.add_endpoint(endpoint)
    return endpoint


def claimed(database: Database, endpoint: Endpoint, now: dt.datetime = NOW, limit: int = 100) -> list[Call]:
    """What is taken of an endpoint."""
    with database.write() as tx:
        return sorted(tx.calls.claim(endpoint.id, now=now, lease=LEASE, limit=limit), key=lambda one: one.id)


class CallsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_happened_to_a_delivery_is_owed_with_how_it_stands_after_it(self, database: Database) -> None:
        endpoint, staff = stored(database), stored(database, subject=Subject.STAFF)
        (delivery,) = stored_deliveries(database, {})
        with database.write() as tx:
            tx.records.append(an_event(dispatch=delivery.dispatch, delivery=delivery.id))
            tx.records.append(an_event(dispatch=delivery.dispatch))
            tx.deliveries.save(replace(delivery, state=DeliveryState.HELD))
        (call,) = claimed(database, endpoint)
        assert (call.id, call.tries) == (call_id(delivery.id, 1), 1)
        data = json.loads(call.body)["data"]
        assert (data["delivery"], data["state"]) == (delivery.id, "held")
        assert claimed(database, staff) == []

    def test_an_endpoint_is_owed_what_happens_until_it_is_removed(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})

        def happens() -> None:
            with database.write() as tx:
                tx.records.append(an_event(dispatch=delivery.dispatch, delivery=delivery.id))

        happens()
        endpoint = stored(database)
        happens()
        assert [one.id for one in claimed(database, endpoint)] == [call_id(delivery.id, 2)]
        with database.write() as tx:
            tx.calls.save_endpoint(replace(endpoint, removed_at=NOW))
        happens()
        assert claimed(database, endpoint, NOW + LEASE + MINUTE)[1:] == []

    def test_what_was_rolled_back_is_owed_to_nobody(self, database: Database) -> None:
        endpoint = stored(database)
        (delivery,) = stored_deliveries(database, {})

        def fail() -> None:
            with database.write() as tx:
                tx.records.append(an_event(dispatch=delivery.dispatch, delivery=delivery.id))
                raise LookupError

        with pytest.raises(LookupError):
            fail()
        assert claimed(database, endpoint) == []

    def test_a_submitter_is_told_of_its_own_alone(self, database: Database) -> None:
        nova, other = stored(database, submitter="nova"), stored(database, submitter="token:t1")
        (delivery,) = stored_deliveries(database, {})
        with database.write() as tx:
            tx.records.append(an_event(dispatch=delivery.dispatch, delivery=delivery.id))
        assert len(claimed(database, nova)) == 1
        assert claimed(database, other) == []

    def test_a_call_is_taken_by_one_until_its_lease_or_its_time(self, database: Database) -> None:
        endpoint = stored(database)
        with database.write() as tx:
            tx.calls.add([Call(id=str(one), endpoint=endpoint.id, body="{}", made_at=NOW) for one in range(40)])
        together = threading.Barrier(THREADS)

        def take(_: int) -> list[str]:
            together.wait()
            return [one.id for _ in range(4) for one in claimed(database, endpoint, limit=3)]

        with ThreadPoolExecutor(THREADS) as threads:
            taken = Counter(one for some in threads.map(take, range(THREADS)) for one in some)
        assert taken == Counter(str(one) for one in range(40))
        assert len(claimed(database, endpoint, NOW + LEASE)) == 40

    def test_a_call_ends_once(self, database: Database) -> None:
        endpoint = stored(database)
        with database.write() as tx:
            tx.calls.add([Call(id="a", endpoint=endpoint.id, body="{}", made_at=NOW)])
            tx.calls.add([Call(id="a", endpoint=endpoint.id, body="{}", made_at=NOW)])
        (first,) = claimed(database, endpoint)
        (second,) = claimed(database, endpoint, NOW + LEASE)
        with database.write() as tx:
            tx.calls.save(replace(first, told_at=NOW))
            assert tx.calls.untold()[endpoint.id].count == 1
            tx.calls.save(replace(second, lease_until=None, next_action_at=NOW + 9 * MINUTE))
            assert tx.calls.ready(now=NOW + 8 * MINUTE) == []
            assert tx.calls.ready(now=NOW + 9 * MINUTE) == [endpoint]
            tx.calls.hurry(endpoint.id)
            assert tx.calls.ready(now=NOW) == [endpoint]
            tx.calls.save(replace(second, lease_until=None, told_at=NOW))
            assert (tx.calls.untold(), tx.calls.ready(now=NOW + LEASE)) == ({}, [])

    def test_an_endpoint_that_rests_is_suspended_or_removed_is_not_ready(self, database: Database) -> None:
        endpoint = stored(database)
        with database.write() as tx:
            tx.calls.add([Call(id="a", endpoint=endpoint.id, body="{}", made_at=NOW)])
        resting = replace(endpoint, failures=2, failing_since=NOW, next_call_at=NOW + MINUTE, fault=CallFault.TIMED_OUT)
        for one in (resting, replace(endpoint, suspended_at=NOW), replace(endpoint, removed_at=NOW)):
            with database.write() as tx:
                tx.calls.save_endpoint(one)
                assert tx.calls.ready(now=NOW) == []
                assert tx.calls.endpoints() == ([] if one.removed_at else [one])
        with database.read() as tx, pytest.raises(NoSuchThing) as unknown:
            tx.calls.endpoint(endpoint.id)
        assert unknown.value.code is Code.ENDPOINT_UNKNOWN

    def test_what_was_told_is_told_again_and_in_the_end_forgotten(self, database: Database) -> None:
        endpoint = stored(database)
        with database.write() as tx:
            made = [NOW, NOW + MINUTE, NOW + 2 * MINUTE]
            tx.calls.add([Call(id=str(i), endpoint=endpoint.id, body="{}", made_at=at) for i, at in enumerate(made)])
        for call in claimed(database, endpoint):
            with database.write() as tx:
                tx.calls.save(replace(call, lease_until=None, told_at=NOW + 3 * MINUTE))
        with database.write() as tx:
            assert tx.calls.made_at(endpoint.id, "1") == NOW + MINUTE
            with pytest.raises(NoSuchThing) as unknown:
                tx.calls.made_at(endpoint.id, "9")
            assert unknown.value.code is Code.ENDPOINT_CALL_UNKNOWN
            assert tx.calls.tell_again(endpoint.id, since=NOW + MINUTE) == 2
            assert tx.calls.forget(before=NOW + 4 * MINUTE) == 1
        assert [one.id for one in claimed(database, endpoint, NOW + 3 * MINUTE)] == ["1", "2"]
        with database.write() as tx:
            tx.calls.drop(endpoint.id)
            assert tx.calls.untold() == {}
