"""The ledger as rows. See `gateway.ports.ledger.Ledger` for the contract."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from gateway.domain.events import Event, EventName
from gateway.domain.ledger import Entry
from gateway.ports.ledger import KeptCheckpoint
from gateway.store.columns import Facts, UtcTime
from gateway.store.locking import only_writer
from gateway.store.rows import columns_of
from gateway.store.stamps import SqlStamps
from gateway.store.tables.ledger import checkpoints
from gateway.store.tables.work import events, unplaced

_BATCH = 5_000

_raw: dict[str, sa.ColumnElement[Any]] = {
    "name": sa.type_coerce(events.c.name, sa.Text).label("name"),
    "at": sa.type_coerce(events.c.at, sa.BigInteger).label("at"),
    "facts": sa.type_coerce(events.c.facts, sa.Text).label("facts"),
}
"""As they stand in the row, so that one that cannot be read is a finding and not an end."""
_ENTRIES = sa.select(
    *(_raw.get(one.name, events.c[one.name]) for one in fields(Event)),
    *(events.c[name] for name in ("ordinal", "chain", "sequence", "link", "leaf")),
).order_by(events.c.chain, events.c.sequence)
_CHAIN = _ENTRIES.where(events.c.chain == sa.bindparam("b_chain"))
_UNPLACED = sa.select(events.c.ordinal, events.c.link).where(unplaced(events.c.leaf)).order_by(events.c.ordinal)
_ANY_UNPLACED = sa.select(_UNPLACED.exists())
_NEXT = sa.select(sa.func.coalesce(sa.func.max(events.c.leaf) + 1, 0))
_PLACE = sa.update(events).where(events.c.ordinal == sa.bindparam("b_ordinal")).values(leaf=sa.bindparam("b_leaf"))
_LINKS = sa.select(events.c.link).where(events.c.leaf < sa.bindparam("b_size")).order_by(events.c.leaf)
_CHECKPOINTS = sa.select(*columns_of(checkpoints, KeptCheckpoint)).order_by(checkpoints.c.size)
_NEWEST = sa.select(*columns_of(checkpoints, KeptCheckpoint)).order_by(checkpoints.c.size.desc()).limit(1)
_COVERING = _CHECKPOINTS.where(checkpoints.c.size > sa.bindparam("b_leaf")).limit(1)
_ADD = sa.insert(checkpoints)

_facts, _time = Facts(), UtcTime()


class SqlLedger(SqlStamps):
    """`Ledger` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def entries(self) -> Iterator[Entry]:
        """Every event, chain by chain, each in the order of its sequence."""
        # Of this statement alone: an option of the connection would make cursors of whatever it runs next.
        for row in self._connection.execute(_ENTRIES, execution_options={"yield_per": _BATCH}):
            yield _entry(row)

    def chain(self, name: str) -> Sequence[Entry]:
        """The events of one chain, the first first."""
        return [_entry(row) for row in self._connection.execute(_CHAIN, {"b_chain": name})]

    def unplaced(self) -> bool:
        """Whether an event has no place in the tree yet."""
        return bool(self._connection.scalar(_ANY_UNPLACED))

    def place(self, limit: int) -> Sequence[bytes]:
        """Gives the events that have none the next places, oldest first; their links in that order."""
        only_writer(self._connection, checkpoints)
        found = self._connection.execute(_UNPLACED.limit(limit)).all()
        first = self._connection.scalar(_NEXT)
        if found:
            places = [{"b_ordinal": row.ordinal, "b_leaf": first + number} for number, row in enumerate(found)]
            self._connection.execute(_PLACE, places)
        return [row.link for row in found]

    def newest_checkpoint(self) -> KeptCheckpoint | None:
        """The one over the most events."""
        row = self._connection.execute(_NEWEST).one_or_none()
        return None if row is None else KeptCheckpoint(**row._mapping)

    def covering(self, leaf: int) -> KeptCheckpoint | None:
        """The first one made over the event at that place."""
        row = self._connection.execute(_COVERING, {"b_leaf": leaf}).one_or_none()
        return None if row is None else KeptCheckpoint(**row._mapping)

    def checkpoints(self) -> Sequence[KeptCheckpoint]:
        """All of them, the smallest first."""
        return [KeptCheckpoint(**row._mapping) for row in self._connection.execute(_CHECKPOINTS)]

    def add_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        """Keeps one."""
        self._connection.execute(_ADD, vars(checkpoint))

    def links(self, size: int) -> Sequence[bytes]:
        """The links of the first so many places of the tree."""
        return self._connection.scalars(_LINKS, {"b_size": size}).all()


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        ordinal=row.ordinal,
        chain=row.chain,
        sequence=row.sequence,
        event=_event(row),
        link=row.link,
        leaf=row.leaf,
    )


def _event(row: sa.Row[Any]) -> Event | None:
    try:
        return Event(
            name=EventName(row.name),
            at=_time.read(row.at),
            actor=row.actor,
            dispatch=row.dispatch,
            delivery=row.delivery,
            attempt=row.attempt,
            facts=_facts.read(row.facts),
            reason=row.reason,
        )
    except (ValueError, TypeError, OverflowError):
        return None
