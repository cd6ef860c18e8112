"""What every `UnreachedStore` keeps to."""

from dataclasses import replace

from gateway.domain.report import Finding
from gateway.domain.unreached import Unreached
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW

ROW = Unreached(
    attempt="a1", finding=Finding.RECALL_UNREACHED, dispatch="d1", delivery="y1", since=NOW, next_at=NOW, taken=True
)


class UnreachedContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_is_due_is_one_process_s_and_the_same_again_changes_nothing(self, database: Database) -> None:
        other = replace(ROW, finding=Finding.FORMER_HAS_IT, next_at=NOW + MINUTE, taken=False)
        with database.write() as tx:
            for one in (ROW, other, replace(ROW, next_at=NOW - MINUTE)):
                tx.unreached.add(one)
            assert tx.unreached.some_due(NOW)
            assert tx.unreached.take(now=NOW, until=NOW + 5 * MINUTE, limit=5) == [ROW]
            assert not tx.unreached.some_due(NOW)
            assert tx.unreached.take(now=NOW, until=NOW + 5 * MINUTE, limit=5) == []
            tx.unreached.save(replace(ROW, next_at=None, called=True))
        with database.write() as tx:
            tx.unreached.add(ROW)
            assert tx.unreached.take(now=NOW + 9 * MINUTE, until=NOW + 10 * MINUTE, limit=5) == [other]
