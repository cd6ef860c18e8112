"""What every `Manifests` keeps to."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.carriage import Carriage, CarriageState
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.manifest import BatchedItem, Manifest, WaitingBatch
from gateway.domain.problem import NoSuchThing
from gateway.ports.database import Database, Transaction
from gateway.ports.work import LeaseLost
from tests.contracts.samples import MINUTE, NOW, an_attempt, stored_deliveries

CHANNEL = "regular-mail"


def gathered(database: Database, count: int = 1, **changes: Any) -> list[BatchedItem]:
    """Items that lie in a batch, with the deliveries and attempts they belong to."""
    batched = {"state": DeliveryState.BATCHED, "plan": (CHANNEL,), "fence": 1, "next_action_at": None}
    deliveries = stored_deliveries(database, *[batched] * count)
    items = []
    with database.write() as tx:
        for place, delivery in enumerate(deliveries):
            attempt = an_attempt(delivery, reference=f"{place:024d}", result=ResultName.GATHERED)
            tx.deliveries.add_attempt(attempt)
            values: dict[str, Any] = {
                "attempt": attempt.id,
                "delivery": delivery.id,
                "dispatch": delivery.dispatch,
                "channel": CHANNEL,
                "office": "toronto",
                "reference": attempt.reference,
                "gathered_at": NOW,
                "envelope": b"sealed",
                "pages": 14,
                "sheets": 7,
            }
            item = BatchedItem(**{**values, **changes})
            tx.manifests.gather(item)
            items.append(item)
    return items


def a_manifest(**changes: Any) -> Manifest:
    """Just closed."""
    values: dict[str, Any] = {
        "number": "M20261120-001",
        "channel": CHANNEL,
        "office": "toronto",
        "carrier": "Canada Post",
        "closed_at": NOW,
        "closed_by": "clerk",
    }
    return Manifest(**{**values, **changes})


def listed(manifest: Manifest, *items: BatchedItem) -> list[BatchedItem]:
    """The items as they stand on it."""
    return [
        replace(one, manifest=manifest.number, place=place, piece=f"P{one.reference}")
        for place, one in enumerate(items, 1)
    ]


def enter(tx: Transaction, manifest: Manifest, items: Iterable[BatchedItem] = ()) -> None:
    """A closed manifest with its items."""
    tx.manifests.add(manifest)
    for item in items:
        tx.manifests.put_in(item)


class ManifestsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_a_manifest_is_unsigned_while_something_of_it_is_batched_and_nobody_signed(
        self, database: Database
    ) -> None:
        made = [a_manifest(number=f"M{place}", closed_at=NOW + place * MINUTE) for place in range(5)]
        items: dict[str, BatchedItem] = {}
        for manifest in made:
            (items[manifest.number],) = listed(manifest, *gathered(database))
        with database.write() as tx:
            for manifest in made:
                enter(tx, manifest, [items[manifest.number]])
            tx.manifests.hand_over(replace(made[1], handed_over_at=NOW, recorded_by="clerk"))
            gone = tx.deliveries.get(items["M2"].delivery)
            tx.deliveries.save(replace(gone, state=DeliveryState.HELD))
        with database.read() as tx:
            assert tx.manifests.unsigned(closed_before=made[4].closed_at) == ["M0", "M3"]
            assert tx.manifests.unsigned(closed_before=NOW) == []

    def test_papers_of_a_manifest_are_over_once_nothing_is_kept_of_any_of_its_items(self, database: Database) -> None:
        signed, unsigned = a_manifest(number="M1"), a_manifest(number="M2")
        first, second = listed(signed, *gathered(database, 2))
        (third,) = listed(unsigned, *gathered(database))
        own = f"evidence/{first.dispatch}"
        with database.write() as tx:
            enter(tx, signed, [first, second])
            enter(tx, unsigned, [third])
            tx.manifests.hand_over(replace(signed, handed_over_at=NOW, recorded_by="clerk", object_name="page"))
            tx.registry.add_data_key(own, b"wrapped")
        with database.write() as tx:
            assert tx.manifests.over(limit=9) == []
            tx.registry.destroy_data_key(own)
        with database.write() as tx:
            assert [one.number for one in tx.manifests.over(limit=9)] == ["M1"]
            tx.manifests.hand_over(replace(signed, handed_over_at=NOW, recorded_by="clerk"))
            assert tx.manifests.over(limit=9) == []
            tx.carriages.open(Carriage(manifest="M2", state=CarriageState.CONFIRMED, next_at=NOW, papers=("paper",)))
            assert [one.number for one in tx.manifests.over(limit=9)] == ["M2"]

    def test_what_is_gathered_waits_until_a_manifest_is_closed_over_it(self, database: Database) -> None:
        first, second = gathered(database, 2)
        (elsewhere,) = gathered(database, office="montreal")
        with database.read() as tx:
            assert tx.manifests.waiting() == [first, second, elsewhere]
            assert tx.manifests.waiting(channel=CHANNEL, office="toronto") == [first, second]
            assert tx.manifests.waiting(channel="courier") == []
            assert tx.manifests.waiting(limit=2) == [first, second]
            assert tx.manifests.waiting(after=first.attempt) == [second, elsewhere]
            assert tx.manifests.waiting(office="montreal", after=elsewhere.attempt) == []
            assert tx.manifests.batches() == [
                WaitingBatch(channel=CHANNEL, office=office, items=items, since=NOW)
                for office, items in (("montreal", 1), ("toronto", 2))
            ]
            here, there = (CHANNEL, "toronto"), (CHANNEL, "montreal")
            assert tx.manifests.gathered_after({here: NOW - MINUTE, there: NOW}) == {here: 2}
            assert tx.manifests.gathered_after({}) == {}
        manifest = a_manifest()
        (on_it,) = listed(manifest, second)
        with database.write() as tx:
            enter(tx, manifest, [on_it])
        with database.read() as tx:
            assert tx.manifests.waiting(office="toronto") == [first]
            assert tx.manifests.get(manifest.number) == manifest
            assert tx.manifests.items(manifest.number) == tx.manifests.items(manifest.number, limit=1) == [on_it]
            assert tx.manifests.items(manifest.number, after=1) == []
            assert tx.manifests.count_items([manifest.number, "none"]) == {manifest.number: 1, "none": 0}
            assert tx.manifests.newest(5) == [manifest]
            assert tx.manifests.by_code(second.reference) == tx.manifests.by_code(f"P{second.reference}") == on_it
            assert tx.manifests.by_code("nothing") is None
            assert tx.manifests.of_attempts([first.attempt, second.attempt, "none"]) == {
                first.attempt: first,
                second.attempt: on_it,
            }

    def test_no_item_is_put_into_a_second_manifest(self, database: Database) -> None:
        items = gathered(database, 2)
        first, second = a_manifest(), a_manifest(number="M20261120-002")
        with database.write() as tx:
            enter(tx, first, listed(first, items[0]))
        with pytest.raises(LeaseLost), database.write() as tx:
            enter(tx, second, listed(second, *items))
        with database.read() as tx:
            assert tx.manifests.newest(5) == [first]
            assert tx.manifests.waiting() == [items[1]]

    def test_what_left_its_batch_or_was_gathered_anew_waits_no_more(self, database: Database) -> None:
        held, anew = gathered(database, 2)
        with database.write() as tx:
            tx.deliveries.save(replace(tx.deliveries.get(held.delivery), state=DeliveryState.HELD))
            tx.deliveries.save(replace(tx.deliveries.get(anew.delivery), fence=2))
        with database.read() as tx:
            assert tx.manifests.waiting() == []

    def test_a_handover_is_written_to_the_manifest(self, database: Database) -> None:
        manifest = a_manifest()
        taken = replace(
            manifest, handed_over_at=NOW + MINUTE, recorded_by="clerk", evidence="sha256:ab", object_name="cd"
        )
        with database.write() as tx:
            enter(tx, manifest)
            assert tx.manifests.get(manifest.number, lock=True) == manifest
            tx.manifests.hand_over(taken)
        with database.read() as tx:
            assert tx.manifests.get(manifest.number) == taken
            with pytest.raises(NoSuchThing) as missing:
                tx.manifests.get("M20261120-009")
        assert missing.value.code is Code.MANIFEST_UNKNOWN

    def test_numbers_that_were_used_lately_are_known(self, database: Database) -> None:
        (item,) = gathered(database)
        manifest = a_manifest()
        with database.write() as tx:
            enter(tx, manifest, listed(manifest, item))
        asked = [f"P{item.reference}", *(f"other-{number}" for number in range(1200))]
        with database.read() as tx:
            assert tx.manifests.pieces_used(asked, since=NOW - MINUTE) == {asked[0]}
            assert tx.manifests.pieces_used(asked, since=NOW + MINUTE) == frozenset()

    def test_a_counter_counts_for_each_who_asks_at_the_same_time(self, database: Database) -> None:
        seen: list[int] = []

        def count() -> None:
            with database.write() as tx:
                seen.append(tx.manifests.advance("numbers", 5))

        threads = [threading.Thread(target=count) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(seen) == [5, 10, 15, 20, 25, 30]
        with database.write() as tx:
            assert tx.manifests.advance("others") == 1
