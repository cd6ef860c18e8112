"""Rendered documents, receipts and events as rows. See `gateway.ports.records.Records` for the contract."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.domain.events import Event, EventName
from gateway.domain.receipt import Receipt
from gateway.ports.records import ReceiptRecord, RenderedRecord
from gateway.store.locking import hold
from gateway.store.rows import columns_of
from gateway.store.tables import deliveries, documents, events, receipts
from gateway.store.upsert import Insert, insert_into

_ADD_DOCUMENT = sa.insert(documents)
_DROP_DOCUMENTS = sa.delete(documents).where(documents.c.delivery.in_(sa.bindparam("b_ids", expanding=True)))
_DOCUMENTS = (
    sa.select(*columns_of(documents, RenderedRecord))
    .where(documents.c.delivery == sa.bindparam("b_delivery"))
    .order_by(documents.c.ordinal)
)

_RECEIPTS = (
    sa.select(receipts)
    .where(receipts.c.delivery.in_(sa.bindparam("b_ids", expanding=True)))
    .order_by(receipts.c.at, receipts.c.ordinal)
)
_RECEIPT_FIELDS = tuple(field.name for field in fields(Receipt))

_LAST_LINK = sa.select(sa.func.coalesce(sa.func.max(events.c.sequence), 0) + 1).where(
    events.c.delivery == sa.bindparam("b_delivery")
)
_APPEND = sa.insert(events).inline()
_APPEND_TO_DELIVERY = _APPEND.values(
    {**{field.name: sa.bindparam(field.name) for field in fields(Event)}, "sequence": _LAST_LINK.scalar_subquery()}
)
_EVENTS = (
    sa.select(*columns_of(events, Event))
    .where(events.c.dispatch == sa.bindparam("b_dispatch"))
    .order_by(events.c.ordinal)
)

_EVENTS_BESIDES = (
    sa.select(*columns_of(events, Event))
    .where(events.c.dispatch.is_(None), events.c.name == sa.bindparam("b_name", type_=events.c.name.type))
    .order_by(events.c.ordinal)
)


@cache
def _add_receipt(dialect: str) -> Insert:
    insert = insert_into(receipts, dialect)
    return insert.on_conflict_do_nothing(index_elements=["delivery", "source", "external_id"])


class SqlRecords:
    """`Records` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add_documents(self, records: Sequence[RenderedRecord]) -> None:
        """Replaces the rendered documents of each delivery that the records name."""
        if records:
            self._connection.execute(_DROP_DOCUMENTS, {"b_ids": list({one.delivery for one in records})})
            self._connection.execute(_ADD_DOCUMENT, [vars(one) for one in records])

    def documents(self, delivery_id: str) -> Sequence[RenderedRecord]:
        """In reading order."""
        rows = self._connection.execute(_DOCUMENTS, {"b_delivery": delivery_id})
        return [RenderedRecord(**row._mapping) for row in rows]

    def add_receipt(self, record: ReceiptRecord) -> None:
        """Appends; the same source and external id again is no error and changes nothing."""
        values = {**vars(record), **vars(record.receipt)}
        del values["receipt"]
        self._connection.execute(_add_receipt(self._connection.dialect.name), values)

    def receipts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[ReceiptRecord]]:
        """Oldest first; each id asked for is in the answer."""
        found: dict[str, list[ReceiptRecord]] = {one: [] for one in delivery_ids}
        if found:
            for row in self._connection.execute(_RECEIPTS, {"b_ids": list(found)}):
                found[row.delivery].append(_receipt(row))
        return found

    def append(self, event: Event) -> None:
        """Appends an event; one about a delivery gets the next number of that delivery's sequence."""
        if event.delivery is None:
            self._connection.execute(_APPEND, vars(event))
        else:
            hold(self._connection, deliveries, event.delivery)  # two at once would both take the same number
            self._connection.execute(_APPEND_TO_DELIVERY, {**vars(event), "b_delivery": event.delivery})

    def events(self, dispatch_id: str) -> Sequence[Event]:
        """Oldest first."""
        return [Event(**row._mapping) for row in self._connection.execute(_EVENTS, {"b_dispatch": dispatch_id})]

    def events_besides(self, name: EventName) -> Sequence[Event]:
        """Those of that name that belong to no dispatch, oldest first."""
        return [Event(**row._mapping) for row in self._connection.execute(_EVENTS_BESIDES, {"b_name": name})]


def _receipt(row: sa.Row[Any]) -> ReceiptRecord:
    return ReceiptRecord(
        id=row.id,
        delivery=row.delivery,
        attempt=row.attempt,
        receipt=Receipt(**{name: row._mapping[name] for name in _RECEIPT_FIELDS}),
        external_id=row.external_id,
        object_name=row.object_name,
    )
