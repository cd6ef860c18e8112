"""Given addresses as rows. See `gateway.ports.addresses.Addresses` for the contract."""

from collections.abc import Mapping, Sequence
from functools import cache

import sqlalchemy as sa

from gateway.ports.addresses import StoredAddress
from gateway.store.rows import columns_of
from gateway.store.tables.address import given_addresses
from gateway.store.tables.work import deliveries
from gateway.store.upsert import Insert, replace_in

_ALL = sa.select(*columns_of(given_addresses, StoredAddress))
_OF_DISPATCH = (
    _ALL.join(deliveries, deliveries.c.id == given_addresses.c.delivery)
    .where(deliveries.c.dispatch == sa.bindparam("b_dispatch"))
    .order_by(deliveries.c.ordinal)
)
_OF_DELIVERIES = _ALL.where(given_addresses.c.delivery.in_(sa.bindparam("b_ids", expanding=True)))


@cache
def _put(dialect: str) -> Insert:
    return replace_in(given_addresses, dialect, key=("delivery",))


class SqlAddresses:
    """`Addresses` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, address: StoredAddress) -> None:
        """In place of the one that was given before."""
        self._connection.execute(_put(self._connection.dialect.name), vars(address))

    def of_dispatch(self, dispatch_id: str) -> Sequence[StoredAddress]:
        """Those of a dispatch's deliveries, in the order of these."""
        rows = self._connection.execute(_OF_DISPATCH, {"b_dispatch": dispatch_id})
        return [StoredAddress(**row._mapping) for row in rows]

    def of_deliveries(self, delivery_ids: Sequence[str]) -> Mapping[str, StoredAddress]:
        """By delivery; one that was given none is not in it."""
        if not delivery_ids:
            return {}
        rows = self._connection.execute(_OF_DELIVERIES, {"b_ids": list(delivery_ids)})
        return {row.delivery: StoredAddress(**row._mapping) for row in rows}
