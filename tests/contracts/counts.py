"""What every `KeptCounts` keeps to."""

import datetime as dt
from dataclasses import replace

from gateway.ports.counts import KeptCount
from gateway.ports.database import Database
from tests.contracts.samples import NOW

LATER = NOW + dt.timedelta(minutes=5)


class KeptCountsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_of_each_name_the_newest_stands_with_its_time(self, database: Database) -> None:
        first = KeptCount(name="figures", counted_at=NOW, content=b'{"week":[]}')
        other, again = replace(first, name="figures:ottawa"), replace(first, counted_at=LATER, content=b"{}")
        with database.write() as tx:
            assert tx.kept_counts.get("figures") is None
            for one in (first, other, again):
                tx.kept_counts.put(one)
        with database.read() as tx:
            assert [tx.kept_counts.get(one) for one in ("figures", "figures:ottawa")] == [again, other]
