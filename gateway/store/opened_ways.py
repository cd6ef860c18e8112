"""Opened ways as rows. See `gateway.ports.opened_ways.OpenedWays` for the contract."""

from collections.abc import Mapping
from functools import cache

import sqlalchemy as sa

from gateway.domain.ways import Opened
from gateway.store.tables.opened import opened_ways
from gateway.store.tables.work import deliveries
from gateway.store.upsert import Insert, replace_in

_OF_DISPATCH = (
    sa.select(deliveries.c.participant, opened_ways.c.channel, opened_ways.c.gates)
    .join(deliveries, deliveries.c.id == opened_ways.c.delivery)
    .where(deliveries.c.dispatch == sa.bindparam("b_dispatch"))
)

_CLOSE = sa.delete(opened_ways).where(opened_ways.c.delivery == sa.bindparam("b_delivery"))


@cache
def _put(dialect: str) -> Insert:
    return replace_in(opened_ways, dialect, key=("delivery",))


class SqlOpenedWays:
    """`OpenedWays` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, delivery_id: str, opened: Opened) -> None:
        """In place of the one that was opened before."""
        values = {"delivery": delivery_id, "channel": opened.channel, "gates": opened.gates}
        self._connection.execute(_put(self._connection.dialect.name), values)

    def close(self, delivery_id: str) -> None:
        """Nothing is open for it any more."""
        self._connection.execute(_CLOSE, {"b_delivery": delivery_id})

    def of_dispatch(self, dispatch_id: str) -> Mapping[str, Opened]:
        """Those of a dispatch's deliveries, by participant."""
        rows = self._connection.execute(_OF_DISPATCH, {"b_dispatch": dispatch_id})
        return {row.participant: Opened(channel=row.channel, gates=row.gates) for row in rows}
