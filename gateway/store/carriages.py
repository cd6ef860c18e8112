"""What carriers' own services were told as rows. See `gateway.ports.carriage` for the contracts."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache

import sqlalchemy as sa

from gateway.domain.carriage import UNFINISHED, Carriage, Shipment
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.ports.carriage import TrackedItem
from gateway.ports.work import LeaseLost
from gateway.store.columns import EPOCH, UtcTime
from gateway.store.locking import locked_or_passed_over
from gateway.store.rows import columns_of
from gateway.store.tables.carriage import carriages, shipments, tracked_items
from gateway.store.tables.manifest import batched_items, manifests
from gateway.store.tables.work import attempts, deliveries
from gateway.store.upsert import Insert, insert_into, replace_in

_CARRIAGES = sa.select(*columns_of(carriages, Carriage))
_GET = _CARRIAGES.where(carriages.c.manifest == sa.bindparam("b_manifest"))
_FIRST = (
    _CARRIAGES.where(
        carriages.c.state.in_(sorted(UNFINISHED)), carriages.c.next_at <= sa.bindparam("b_now", type_=UtcTime)
    )
    .order_by(carriages.c.next_at, carriages.c.manifest)
    .limit(1)
)
_UNFINISHED = (
    sa.select(carriages.c.manifest)
    .join(manifests, manifests.c.number == carriages.c.manifest)
    .where(carriages.c.state.in_(sorted(UNFINISHED)), manifests.c.closed_at < sa.bindparam("b_before", type_=UtcTime))
    .order_by(manifests.c.ordinal)
)
_DUE = locked_or_passed_over(_FIRST)
_HOLD = (
    sa.update(carriages)
    .where(carriages.c.manifest == sa.bindparam("b_manifest"))
    .values(next_at=sa.bindparam("b_until", type_=UtcTime), fence=carriages.c.fence + 1)
)
_CHANGING = tuple(one.name for one in carriages.c if one.name not in {"manifest", "fence"})
_SAVE = (
    sa.update(carriages)
    .where(carriages.c.manifest == sa.bindparam("b_manifest"), carriages.c.fence == sa.bindparam("b_fence"))
    .values({one: sa.bindparam(one) for one in _CHANGING})
)
_SHIPMENTS = sa.select(*columns_of(shipments, Shipment)).where(shipments.c.manifest == sa.bindparam("b_manifest"))
_LABELS = sa.select(shipments.c.attempt, shipments.c.label).where(
    shipments.c.attempt.in_(sa.bindparam("b_attempts", expanding=True)), shipments.c.label.is_not(None)
)
_AGAIN = (
    sa.update(shipments)
    .where(
        shipments.c.attempt == sa.bindparam("b_attempt"),
        shipments.c.asked_at == sa.bindparam("b_before", type_=UtcTime),
    )
    .values(asked_at=sa.bindparam("b_now", type_=UtcTime))
    .returning(shipments.c.attempt)
)


class SqlCarriages:
    """`Carriages` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def open(self, carriage: Carriage) -> None:
        """A new one."""
        self._connection.execute(sa.insert(carriages), vars(carriage))

    def any_due(self, *, now: dt.datetime) -> bool:
        """Whether one is unfinished and due."""
        return self._connection.execute(_FIRST, {"b_now": now}).one_or_none() is not None

    def claim(self, *, now: dt.datetime, lease: dt.timedelta) -> Carriage | None:
        """One that is unfinished and due."""
        row = self._connection.execute(_DUE, {"b_now": now}).one_or_none()
        if row is None:
            return None
        self._connection.execute(_HOLD, {"b_manifest": row.manifest, "b_until": now + lease})
        return replace(Carriage(**row._mapping), next_at=now + lease, fence=row.fence + 1)

    def unfinished(self, *, closed_before: dt.datetime) -> Sequence[str]:
        """The manifests that are not done with, the oldest first."""
        return self._connection.scalars(_UNFINISHED, {"b_before": closed_before}).all()

    def get(self, manifest: str) -> Carriage | None:
        """That of the manifest."""
        row = self._connection.execute(_GET, {"b_manifest": manifest}).one_or_none()
        return None if row is None else Carriage(**row._mapping)

    def save(self, carriage: Carriage) -> None:
        """Writes it over. Raises LeaseLost when somebody else has it."""
        values = {name: getattr(carriage, name) for name in _CHANGING}
        whose = {"b_manifest": carriage.manifest, "b_fence": carriage.fence}
        if self._connection.execute(_SAVE, whose | values).rowcount == 0:
            raise LeaseLost

    def shipments(self, manifest: str) -> Mapping[str, Shipment]:
        """Those of a manifest, by attempt."""
        rows = self._connection.execute(_SHIPMENTS, {"b_manifest": manifest})
        return {row.attempt: Shipment(**row._mapping) for row in rows}

    def labels(self, attempts: Collection[str]) -> Mapping[str, str]:
        """Where the labels of those attempts are kept."""
        rows = self._connection.execute(_LABELS, {"b_attempts": list(attempts)}) if attempts else ()
        return {row.attempt: row.label for row in rows}

    def ask(self, shipment: Shipment, *, before: dt.datetime | None) -> bool:
        """Writes that the carrier is told of an envelope now."""
        if before is None:
            found = self._connection.execute(_first(self._connection.dialect.name), vars(shipment))
        else:
            values = {"b_attempt": shipment.attempt, "b_before": before, "b_now": shipment.asked_at}
            found = self._connection.execute(_AGAIN, values)
        return found.one_or_none() is not None

    def put(self, shipment: Shipment) -> None:
        """Writes it over."""
        self._connection.execute(_put(self._connection.dialect.name), vars(shipment))


@cache
def _first(dialect: str) -> sa.Executable:
    """The first of several wins: the others are given no row."""
    return insert_into(shipments, dialect).on_conflict_do_nothing().returning(shipments.c.attempt)


@cache
def _put(dialect: str) -> Insert:
    return replace_in(shipments, dialect, key=("attempt",))


_NUMBER = sa.func.coalesce(batched_items.c.tracking, batched_items.c.piece)
_STANDING = sa.and_(deliveries.c.state == DeliveryState.HANDED_OVER, deliveries.c.settled.is_(sa.false()))
_LISTED = deliveries.c.state == DeliveryState.BATCHED
_UNPROVEN = sa.and_(deliveries.c.state == DeliveryState.DELIVERED, tracked_items.c.certificate.is_(None))
_LONG_SINCE = sa.literal(EPOCH, UtcTime)
_TO_ASK = (
    sa.select(
        batched_items.c.attempt,
        batched_items.c.delivery,
        _NUMBER.label("number"),
        manifests.c.closed_at.label("since"),
        sa.func.coalesce(tracked_items.c.asked, 0).label("asked"),
        (deliveries.c.state == DeliveryState.DELIVERED).label("delivered"),
        tracked_items.c.certificate,
    )
    .select_from(
        manifests.join(batched_items, batched_items.c.manifest == manifests.c.number)
        .join(deliveries, deliveries.c.id == batched_items.c.delivery)
        .join(attempts, attempts.c.id == batched_items.c.attempt)
        .outerjoin(tracked_items, tracked_items.c.attempt == batched_items.c.attempt)
    )
    .where(
        manifests.c.channel.in_(sa.bindparam("b_channels", expanding=True)),
        manifests.c.closed_at >= sa.bindparam("b_since", type_=UtcTime),
        # The envelope that its delivery relies on, and no former one.
        attempts.c.fence == deliveries.c.fence,
        attempts.c.result.in_((ResultName.GATHERED, ResultName.HANDED_OVER)),
        sa.or_(_STANDING, _LISTED, _UNPROVEN),
        sa.or_(tracked_items.c.next_at.is_(None), tracked_items.c.next_at <= sa.bindparam("b_now", type_=UtcTime)),
    )
    .order_by(sa.func.coalesce(tracked_items.c.next_at, _LONG_SINCE), batched_items.c.ordinal)
    .limit(sa.bindparam("b_limit"))
)
_CERTIFICATES = sa.select(tracked_items.c.attempt, tracked_items.c.certificate).where(
    tracked_items.c.attempt.in_(sa.bindparam("b_attempts", expanding=True)), tracked_items.c.certificate.is_not(None)
)


class SqlTrackedItems:
    """`TrackedItems` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def due(
        self, channels: Collection[str], *, now: dt.datetime, since: dt.datetime, limit: int
    ) -> Sequence[TrackedItem]:
        """Those that are due to be asked about."""
        values = {"b_channels": sorted(channels), "b_now": now, "b_since": since, "b_limit": limit}
        return [TrackedItem(**row._mapping) for row in self._connection.execute(_TO_ASK, values)]

    def asked(self, attempt: str, *, asked: int, next_at: dt.datetime, certificate: str | None) -> None:
        """Writes that it was asked about."""
        values = {"attempt": attempt, "asked": asked, "next_at": next_at, "certificate": certificate}
        self._connection.execute(_tracked(self._connection.dialect.name), values)

    def certificates(self, attempts: Collection[str]) -> Mapping[str, str]:
        """Where the certificates of those attempts are kept."""
        rows = self._connection.execute(_CERTIFICATES, {"b_attempts": list(attempts)}) if attempts else ()
        return {row.attempt: row.certificate for row in rows}


@cache
def _tracked(dialect: str) -> Insert:
    return replace_in(tracked_items, dialect, key=("attempt",))
