"""Tries to sign in, as rows. See `gateway.ports.sign_in_tries.SignInTriesStore` for the contract."""

import datetime as dt
from functools import cache

import sqlalchemy as sa

from gateway.store.locking import locked
from gateway.store.tables.console import sign_in_tries
from gateway.store.upsert import Insert, insert_into

_ADDRESS = sign_in_tries.c.address == sa.bindparam("b_address")
_FIND = locked(sa.select(sign_in_tries.c.digested_at).where(_ADDRESS))
_PUT = sa.update(sign_in_tries).where(_ADDRESS)
_FORGET = sa.delete(sign_in_tries).where(
    sign_in_tries.c.digested_at < sa.bindparam("b_now", type_=sign_in_tries.c.digested_at.type)
)


@cache
def _add(dialect: str) -> Insert:
    return insert_into(sign_in_tries, dialect).on_conflict_do_nothing(index_elements=["address"])


class SqlSignInTries:
    """`SignInTriesStore` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def digested_at(self, address: str, now: dt.datetime) -> dt.datetime:
        """When; `now` where none is known. A row is made first, so that there is one to hold."""
        row = {"address": address, "digested_at": now}
        self._connection.execute(_add(self._connection.dialect.name), row)
        found: dt.datetime = self._connection.execute(_FIND, {"b_address": address}).scalar_one()
        return found

    def put(self, address: str, digested_at: dt.datetime) -> None:
        """Writes it."""
        self._connection.execute(_PUT.values(digested_at=digested_at), {"b_address": address})

    def forget(self, now: dt.datetime) -> None:
        """Removes those that are digested by then."""
        self._connection.execute(_FORGET, {"b_now": now})
