"""What is gathered for carriers as rows. See `gateway.ports.manifests.Manifests` for the contract."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.manifest import BatchedItem, Manifest, WaitingBatch
from gateway.domain.problem import NoSuchThing
from gateway.ports.work import LeaseLost
from gateway.store.columns import UtcTime
from gateway.store.kept import of_dispatch_kept
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.tables.carriage import carriages
from gateway.store.tables.manifest import batched_items, counters, manifests
from gateway.store.tables.printing import print_orders
from gateway.store.tables.work import attempts, deliveries
from gateway.store.upsert import insert_into

_AT_A_TIME = 500
"""Numbers asked about in one query."""

_ITEMS = sa.select(*columns_of(batched_items, BatchedItem))


def _that_wait(select: sa.Select[Any]) -> sa.Select[Any]:
    return (
        select.select_from(batched_items)
        .join(deliveries, deliveries.c.id == batched_items.c.delivery)
        .join(attempts, attempts.c.id == batched_items.c.attempt)
        .where(
            batched_items.c.manifest.is_(None),
            deliveries.c.state == DeliveryState.BATCHED,
            attempts.c.result == ResultName.GATHERED,
            # A delivery that was gathered once more is in the batch by its last attempt alone.
            attempts.c.fence == deliveries.c.fence,
        )
    )


_WAITING = _that_wait(_ITEMS).order_by(batched_items.c.ordinal)
_BATCH = (batched_items.c.channel, batched_items.c.office)
_BATCHES = (
    _that_wait(
        sa.select(
            *_BATCH,
            sa.func.count().label("items"),
            sa.func.min(batched_items.c.gathered_at, type_=UtcTime).label("since"),
        )
    )
    .group_by(*_BATCH)
    .order_by(*_BATCH)
)
_OF = _ITEMS.where(
    batched_items.c.manifest == sa.bindparam("b_manifest"), batched_items.c.place > sa.bindparam("b_after")
).order_by(batched_items.c.place)
_LYING = (
    _ITEMS.join(manifests, manifests.c.number == batched_items.c.manifest)
    .join(deliveries, deliveries.c.id == batched_items.c.delivery)
    .join(attempts, attempts.c.id == batched_items.c.attempt)
    .where(
        deliveries.c.state == DeliveryState.BATCHED,
        attempts.c.result == ResultName.GATHERED,
        attempts.c.fence == deliveries.c.fence,
        batched_items.c.channel == sa.bindparam("b_channel"),
        batched_items.c.office == sa.bindparam("b_office"),
        manifests.c.closed_at <= sa.bindparam("b_until", type_=UtcTime),
    )
    .order_by(batched_items.c.ordinal)
    .limit(sa.bindparam("b_limit"))
)
_UNSIGNED = (
    sa.select(manifests.c.number)
    .where(
        manifests.c.closed_at < sa.bindparam("b_before", type_=UtcTime),
        manifests.c.handed_over_at.is_(None),
        sa.exists()
        .where(batched_items.c.manifest == manifests.c.number)
        .where(
            deliveries.c.id == batched_items.c.delivery,
            deliveries.c.state == DeliveryState.BATCHED,
            attempts.c.id == batched_items.c.attempt,
            attempts.c.result == ResultName.GATHERED,
            attempts.c.fence == deliveries.c.fence,
        ),
    )
    .order_by(manifests.c.ordinal)
)
_PLACE_OF = sa.select(batched_items.c.ordinal).where(batched_items.c.attempt == sa.bindparam("b_attempt"))
_COUNT = (
    sa.select(batched_items.c.manifest, sa.func.count())
    .where(batched_items.c.manifest.in_(sa.bindparam("b_numbers", expanding=True)))
    .group_by(batched_items.c.manifest)
)
_OF_ATTEMPTS = _ITEMS.where(batched_items.c.attempt.in_(sa.bindparam("b_attempts", expanding=True)))
_BEARING = tuple(batched_items.c[name] for name in ("reference", "piece", "tracking"))
_BY_CODE = (
    _ITEMS.where(sa.or_(*(one == sa.bindparam("b_code") for one in _BEARING)))
    .order_by(batched_items.c.ordinal.desc())
    .limit(1)
)
_BY_CODES = tuple(
    sa.select(column.label("code"), batched_items.c.ordinal, *columns_of(batched_items, BatchedItem)).where(
        column.in_(sa.bindparam("b_codes", expanding=True))
    )
    for column in _BEARING
)
_TRACK = (
    sa.update(batched_items)
    .where(batched_items.c.attempt == sa.bindparam("b_attempt"))
    .values(tracking=sa.bindparam("b_number"))
)
_USED = (
    sa.select(batched_items.c.piece)
    .join(manifests, manifests.c.number == batched_items.c.manifest)
    .where(
        batched_items.c.piece.in_(sa.bindparam("b_pieces", expanding=True)),
        manifests.c.closed_at >= sa.bindparam("b_since", type_=UtcTime),
    )
)
_PUT_IN = (
    sa.update(batched_items)
    .where(batched_items.c.attempt == sa.bindparam("b_attempt"), batched_items.c.manifest.is_(None))
    .values({name: sa.bindparam(name) for name in ("manifest", "place", "piece")})
)
_MANIFESTS = sa.select(*columns_of(manifests, Manifest))
_GET = _MANIFESTS.where(manifests.c.number == sa.bindparam("b_number"))
_GET_LOCKED = locked(_GET)
_OF_NUMBERS = _MANIFESTS.where(manifests.c.number.in_(sa.bindparam("b_numbers", expanding=True)))
_HANDOVER = ("handed_over_at", "recorded_by", "evidence", "object_name")
_HAND_OVER = (
    sa.update(manifests)
    .where(manifests.c.number == sa.bindparam("b_number"))
    .values({name: sa.bindparam(name) for name in _HANDOVER})
)
_OVER = (
    _MANIFESTS.outerjoin(carriages, carriages.c.manifest == manifests.c.number)
    .outerjoin(print_orders, print_orders.c.manifest == manifests.c.number)
    .where(
        sa.or_(manifests.c.object_name.is_not(None), carriages.c.papers != (), print_orders.c.account.is_not(None)),
        ~sa.exists().where(batched_items.c.manifest == manifests.c.number, of_dispatch_kept(batched_items.c.dispatch)),
    )
    .order_by(manifests.c.ordinal)
    .limit(sa.bindparam("b_limit", type_=sa.Integer))
)


class SqlManifests:
    """`Manifests` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def gather(self, item: BatchedItem) -> None:
        """A new item, written in the transaction that starts its attempt."""
        self._connection.execute(sa.insert(batched_items).inline(), vars(item))

    def waiting(
        self, *, channel: str | None = None, office: str | None = None, after: str = "", limit: int | None = None
    ) -> Sequence[BatchedItem]:
        """What lies in a batch and in no manifest, oldest first."""
        query = _WAITING.limit(limit)
        if after:
            query = query.where(batched_items.c.ordinal > self._connection.scalar(_PLACE_OF, {"b_attempt": after}))
        if channel is not None:
            query = query.where(batched_items.c.channel == channel)
        if office is not None:
            query = query.where(batched_items.c.office == office)
        return [BatchedItem(**row._mapping) for row in self._connection.execute(query)]

    def batches(self) -> Sequence[WaitingBatch]:
        """What waits, counted, by channel and office."""
        return [WaitingBatch(**row._mapping) for row in self._connection.execute(_BATCHES)]

    def gathered_after(self, moments: Mapping[tuple[str, str], dt.datetime]) -> Mapping[tuple[str, str], int]:
        """How many of what waits were gathered after the moment of their channel and office."""
        if not moments:
            return {}
        channel, office = _BATCH
        until = sa.case(
            *(
                (sa.and_(channel == of, office == at), sa.literal(moment, UtcTime))
                for (of, at), moment in moments.items()
            )
        )
        late = _that_wait(sa.select(*_BATCH, sa.func.count())).where(batched_items.c.gathered_at > until)
        return {(row[0], row[1]): row[2] for row in self._connection.execute(late.group_by(*_BATCH))}

    def lying(
        self, *, channel: str, office: str, closed_until: dt.datetime, after: str = "", limit: int
    ) -> Sequence[BatchedItem]:
        """What stands on a manifest that was closed by then and is still batched."""
        query = _LYING
        if after:
            query = query.where(batched_items.c.ordinal > self._connection.scalar(_PLACE_OF, {"b_attempt": after}))
        values = {"b_channel": channel, "b_office": office, "b_until": closed_until, "b_limit": limit}
        return [BatchedItem(**row._mapping) for row in self._connection.execute(query, values)]

    def unsigned(self, *, closed_before: dt.datetime) -> Sequence[str]:
        """The numbers of manifests of which something is still batched."""
        return self._connection.scalars(_UNSIGNED, {"b_before": closed_before}).all()

    def advance(self, counter: str, by: int = 1) -> int:
        """The counter, grown by so much."""
        values = {"b_name": counter, "b_by": by}
        return int(self._connection.execute(_advance(self._connection.dialect.name), values).scalar_one())

    def pieces_used(self, pieces: Collection[str], *, since: dt.datetime) -> frozenset[str]:
        """Those of these numbers that an item of a manifest closed since then bears."""
        found: set[str] = set()
        asked = list(pieces)
        for start in range(0, len(asked), _AT_A_TIME):
            values = {"b_pieces": asked[start : start + _AT_A_TIME], "b_since": since}
            found.update(self._connection.scalars(_USED, values))
        return frozenset(found)

    def add(self, manifest: Manifest) -> None:
        """A closed manifest."""
        self._connection.execute(sa.insert(manifests).inline(), vars(manifest))

    def put_in(self, item: BatchedItem) -> None:
        """One more item of it. Raises LeaseLost when it is in a manifest already."""
        values = {"b_attempt": item.attempt, "manifest": item.manifest, "place": item.place, "piece": item.piece}
        if self._connection.execute(_PUT_IN, values).rowcount == 0:
            raise LeaseLost

    def get(self, number: str, *, lock: bool = False) -> Manifest:
        """Raises NoSuchThing (manifest.unknown). `lock`: until the transaction ends nobody else writes it."""
        row = self._connection.execute(_GET_LOCKED if lock else _GET, {"b_number": number}).one_or_none()
        if row is None:
            raise NoSuchThing(Code.MANIFEST_UNKNOWN, where=number)
        return Manifest(**row._mapping)

    def newest(self, limit: int, *, offices: frozenset[str] | None = None) -> Sequence[Manifest]:
        """The newest first."""
        query = _MANIFESTS if offices is None else _MANIFESTS.where(manifests.c.office.in_(sorted(offices)))
        rows = self._connection.execute(query.order_by(manifests.c.ordinal.desc()).limit(limit))
        return [Manifest(**row._mapping) for row in rows]

    def items(self, number: str, *, after: int = 0, limit: int | None = None) -> Sequence[BatchedItem]:
        """Those of a manifest, in their places."""
        rows = self._connection.execute(_OF.limit(limit), {"b_manifest": number, "b_after": after})
        return [BatchedItem(**row._mapping) for row in rows]

    def of_attempts(self, attempts: Collection[str]) -> Mapping[str, BatchedItem]:
        """The items of those attempts, by attempt."""
        found: dict[str, BatchedItem] = {}
        asked = list(attempts)
        for start in range(0, len(asked), _AT_A_TIME):
            for row in self._connection.execute(_OF_ATTEMPTS, {"b_attempts": asked[start : start + _AT_A_TIME]}):
                found[row.attempt] = BatchedItem(**row._mapping)
        return found

    def count_items(self, numbers: Sequence[str]) -> dict[str, int]:
        """How many items each of the manifests has; each number asked for is in the answer."""
        counts = dict.fromkeys(numbers, 0)
        for number, count in self._connection.execute(_COUNT, {"b_numbers": list(numbers)}) if numbers else ():
            counts[number] = count
        return counts

    def by_code(self, code: str) -> BatchedItem | None:
        """The newest item that bears the code as its reference, its piece or its tracking number."""
        row = self._connection.execute(_BY_CODE, {"b_code": code}).one_or_none()
        return None if row is None else BatchedItem(**row._mapping)

    def by_codes(self, codes: Collection[str]) -> Mapping[str, Sequence[BatchedItem]]:
        """The items that bear each of the codes, the newest first; each code asked for is in the answer."""
        found: dict[str, dict[int, BatchedItem]] = {one: {} for one in codes}
        asked = list(found)
        for start in range(0, len(asked), _AT_A_TIME):
            for query in _BY_CODES:
                for row in self._connection.execute(query, {"b_codes": asked[start : start + _AT_A_TIME]}):
                    values = dict(row._mapping)
                    code, place = values.pop("code"), values.pop("ordinal")
                    found[code][place] = BatchedItem(**values)
        return {code: [items[place] for place in sorted(items, reverse=True)] for code, items in found.items()}

    def track(self, attempt: str, number: str) -> None:
        """Writes the number that the carrier gave the item of that attempt."""
        self._connection.execute(_TRACK, {"b_attempt": attempt, "b_number": number})

    def of_numbers(self, numbers: Collection[str]) -> Mapping[str, Manifest]:
        """The manifests of those numbers, by number."""
        rows = self._connection.execute(_OF_NUMBERS, {"b_numbers": list(numbers)}) if numbers else ()
        return {row.number: Manifest(**row._mapping) for row in rows}

    def over(self, *, limit: int) -> Sequence[Manifest]:
        """Those with a paper that is kept, of none of whose items anything else is, the oldest first."""
        return [Manifest(**row._mapping) for row in self._connection.execute(_OVER, {"b_limit": limit})]

    def hand_over(self, manifest: Manifest) -> None:
        """Writes when it was handed over, and the evidence of it."""
        values = {name: getattr(manifest, name) for name in _HANDOVER}
        self._connection.execute(_HAND_OVER, {"b_number": manifest.number, **values})


@cache
def _advance(dialect: str) -> sa.Executable:
    by: sa.BindParameter[Any] = sa.bindparam("b_by", type_=sa.BigInteger)
    insert = insert_into(counters, dialect).values(name=sa.bindparam("b_name"), value=by)
    grown = insert.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + by})
    return grown.returning(counters.c.value)
