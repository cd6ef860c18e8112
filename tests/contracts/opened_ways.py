"""What every `OpenedWays` keeps to."""

from gateway.domain.ways import Opened
from gateway.ports.database import Database
from tests.contracts.samples import a_delivery, a_dispatch


class OpenedWaysContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_the_way_opened_last_stands_and_each_dispatch_has_its_own(self, database: Database) -> None:
        dispatch, other = a_dispatch(), a_dispatch()
        one, elsewhere = a_delivery(dispatch.id), a_delivery(other.id)
        fax = Opened(channel="fax", gates=frozenset({"fax-protected-b", "long-fax"}))
        upload = Opened(channel="secure-upload", gates=frozenset({"iad-sensitive"}))
        with database.write() as tx:
            for given in (dispatch, other):
                tx.dispatches.add(given)
            for delivery in (one, elsewhere):
                tx.deliveries.add(delivery)
            assert tx.opened_ways.of_dispatch(dispatch.id) == {}
            tx.opened_ways.put(one.id, fax)
            tx.opened_ways.put(elsewhere.id, fax)
        with database.write() as tx:
            tx.opened_ways.put(one.id, upload)
        with database.read() as tx:
            assert tx.opened_ways.of_dispatch(dispatch.id) == {one.participant: upload}
            assert tx.opened_ways.of_dispatch(other.id) == {elsewhere.participant: fax}
        with database.write() as tx:
            tx.opened_ways.close(one.id)
        with database.read() as tx:
            assert tx.opened_ways.of_dispatch(dispatch.id) == {}
            assert tx.opened_ways.of_dispatch(other.id) == {elsewhere.participant: fax}
