"""What every keeper of attempts keeps to: nothing starts under a lost lease, nothing starts twice."""

import datetime as dt
from dataclasses import replace

import pytest

from gateway.domain.delivery import Attempt, Delivery, DeliveryState, ResultName
from gateway.domain.reasons import Reason
from gateway.ports.database import Database
from gateway.ports.work import LeaseLost
from tests.contracts.samples import LEASE, MINUTE, NOW, an_attempt, stored_deliveries

SENT_DIGEST = "sha256:" + "ab" * 32
SENT_OBJECT = "cd" * 16


def claimed(database: Database) -> tuple[Delivery, Attempt]:
    """A delivery that was just claimed, and its attempt."""
    stored_deliveries(database, {})
    with database.write() as tx:
        (delivery,) = tx.deliveries.claim("encrypted-email", now=NOW, lease=LEASE, limit=1)
        attempt = an_attempt(delivery)
        tx.deliveries.add_attempt(attempt)
    return delivery, attempt


def start(database: Database, attempt: Attempt, now: dt.datetime = NOW) -> None:
    """Says that the network is about to be touched."""
    with database.write() as tx:
        tx.deliveries.start_attempt(attempt, now=now, lease=LEASE, sent_digest=SENT_DIGEST, sent_object=SENT_OBJECT)


def attempts_of(database: Database, delivery: Delivery) -> list[Attempt]:
    """What is kept of the delivery's attempts."""
    with database.read() as tx:
        return list(tx.deliveries.attempts(delivery.id))


class AttemptsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_attempts_come_back_as_they_went_in_oldest_first(self, database: Database) -> None:
        delivery, first = claimed(database)
        second = an_attempt(
            delivery,
            number=2,
            started_at=NOW,
            finished_at=NOW + MINUTE,
            result=ResultName.REFUSED,
            reason=Reason.SMTP_REFUSED,
            words=b"\x00sealed\xff",
            sent_digest=SENT_DIGEST,
            sent_object=SENT_OBJECT,
        )
        (other,) = stored_deliveries(database, {})
        with database.write() as tx:
            tx.deliveries.add_attempt(second)
            assert tx.deliveries.attempts(delivery.id) == [first, second]
            assert tx.deliveries.attempts_of([other.id, delivery.id]) == {other.id: [], delivery.id: [first, second]}
            assert tx.deliveries.attempts_of([]) == {}

    def test_starting_writes_what_will_be_sent_and_renews_the_lease(self, database: Database) -> None:
        delivery, attempt = claimed(database)
        start(database, attempt, now=NOW + MINUTE)
        started = replace(attempt, started_at=NOW + MINUTE, sent_digest=SENT_DIGEST, sent_object=SENT_OBJECT)
        assert attempts_of(database, delivery) == [started]
        with database.read() as tx:
            assert tx.deliveries.get(delivery.id) == replace(delivery, lease_until=NOW + MINUTE + LEASE)

    def test_nothing_starts_once_the_lease_ran_out(self, database: Database) -> None:
        delivery, attempt = claimed(database)
        with pytest.raises(LeaseLost):
            start(database, attempt, now=NOW + LEASE)
        assert attempts_of(database, delivery) == [attempt]
        start(database, attempt, now=NOW + LEASE - dt.timedelta(microseconds=1))

    def test_nothing_starts_under_an_old_fence(self, database: Database) -> None:
        delivery, attempt = claimed(database)
        with database.write() as tx:
            tx.deliveries.save(replace(delivery, fence=delivery.fence + 1))
        with pytest.raises(LeaseLost):
            start(database, attempt)
        assert attempts_of(database, delivery) == [attempt]

    @pytest.mark.parametrize("state", [state for state in DeliveryState if state is not DeliveryState.SENDING])
    def test_nothing_starts_unless_the_delivery_is_sending(self, database: Database, state: DeliveryState) -> None:
        delivery, attempt = claimed(database)
        with database.write() as tx:
            tx.deliveries.save(replace(delivery, state=state))
        with pytest.raises(LeaseLost):
            start(database, attempt)

    def test_an_attempt_does_not_start_twice(self, database: Database) -> None:
        delivery, attempt = claimed(database)
        start(database, attempt)
        with pytest.raises(LeaseLost):
            start(database, attempt, now=NOW + MINUTE)
        assert attempts_of(database, delivery)[0].started_at == NOW
        with database.read() as tx:
            assert tx.deliveries.get(delivery.id).lease_until == NOW + LEASE

    def test_an_attempt_that_ended_does_not_start(self, database: Database) -> None:
        _, attempt = claimed(database)
        with database.write() as tx:
            tx.deliveries.end_attempt(replace(attempt, finished_at=NOW, result=ResultName.NOT_SENT))
        with pytest.raises(LeaseLost):
            start(database, attempt)

    def test_ending_writes_the_result_and_leaves_what_was_sent(self, database: Database) -> None:
        delivery, attempt = claimed(database)
        start(database, attempt)
        ended = replace(
            attempt,
            finished_at=NOW + MINUTE,
            result=ResultName.MAYBE_SENT,
            reason=Reason.SMTP_UNCERTAIN,
            words=b"sealed",
        )
        with database.write() as tx:
            tx.deliveries.end_attempt(ended)
        kept = replace(ended, started_at=NOW, sent_digest=SENT_DIGEST, sent_object=SENT_OBJECT)
        assert attempts_of(database, delivery) == [kept]

    def test_what_was_never_added_cannot_end(self, database: Database) -> None:
        delivery, attempt = claimed(database)
        with pytest.raises(LookupError), database.write() as tx:
            tx.deliveries.end_attempt(an_attempt(delivery))
        assert attempts_of(database, delivery) == [attempt]
