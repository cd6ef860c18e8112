"""What came back, as rows. See `gateway.ports.incoming.IncomingStore` for the contract."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing
from gateway.ports.incoming import DEALT_WITH, Handling, Incoming
from gateway.store.columns import UtcTime
from gateway.store.conditions import unread
from gateway.store.kept import of_delivery_kept
from gateway.store.locking import locked
from gateway.store.offices import nobody_elses
from gateway.store.rows import columns_of
from gateway.store.tables.manifest import scans
from gateway.store.tables.work import incoming
from gateway.store.upsert import insert_into

_ALL = sa.select(*columns_of(incoming, Incoming))
_BY_ID = _ALL.where(incoming.c.id == sa.bindparam("b_id"))
_BY_ID_LOCKED = locked(_BY_ID)
_SAME = _ALL.where(incoming.c.source == sa.bindparam("b_source"), incoming.c.digest == sa.bindparam("b_digest"))
_DUE = (
    _ALL.where(unread(incoming.c.handling), incoming.c.next_action_at <= sa.bindparam("b_now", type_=UtcTime))
    .order_by(incoming.c.next_action_at)
    .limit(sa.bindparam("b_limit", type_=sa.Integer))
)
_FOR_PERSON = sa.select(sa.func.count()).where(incoming.c.handling == Handling.FOR_PERSON)
_CHANGING = ("handling", "finding", "delivery", "tries", "next_action_at", "attempt", "matched_by", "closed_at")
_SAVE = (
    sa.update(incoming)
    .where(incoming.c.id == sa.bindparam("b_id"))
    .values({name: sa.bindparam(name) for name in _CHANGING})
)
_OVER = (
    _ALL.where(
        incoming.c.handling.in_(sorted(DEALT_WITH)),
        sa.func.coalesce(incoming.c.closed_at, incoming.c.received_at) < sa.bindparam("b_before", type_=UtcTime),
        ~of_delivery_kept(incoming.c.delivery),
        ~sa.exists().where(scans.c.file == incoming.c.digest, of_delivery_kept(scans.c.delivery)),
    )
    .order_by(incoming.c.ordinal)
    .limit(sa.bindparam("b_limit", type_=sa.Integer))
)
_REMOVE = sa.delete(incoming).where(incoming.c.id == sa.bindparam("b_id"))


@cache
def _add(dialect: str) -> sa.Executable:
    insert = insert_into(incoming, dialect).on_conflict_do_nothing(index_elements=["source", "digest"])
    return insert.returning(incoming.c.id)


class SqlIncoming:
    """`IncomingStore` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, incoming: Incoming) -> bool:
        """A new row; False when the same bytes came from the same source before."""
        statement = _add(self._connection.dialect.name)
        return self._connection.execute(statement, vars(incoming)).first() is not None

    def get(self, incoming_id: str, *, lock: bool = False) -> Incoming:
        """Raises NoSuchThing (receipt.unknown)."""
        row = self._connection.execute(_BY_ID_LOCKED if lock else _BY_ID, {"b_id": incoming_id}).one_or_none()
        if row is None:
            raise NoSuchThing(Code.RECEIPT_UNKNOWN, where=incoming_id)
        return Incoming(**row._mapping)

    def count_for_person(self, *, offices: frozenset[str] | None = None) -> int:
        """How many wait for a person."""
        query = _FOR_PERSON if offices is None else _FOR_PERSON.where(nobody_elses(incoming.c.delivery, offices))
        return int(self._connection.scalar(query) or 0)

    def same(self, source: str, digest: str) -> Incoming | None:
        """What came from that source with those bytes before."""
        row = self._connection.execute(_SAME, {"b_source": source, "b_digest": digest}).one_or_none()
        return None if row is None else Incoming(**row._mapping)

    def due(self, *, now: dt.datetime, limit: int) -> Sequence[Incoming]:
        """What is new or waiting and has its next action reached, the oldest first."""
        return [Incoming(**row._mapping) for row in self._connection.execute(_DUE, {"b_now": now, "b_limit": limit})]

    def over(self, *, before: dt.datetime, limit: int) -> Sequence[Incoming]:
        """What was dealt with before that moment and belongs to nothing of which anything is kept, the oldest first."""
        return [
            Incoming(**row._mapping) for row in self._connection.execute(_OVER, {"b_before": before, "b_limit": limit})
        ]

    def remove(self, incoming_id: str) -> None:
        """It is kept no more."""
        self._connection.execute(_REMOVE, {"b_id": incoming_id})

    def save(self, incoming: Incoming) -> None:
        """Writes all that changes: how it is dealt with, what it says, and what it is about."""
        values = {name: getattr(incoming, name) for name in _CHANGING}
        self._connection.execute(_SAVE, {"b_id": incoming.id, **values})

    def find(
        self,
        *,
        handling: Handling | None,
        limit: int,
        delivery: str | None = None,
        offices: frozenset[str] | None = None,
    ) -> Sequence[Incoming]:
        """The newest first; with `delivery`, what was tied to that one alone."""
        query = _ALL if handling is None else _ALL.where(incoming.c.handling == handling)
        query = query if delivery is None else query.where(incoming.c.delivery == delivery)
        query = query if offices is None else query.where(nobody_elses(incoming.c.delivery, offices))
        rows = self._connection.execute(query.order_by(incoming.c.ordinal.desc()).limit(limit))
        return [Incoming(**row._mapping) for row in rows]
