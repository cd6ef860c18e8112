"""What every `Addresses` keeps to."""

from dataclasses import replace

from gateway.ports.addresses import StoredAddress
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW, a_delivery, a_dispatch


class AddressesContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_the_newest_address_stands_and_each_delivery_has_its_own(self, database: Database) -> None:
        dispatch, other = a_dispatch(), a_dispatch()
        first, second, elsewhere = a_delivery(dispatch.id), a_delivery(dispatch.id), a_delivery(other.id)
        given = StoredAddress(delivery=second.id, fence=3, given_at=NOW, sealed=b"one")
        with database.write() as tx:
            for one in (dispatch, other):
                tx.dispatches.add(one)
            for delivery in (first, second, elsewhere):
                tx.deliveries.add(delivery)
            assert tx.addresses.of_dispatch(dispatch.id) == []
            tx.addresses.put(given)
            tx.addresses.put(replace(given, delivery=elsewhere.id))
        newer = replace(given, fence=4, given_at=NOW + MINUTE, sealed=b"other")
        with database.write() as tx:
            tx.addresses.put(newer)
            tx.addresses.put(replace(newer, delivery=first.id))
        with database.read() as tx:
            assert tx.addresses.of_dispatch(dispatch.id) == [replace(newer, delivery=first.id), newer]
            assert tx.addresses.of_deliveries([second.id]) == {second.id: newer}
            assert tx.addresses.of_deliveries([]) == {}
