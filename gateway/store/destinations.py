"""Destinations as rows. See `gateway.ports.destinations.Destinations` for the contract."""

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.domain.breaker import Breaker
from gateway.domain.destination import Destination
from gateway.store.locking import locked
from gateway.store.tables.work import destinations
from gateway.store.upsert import Insert, insert_into

_ALL = sa.select(destinations).order_by(destinations.c.name)
_BY_NAME = sa.select(destinations).where(destinations.c.name == sa.bindparam("b_name"))
_BY_NAME_LOCKED = locked(_BY_NAME)
_BREAKER = tuple(field.name for field in fields(Breaker))
_SAVE = (
    sa.update(destinations)
    .where(destinations.c.name == sa.bindparam("b_name"))
    .values({name: sa.bindparam(name) for name in ("digested_at", *_BREAKER)})
)


@cache
def _add(dialect: str) -> Insert:
    return insert_into(destinations, dialect).on_conflict_do_nothing(index_elements=["name"])


class SqlDestinations:
    """`Destinations` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, name: str, *, lock: bool = False) -> Destination:
        """As it stands. `lock`: until the transaction ends nobody else writes it or gets it locked."""
        fresh = Destination(name=name)
        row = self._row(name, lock=lock)
        if row is None and lock:
            # A row that is not there cannot be locked; of two that add it, one finds the other's.
            self._connection.execute(_add(self._connection.dialect.name), _values(fresh))
            row = self._row(name, lock=True)
        return fresh if row is None else _destination(row)

    def save(self, destination: Destination) -> None:
        """Writes how it stands."""
        values = {**_values(destination), "b_name": destination.name}
        del values["name"]
        self._connection.execute(_SAVE, values)

    def all(self) -> Sequence[Destination]:
        """Those that somebody has spoken to, by name."""
        return [_destination(row) for row in self._connection.execute(_ALL)]

    def _row(self, name: str, *, lock: bool) -> sa.Row[Any] | None:
        return self._connection.execute(_BY_NAME_LOCKED if lock else _BY_NAME, {"b_name": name}).one_or_none()


def _values(destination: Destination) -> dict[str, Any]:
    return {"name": destination.name, "digested_at": destination.digested_at, **vars(destination.breaker)}


def _destination(row: sa.Row[Any]) -> Destination:
    breaker = Breaker(**{name: row._mapping[name] for name in _BREAKER})
    return Destination(name=row.name, digested_at=row.digested_at, breaker=breaker)
