"""What every `Scans` keeps to."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

from gateway.domain.scan import ScanFault, ScanMeaning
from gateway.ports.database import Database
from gateway.ports.scans import ScanRecord
from tests.contracts.manifests import a_manifest, enter, gathered, listed
from tests.contracts.samples import NOW


def a_scan(**changes: Any) -> ScanRecord:
    """A scan that found nothing to belong to."""
    values: dict[str, Any] = {
        "digest": "sha256:" + uuid.uuid4().hex,
        "file": "sha256:file",
        "source": "canada-post",
        "item": "RN473124815CA",
        "code": "1408",
        "meaning": ScanMeaning.DELIVERED,
        "at": NOW,
        "recorded_at": NOW,
        "extract": b"sealed",
        "fault": ScanFault.NO_ITEM,
    }
    return ScanRecord(**{**values, **changes})


class ScansContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_was_added_is_known_and_comes_back_newest_first(self, database: Database) -> None:
        (item,) = gathered(database)
        lost = a_scan()
        found = a_scan(delivery=item.delivery, attempt=item.attempt, fault=None, file="sha256:other")
        with database.write() as tx:
            tx.scans.add([lost, found])
            tx.scans.add([])
        asked = [lost.digest, found.digest, *(f"other-{number}" for number in range(1200))]
        with database.read() as tx:
            assert tx.scans.known(asked) == {lost.digest: ScanFault.NO_ITEM, found.digest: None}
            assert tx.scans.find(limit=9) == [found, lost]
            assert tx.scans.find(limit=1) == [found]
            assert tx.scans.find(limit=9, delivery=item.delivery) == [found]
            assert tx.scans.find(limit=9, file=lost.file) == [lost]
            assert tx.scans.faulty(limit=9) == tx.scans.faulty(limit=9, file=lost.file) == [lost]
            assert tx.scans.faulty(limit=9, file=found.file) == []

    def test_extracts_are_overwritten_by_delivery_and_by_file_and_scans_stay(self, database: Database) -> None:
        (item,) = gathered(database)
        own = a_scan(delivery=item.delivery, attempt=item.attempt, fault=None, file="sha256:other")
        lost, other = a_scan(), a_scan(file="sha256:third")
        with database.write() as tx:
            tx.scans.add([own, lost, other])
            tx.scans.erase([item.delivery])
            tx.scans.erase_file(lost.file)
        with database.read() as tx:
            assert tx.scans.find(limit=9) == [other, replace(lost, extract=b""), replace(own, extract=b"")]

    def test_a_file_is_found_late_once_there_is_an_item_of_that_number_since_then(self, database: Database) -> None:
        day = dt.timedelta(days=1)
        items = gathered(database, 2)
        manifest = a_manifest()
        since = manifest.closed_at
        with database.write() as tx:
            enter(tx, manifest, listed(manifest, *items))
            tx.manifests.track(items[0].attempt, "7316971133219701")
            tx.scans.add(
                [
                    a_scan(item="7316971133219701", file="sha256:tracked", at=since),
                    a_scan(item=items[1].reference, file="sha256:by-us", at=since - day),
                    a_scan(item=items[1].reference, file="sha256:former", at=since - day - dt.timedelta(seconds=1)),
                    a_scan(item="7316971133219718", file="sha256:strangers", at=since),
                    a_scan(item="7316971133219701", file="sha256:known", at=since, fault=ScanFault.TOO_LATE),
                ]
            )
        with database.read() as tx:
            assert tx.scans.files_found_late(before=day) == ["sha256:by-us", "sha256:tracked"]

    def test_what_found_its_item_later_stands_so(self, database: Database) -> None:
        (item,) = gathered(database)
        lost = a_scan()
        own = {"extract": b"sealed anew", "data_key": "evidence/1"}
        found = replace(lost, delivery=item.delivery, attempt=item.attempt, fault=None, **own)  # type: ignore[arg-type]
        with database.write() as tx:
            tx.scans.add([lost])
            tx.scans.save(found)
        with database.read() as tx:
            assert tx.scans.find(limit=9) == [found]

    def test_items_are_found_by_each_of_their_numbers_the_newest_first(self, database: Database) -> None:
        old, new, other = gathered(database, 3)
        manifest = a_manifest()
        with database.write() as tx:
            enter(tx, manifest, listed(manifest, old))
            for one in (old, new):
                tx.manifests.track(one.attempt, "7023210039414604")
        with database.read() as tx:
            found = tx.manifests.by_codes(["7023210039414604", other.reference, f"P{old.reference}", "nothing"])
            assert [one.attempt for one in found["7023210039414604"]] == [new.attempt, old.attempt]
            assert [one.attempt for one in found[f"P{old.reference}"]] == [old.attempt]
            assert found[other.reference] == [other]
            assert found["nothing"] == []
            assert tx.manifests.of_numbers([manifest.number, "none"]) == {manifest.number: manifest}
            assert tx.manifests.of_numbers([]) == {}
