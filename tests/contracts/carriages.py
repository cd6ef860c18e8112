"""What every `Carriages` and every `TrackedItems` keeps to."""

import datetime as dt
from dataclasses import replace

import pytest

from gateway.domain.carriage import Carriage, CarriageState, Shipment, ShipmentState
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.reasons import Reason
from gateway.ports.database import Database
from gateway.ports.work import LeaseLost
from tests.contracts.manifests import CHANNEL, a_manifest, enter, gathered, listed
from tests.contracts.samples import MINUTE, NOW


def carried(database: Database, count: int = 1) -> tuple[Carriage, list[str]]:
    """A carriage over a manifest with so many items; their attempts."""
    manifest = a_manifest()
    items = listed(manifest, *gathered(database, count))
    carriage = Carriage(manifest=manifest.number, state=CarriageState.OPEN, next_at=NOW)
    with database.write() as tx:
        enter(tx, manifest, items)
        tx.carriages.open(carriage)
    return carriage, [one.attempt for one in items]


class CarriagesContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_one_process_at_a_time_is_given_what_is_unfinished_and_due(self, database: Database) -> None:
        carriage, _ = carried(database)
        with database.read() as tx:
            assert not tx.carriages.any_due(now=NOW - MINUTE)
            assert tx.carriages.any_due(now=NOW)
            assert tx.carriages.get(carriage.manifest) == carriage
            assert tx.carriages.get("none") is None
            assert tx.carriages.unfinished(closed_before=NOW + MINUTE) == [carriage.manifest]
            assert tx.carriages.unfinished(closed_before=NOW) == []
        with database.write() as tx:
            first = tx.carriages.claim(now=NOW, lease=MINUTE)
            assert first == replace(carriage, next_at=NOW + MINUTE, fence=1)
            assert tx.carriages.claim(now=NOW, lease=MINUTE) is None
        with database.write() as tx:
            held = tx.carriages.claim(now=NOW + MINUTE, lease=MINUTE)
            assert held == replace(carriage, next_at=NOW + 2 * MINUTE, fence=2)
            with pytest.raises(LeaseLost):
                tx.carriages.save(first)
            done = replace(
                held,
                state=CarriageState.CONFIRMED,
                asked_at=NOW,
                reason=Reason.CARRIER_BUSY,
                places=("https://post/1",),
                papers=("ab", "cd"),
            )
            tx.carriages.save(done)
        with database.write() as tx:
            assert tx.carriages.get(carriage.manifest) == done
            assert tx.carriages.unfinished(closed_before=NOW + MINUTE) == []
            assert tx.carriages.claim(now=NOW + 9 * MINUTE, lease=MINUTE) is None

    def test_an_envelope_is_told_of_by_one_process_alone(self, database: Database) -> None:
        carriage, (attempt, other) = carried(database, 2)
        asked = Shipment(attempt=attempt, manifest=carriage.manifest, state=ShipmentState.ASKED, asked_at=NOW)
        again = replace(asked, asked_at=NOW + MINUTE)
        with database.write() as tx:
            assert tx.carriages.ask(asked, before=None)
            assert not tx.carriages.ask(asked, before=None)
        with database.write() as tx:
            assert tx.carriages.ask(again, before=NOW)
            assert not tx.carriages.ask(again, before=NOW)
        made = replace(again, state=ShipmentState.MADE, number="12", own="https://post/12", label="ab")
        with database.write() as tx:
            tx.carriages.put(made)
        with database.read() as tx:
            assert tx.carriages.shipments(carriage.manifest) == {attempt: made}
            assert tx.carriages.labels([attempt, other]) == {attempt: "ab"}
            assert tx.carriages.labels([]) == {}

    def test_what_is_not_proven_is_asked_about_the_longest_due_first(self, database: Database) -> None:
        _, (first, second) = carried(database, 2)
        asking = {"now": NOW, "since": NOW - MINUTE, "limit": 10}
        with database.write() as tx:
            tx.manifests.track(second, "7000000000000002")
            tx.tracked.asked(first, asked=1, next_at=NOW - MINUTE, certificate=None)
        with database.read() as tx:
            due = tx.tracked.due([CHANNEL], **asking)  # type: ignore[arg-type]
            assert [(one.attempt, one.asked, one.delivered) for one in due] == [(second, 0, False), (first, 1, False)]
            assert due[0].number == "7000000000000002"
            assert due[1].number.startswith("P")
            assert due[0].since == NOW
            assert tx.tracked.due(["courier"], **asking) == []  # type: ignore[arg-type]
            assert tx.tracked.due([CHANNEL], now=NOW, since=NOW + MINUTE, limit=10) == []
        with database.write() as tx:
            tx.tracked.asked(first, asked=2, next_at=NOW + MINUTE, certificate=None)
        with database.read() as tx:
            assert [one.attempt for one in tx.tracked.due([CHANNEL], **asking)] == [second]  # type: ignore[arg-type]

    def test_what_is_delivered_is_asked_about_until_its_certificate_is_there(self, database: Database) -> None:
        _, (attempt,) = carried(database)
        with database.write() as tx:
            (item,) = tx.tracked.due([CHANNEL], now=NOW, since=NOW, limit=1)
            delivery = tx.deliveries.get(item.delivery, lock=True)
            (tried,) = tx.deliveries.attempts(delivery.id)
            tx.deliveries.end_attempt(replace(tried, result=ResultName.HANDED_OVER, finished_at=NOW))
            tx.deliveries.save(replace(delivery, state=DeliveryState.DELIVERED, settled=True, next_action_at=None))
        with database.write() as tx:
            (due,) = tx.tracked.due([CHANNEL], now=NOW, since=NOW, limit=1)
            assert (due.attempt, due.delivered) == (attempt, True)
            tx.tracked.asked(attempt, asked=1, next_at=NOW + dt.timedelta(days=1), certificate="ab")
        with database.read() as tx:
            assert tx.tracked.due([CHANNEL], now=NOW + dt.timedelta(days=2), since=NOW, limit=1) == []
            assert tx.tracked.certificates([attempt, "none"]) == {attempt: "ab"}
