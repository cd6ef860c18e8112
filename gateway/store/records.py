"""Rendered documents, receipts and events as rows. See `gateway.ports.records.Records` for the contract."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.domain.audit import AuditAsked, Recorded
from gateway.domain.calls import Subject
from gateway.domain.events import Event, EventName
from gateway.domain.intake import Worked
from gateway.domain.ledger import BEFORE_THE_FIRST, canonical, link
from gateway.domain.receipt import Receipt
from gateway.ports.records import ReceiptRecord, RenderedRecord
from gateway.store.columns import UtcTime
from gateway.store.conditions import by_somebody
from gateway.store.held import HeldRows
from gateway.store.locking import hold
from gateway.store.offices import dispatch_of_offices
from gateway.store.rows import columns_of
from gateway.store.tables.call import endpoints
from gateway.store.tables.work import deliveries, dispatches, documents, events, receipts
from gateway.store.upsert import Insert, insert_into

_ADD_DOCUMENT = sa.insert(documents)
_DROP_DOCUMENTS = sa.delete(documents).where(documents.c.delivery == sa.bindparam("b_delivery"))
_DOCUMENTS = (
    sa.select(*columns_of(documents, RenderedRecord))
    .where(documents.c.delivery == sa.bindparam("b_delivery"))
    .order_by(documents.c.ordinal)
)

_RECEIPTS = (
    sa.select(receipts)
    .where(receipts.c.delivery.in_(sa.bindparam("b_ids", expanding=True)), receipts.c.taken_back_at.is_(None))
    .order_by(receipts.c.at, receipts.c.ordinal)
)
_TAKE_BACK = (
    sa.update(receipts)
    .where(receipts.c.id == sa.bindparam("b_id"))
    .values(taken_back_at=sa.bindparam("b_at", type_=UtcTime))
)
_BEFORE_ANY = 0, BEFORE_THE_FIRST
_RECEIPT_FIELDS = tuple(field.name for field in fields(Receipt))

_HEAD = (
    sa.select(events.c.chain, events.c.sequence, events.c.link)
    .where(events.c.chain == sa.bindparam("b_chain"))
    .order_by(events.c.sequence.desc())
    .limit(1)
)
_NEWEST_OF_EACH = (
    sa.select(events.c.chain, sa.func.max(events.c.sequence).label("sequence"))
    .where(events.c.chain.in_(sa.bindparam("b_chains", expanding=True)))
    .group_by(events.c.chain)
    .subquery("newest_of_each")
)
_HEADS = sa.select(events.c.chain, events.c.sequence, events.c.link).join(
    _NEWEST_OF_EACH,
    sa.and_(events.c.chain == _NEWEST_OF_EACH.c.chain, events.c.sequence == _NEWEST_OF_EACH.c.sequence),
)
_APPEND = sa.insert(events).inline()
_APPEND_AND_ASK = _APPEND.returning(
    sa.exists().where(endpoints.c.removed_at.is_(None), endpoints.c.subject == Subject.DELIVERIES).label("wanted")
)
"""Whether anybody wants to be told of deliveries is asked along with it: mostly nobody does."""
_EVENTS = (
    sa.select(*columns_of(events, Event))
    .where(events.c.dispatch == sa.bindparam("b_dispatch"))
    .order_by(events.c.ordinal)
)

_NEWEST = (
    sa.select(events.c.name, events.c.at, events.c.dispatch)
    .order_by(events.c.ordinal.desc())
    .limit(5_000)
    .subquery("newest")
)
_RENDERED = sa.select(
    sa.func.count(sa.distinct(_NEWEST.c.dispatch)), sa.func.min(_NEWEST.c.at, type_=events.c.at.type)
).where(_NEWEST.c.name == EventName.DELIVERY_RENDERED, _NEWEST.c.at >= sa.bindparam("b_since", type_=events.c.at.type))
_EVENTS_BESIDES = (
    sa.select(*columns_of(events, Event))
    .where(events.c.dispatch.is_(None), events.c.name == sa.bindparam("b_name", type_=events.c.name.type))
    .order_by(events.c.ordinal)
)

_NEWEST_BESIDES = _EVENTS_BESIDES.order_by(None).order_by(events.c.ordinal.desc()).limit(1)
_SEARCHED = sa.select(events.c.ordinal, *columns_of(events, Event)).order_by(events.c.ordinal.desc())


@cache
def _add_receipt(dialect: str) -> Insert:
    insert = insert_into(receipts, dialect)
    return insert.on_conflict_do_nothing(index_elements=["delivery", "source", "external_id"])


class SqlRecords:
    """`Records` over a connection."""

    def __init__(self, connection: sa.Connection, held: HeldRows) -> None:
        self._connection = connection
        self._held = held
        self._heads: dict[str, tuple[int, bytes]] = {}
        self._house = f"house/{uuid.uuid4()}"
        self.to_be_told: list[tuple[Event, int]] = []
        """What was appended of deliveries while somebody wanted to be told of them, with its place in its chain."""

    def add_documents(self, records: Sequence[RenderedRecord]) -> None:
        """The rendered documents of deliveries that have none."""
        if records:
            self._connection.execute(_ADD_DOCUMENT, [vars(one) for one in records])

    def drop_documents(self, delivery_id: str) -> None:
        """Others take their place, in the same transaction."""
        self._connection.execute(_DROP_DOCUMENTS, {"b_delivery": delivery_id})

    def documents(self, delivery_id: str) -> Sequence[RenderedRecord]:
        """In reading order."""
        rows = self._connection.execute(_DOCUMENTS, {"b_delivery": delivery_id})
        return [RenderedRecord(**row._mapping) for row in rows]

    def add_receipt(self, record: ReceiptRecord) -> None:
        """Appends; the same source and external id again is no error and changes nothing."""
        values = {**vars(record), **vars(record.receipt)}
        del values["receipt"]
        self._connection.execute(_add_receipt(self._connection.dialect.name), values)

    def take_back(self, receipt_id: str, *, at: dt.datetime) -> None:
        """It counts no more."""
        self._connection.execute(_TAKE_BACK, {"b_id": receipt_id, "b_at": at})

    def receipts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[ReceiptRecord]]:
        """Oldest first, without what was taken back; each id asked for is in the answer."""
        found: dict[str, list[ReceiptRecord]] = {one: [] for one in delivery_ids}
        if found:
            for row in self._connection.execute(_RECEIPTS, {"b_ids": list(found)}):
                found[row.delivery].append(_receipt(row))
        return found

    def append(self, *events: Event) -> None:
        """Appends each to its chain: its delivery's, else its dispatch's, else one of this transaction alone."""
        self._find_heads(events)
        rows = [self._linked(one) for one in events]
        if not any(one.delivery for one in events):
            if rows:
                self._connection.execute(_APPEND, rows)
        elif any(self._connection.scalars(_APPEND_AND_ASK, rows if len(rows) > 1 else rows[0])):
            told = zip(events, rows, strict=True)
            self.to_be_told += [(event, row["sequence"]) for event, row in told if event.delivery]

    def _linked(self, event: Event) -> dict[str, Any]:
        """The event's row, behind the last of its chain."""
        chain = self._chain(event)
        sequence, previous = self._heads[chain]
        made = link(previous, canonical(event, chain, sequence + 1))
        self._heads[chain] = sequence + 1, made
        return {**vars(event), "chain": chain, "sequence": sequence + 1, "link": made, "leaf": None}

    def _chain(self, event: Event) -> str:
        return event.delivery or event.dispatch or self._house

    def _find_heads(self, events: Sequence[Event]) -> None:
        """The last links of the events' chains, which are this transaction's alone from now on."""
        sought = {}
        for event in events:
            chain = self._chain(event)
            if chain == self._house or self._held.is_new(chain):
                self._heads.setdefault(chain, _BEFORE_ANY)
            elif chain not in self._heads:
                sought[chain] = deliveries if event.delivery else dispatches
        for chain, table in sought.items():
            if chain not in self._held:  # two would take the same number
                hold(self._connection, table, chain)
        if len(sought) == 1:
            found = self._connection.execute(_HEAD, {"b_chain": next(iter(sought))}).all()
        else:
            found = self._connection.execute(_HEADS, {"b_chains": list(sought)}).all() if sought else []
        self._heads |= dict.fromkeys(sought, _BEFORE_ANY) | {row.chain: (row.sequence, row.link) for row in found}

    def events(self, dispatch_id: str) -> Sequence[Event]:
        """Oldest first."""
        return [Event(**row._mapping) for row in self._connection.execute(_EVENTS, {"b_dispatch": dispatch_id})]

    def rendered_since(self, moment: dt.datetime) -> Worked | None:
        """See the contract."""
        row = self._connection.execute(_RENDERED, {"b_since": moment}).one()
        return Worked(packages=row[0], since=row[1]) if row[0] else None

    def search(self, asked: AuditAsked, limit: int) -> Sequence[Recorded]:
        """What was recorded, the newest first."""
        query = _SEARCHED.limit(limit)
        if asked.dispatches is not None:
            # Sorted by what no index has: else PostgreSQL may walk all events from the newest on to find a few.
            query = query.where(events.c.dispatch.in_(asked.dispatches)).order_by(None).order_by(-events.c.ordinal)
        if asked.actor is not None:
            query = query.where(by_somebody(events.c.actor), events.c.actor == asked.actor)
        if asked.offices is not None:
            query = query.where(dispatch_of_offices(events.c.dispatch, asked.offices))
        if asked.since is not None:
            query = query.where(events.c.at >= asked.since)
        if asked.until is not None:
            query = query.where(events.c.at < asked.until)
        if asked.before is not None:
            query = query.where(events.c.ordinal < asked.before)
        return [_recorded(row) for row in self._connection.execute(query)]

    def newest_besides(self, name: EventName) -> Event | None:
        """The newest of that name that belongs to no dispatch."""
        row = self._connection.execute(_NEWEST_BESIDES, {"b_name": name}).one_or_none()
        return None if row is None else Event(**row._mapping)

    def events_besides(self, name: EventName) -> Sequence[Event]:
        """Those of that name that belong to no dispatch, oldest first."""
        return [Event(**row._mapping) for row in self._connection.execute(_EVENTS_BESIDES, {"b_name": name})]


def _recorded(row: sa.Row[Any]) -> Recorded:
    told = dict(row._mapping)
    return Recorded(place=told.pop("ordinal"), event=Event(**told))


def _receipt(row: sa.Row[Any]) -> ReceiptRecord:
    return ReceiptRecord(
        id=row.id,
        delivery=row.delivery,
        attempt=row.attempt,
        receipt=Receipt(**{name: row._mapping[name] for name in _RECEIPT_FIELDS}),
        external_id=row.external_id,
        object_name=row.object_name,
    )
