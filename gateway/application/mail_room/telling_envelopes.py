"""The envelopes of a manifest, told to the carrier's own service one by one: its number and its label come back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.dates.office_dates import today_at
from gateway.application.kept_json import from_kept
from gateway.application.mail_room.taking_out import TakeOut
from gateway.application.sealed import DataKey, Vault, package_key
from gateway.domain.carriage import Shipment, ShipmentState, may_be_asked_for, surely_not
from gateway.domain.envelope import Envelope
from gateway.domain.events import Event, EventName
from gateway.domain.failures import MaybeSent, Refused
from gateway.domain.manifest import BatchedItem, CarriageTerms, ItemState
from gateway.ports.carriage import CarrierFailed, CarrierService, Parcel, ShipmentOrder
from gateway.ports.clock import Clock
from gateway.ports.database import Database

ACTOR = "gateway"


@dataclass(frozen=True, kw_only=True)
class Weights:
    """In grams: of a sheet, and of the envelope."""

    sheet: int
    envelope: int

    def of(self, item: BatchedItem) -> int:
        """What the item weighs."""
        return self.envelope + self.sheet * item.sheets


class TellOfEnvelopes:
    """Each goes its own steps: written down, told, found again where the answer was lost, its label fetched."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        service: CarrierService,
        terms: Mapping[str, CarriageTerms],
        take_out: TakeOut,
        weights: Weights,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._service = service
        self._terms = terms
        self._take_out = take_out
        self._weights = weights
        self._clock = clock

    def __call__(self, item: BatchedItem, state: ItemState, shipment: Shipment | None) -> Shipment | None:
        """The envelope one step further; None: its carrier is not told of it, and need not be. Raises CarrierFailed
        (not Refused: then a person is called)."""
        if state is ItemState.WITHDRAWN:
            return self._take_back(item, shipment)
        try:
            return self._further(item, shipment)
        except CarrierFailed as failed:
            if not isinstance(failed.failure, Refused):
                raise
            self._take_out.may_not_go(item, failed.failure.reason)
            return self._untold_or_known(item, shipment)

    def _untold_or_known(self, item: BatchedItem, shipment: Shipment | None) -> Shipment:
        """What the carrier refused as a whole it does not have; what it made before is taken back next."""
        with self._database.look_up() as tx:
            stands = tx.carriages.shipments(item.manifest or "").get(item.attempt, shipment)
        return self._put(item, stands, ShipmentState.VOID) if stands is None or stands.own is None else stands

    def is_done(self, shipment: Shipment | None, state: ItemState) -> bool:
        """Whether nothing more is to be told of it."""
        if state is ItemState.WITHDRAWN:
            return shipment is None or shipment.state is ShipmentState.VOID
        return shipment is not None and shipment.label is not None

    def _further(self, item: BatchedItem, shipment: Shipment | None) -> Shipment | None:
        now = self._clock.now()
        if shipment is None or shipment.state is ShipmentState.VOID:
            return self._tell(item, None if shipment is None else shipment.asked_at, now)
        if shipment.state is ShipmentState.MADE:
            return self._labelled(item, shipment, self._service.find(item.reference))
        if not may_be_asked_for(shipment.asked_at, now):
            return shipment
        parcel = self._service.find(item.reference)
        if parcel is not None:
            return self._made(item, shipment, parcel)
        return self._tell(item, shipment.asked_at, now) if surely_not(shipment.asked_at, now) else shipment

    def _tell(self, item: BatchedItem, before: dt.datetime | None, now: dt.datetime) -> Shipment | None:
        order = self._order(item, now)
        asked = Shipment(attempt=item.attempt, manifest=order.group, state=ShipmentState.ASKED, asked_at=now)
        with self._database.write() as tx:
            if not tx.carriages.ask(asked, before=before):
                return None  # another process tells of it
            if before is not None:
                tx.carriages.put(asked)
        try:
            parcel = self._service.create(order)
        except CarrierFailed as failed:
            self._untold(asked, failed)
            raise
        return self._made(item, asked, parcel)

    def _untold(self, asked: Shipment, failed: CarrierFailed) -> None:
        """What certainly was not done is asked for again without looking."""
        if not isinstance(failed.failure, MaybeSent):
            with self._database.write() as tx:
                tx.carriages.put(replace(asked, state=ShipmentState.VOID))

    def _order(self, item: BatchedItem, now: dt.datetime) -> ShipmentOrder:
        sealed = self._vault.open(self._key(item), contexts.envelope(item.attempt), item.envelope)
        return ShipmentOrder(
            reference=item.reference,
            group=item.manifest or "",
            service=self._terms[item.channel].contract_service,
            office=item.office,
            envelope=from_kept(Envelope, sealed, where=item.attempt),
            grams=self._weights.of(item),
            mailed_on=today_at(item.office, now),
        )

    def _made(self, item: BatchedItem, shipment: Shipment, parcel: Parcel) -> Shipment:
        made = replace(shipment, state=ShipmentState.MADE, number=parcel.number, own=parcel.own)
        with self._database.write() as tx:
            tx.carriages.put(made)
            if parcel.pin is not None:
                tx.manifests.track(item.attempt, parcel.pin)
            tx.records.append(
                Event(
                    name=EventName.CARRIER_TOLD,
                    at=self._clock.now(),
                    actor=ACTOR,
                    dispatch=item.dispatch,
                    delivery=item.delivery,
                    attempt=item.attempt,
                    facts={"manifest": made.manifest, "number": parcel.pin or ""},
                )
            )
        return self._labelled(item, made, parcel)

    def _labelled(self, item: BatchedItem, shipment: Shipment, parcel: Parcel | None) -> Shipment:
        if parcel is None or parcel.label is None:
            return shipment
        paper = self._service.paper(parcel.label)
        with self._vault.keeping() as put:
            done = replace(shipment, label=put(self._key(item), contexts.label(item.attempt), paper))
            with self._database.write() as tx:
                tx.carriages.put(done)
        return done

    def _take_back(self, item: BatchedItem, shipment: Shipment | None) -> Shipment | None:
        if shipment is None or shipment.state is ShipmentState.VOID:
            return shipment
        own, now = shipment.own, self._clock.now()
        if own is None:
            if not may_be_asked_for(shipment.asked_at, now):
                return shipment
            parcel = self._service.find(item.reference)
            if parcel is None and not surely_not(shipment.asked_at, now):
                return shipment
            own = parcel.own if parcel is not None else None
        if own is not None:
            self._service.void(own)
        return self._put(item, shipment, ShipmentState.VOID)

    def _put(self, item: BatchedItem, shipment: Shipment | None, state: ShipmentState) -> Shipment:
        asked_at = shipment.asked_at if shipment is not None else self._clock.now()
        known = shipment or Shipment(attempt=item.attempt, manifest=item.manifest or "", state=state, asked_at=asked_at)
        after = replace(known, state=state)
        with self._database.write() as tx:
            tx.carriages.put(after)
        return after

    def _key(self, item: BatchedItem) -> DataKey:
        with self._database.look_up() as tx:
            return package_key(tx.registry, tx.dispatches.get(item.dispatch))
