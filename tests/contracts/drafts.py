"""What every `Drafts` keeps to, and how dispatches are found by their files."""

from dataclasses import replace

from gateway.domain.draft import Draft
from gateway.domain.outcomes import Division
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW, a_dispatch

DRAFT = Draft(
    id="d-1", account="alice", version=1, begun_at=NOW, changed_at=NOW, objects=("o1", "o2"), content=b"\x00sealed"
)


class DraftsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_a_draft_is_replaced_found_by_its_account_and_removed(self, database: Database) -> None:
        second = replace(DRAFT, id="d-2", changed_at=NOW + MINUTE)
        after = replace(DRAFT, version=2, objects=())
        with database.write() as tx:
            for one in (DRAFT, second, replace(DRAFT, id="d-3", account="bob"), after):
                tx.drafts.put(one)
            assert tx.drafts.get("d-1", lock=True) == after
            assert list(tx.drafts.of_account("alice")) == [second, after]
            assert [one.id for one in tx.drafts.untouched(NOW + MINUTE)] == ["d-1", "d-3"]
            assert (tx.drafts.remove("d-1"), tx.drafts.remove("d-1"), tx.drafts.get("d-1")) == (True, False, None)

    def test_a_dispatch_is_found_by_each_of_its_files_the_newest_first(self, database: Database) -> None:
        first, second = a_dispatch(files=("A-1", "A-2")), a_dispatch(files=("A-2",))
        with database.write() as tx:
            tx.dispatches.add(first)
            tx.dispatches.add(second)
            assert [one.id for one in tx.dispatches.of_file("A-2")] == [second.id, first.id]
            assert list(tx.dispatches.of_file("A-1", division=first.division)) == [first]
            other = next(one for one in Division if one is not first.division)
            assert list(tx.dispatches.of_file("A-1", division=other)) == []
            assert list(tx.dispatches.of_file("A")) == []
