"""What every `Breaches` keeps to."""

from dataclasses import replace

from gateway.domain.breach import Breach
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW

FIRST = Breach(
    dispatch="d-1",
    version=1,
    number="2026-d",
    material_at=None,
    reported_at=None,
    made_by="alice",
    made_at=NOW,
    content=b"\x00sealed",
)


class BreachesContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_every_version_is_kept_and_the_newest_stands(self, database: Database) -> None:
        second, others = replace(FIRST, version=2, made_by="bob"), replace(FIRST, dispatch="d-2")
        with database.write() as tx:
            assert tx.breaches.newest("d-1") is None
            for one in (FIRST, others, second):
                tx.breaches.add(one)
            assert tx.breaches.newest("d-1") == second
            assert tx.breaches.newest("d-2") == others

    def test_what_is_material_and_unreported_stands_by_its_date_until_a_newer_version_says_otherwise(
        self, database: Database
    ) -> None:
        later = replace(FIRST, version=2, material_at=NOW + MINUTE)
        sooner = replace(FIRST, dispatch="d-2", material_at=NOW)
        with database.write() as tx:
            for one in (FIRST, later, sooner, replace(FIRST, dispatch="d-3")):
                tx.breaches.add(one)
            assert list(tx.breaches.to_report(9)) == [sooner, later]
            assert list(tx.breaches.to_report(1)) == [sooner]
            tx.breaches.add(replace(sooner, version=2, reported_at=NOW + MINUTE))
            assert list(tx.breaches.to_report(9)) == [later]
