"""A closed manifest, told to the carrier's own service: every envelope first, then that they can be fetched.

It is owed from the closing on, goes on where it was cut, and hands nothing over: the driver's signature does, or the
carrier's first scan.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.dates.office_dates import today_at
from gateway.application.mail_room.standing import states_of
from gateway.application.mail_room.telling_envelopes import ACTOR, TellOfEnvelopes
from gateway.application.sealed import Vault, data_key
from gateway.domain.carriage import Carriage, CarriageState, Shipment, may_be_asked_for, surely_not
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.failures import MaybeSent, Misconfigured, Refused
from gateway.domain.manifest import BatchedItem, ItemState, Manifest
from gateway.domain.reasons import Reason
from gateway.ports.carriage import CarrierFailed, CarrierManifest, CarrierService
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.work import LeaseLost

LEASE = dt.timedelta(minutes=5)
"""For so long one process has a manifest: longer than a round of questions takes."""
AGAIN = dt.timedelta(minutes=1)
"""After what went wrong; a service that was asked too often wants as much."""
AFTER_REFUSAL = dt.timedelta(hours=1)
ROUND = 50
"""Envelopes told of before other work has its turn."""


_NO_GROUP = "none"
"""No manifest is called so."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a round came to. stopped: why it could not go on, where a setting must be put right."""

    done: int = 0
    stopped: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """A manifest with its envelopes, as they stand with us and with the carrier."""

    manifest: Manifest
    items: Sequence[BatchedItem]
    states: Mapping[str, ItemState]
    shipments: Mapping[str, Shipment]

    @property
    def listed(self) -> Sequence[BatchedItem]:
        """What the carrier is to take."""
        return [one for one in self.items if self.states[one.attempt] is not ItemState.WITHDRAWN]

    @property
    def withdrawn(self) -> Sequence[BatchedItem]:
        """What it is not to take."""
        return [one for one in self.items if self.states[one.attempt] is ItemState.WITHDRAWN]

    @property
    def here(self) -> bool:
        """Whether nothing says of some of it that the carrier has it."""
        return any(one is ItemState.LISTED for one in self.states.values())


class TellCarrier:
    """Takes one manifest on at a time. Safe to run anywhere, any number of times."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        service: CarrierService,
        envelopes: TellOfEnvelopes,
        suspended: Callable[[], Collection[str]],
        clock: Clock,
    ) -> None:
        """suspended: the channels whose carrier does not deliver now. Nothing is ordered of it then; what left a
        manifest is taken back, and what its driver took all the same is told."""
        self._suspended = suspended
        self._database = database
        self._vault = vault
        self._service = service
        self._envelopes = envelopes
        self._clock = clock

    def __call__(self) -> Told:
        """Goes on with the manifest that is longest due, if one is."""
        with self._database.look_up() as tx:
            if not tx.carriages.any_due(now=self._clock.now()):
                return Told()
        with self._database.write() as tx:
            carriage = tx.carriages.claim(now=self._clock.now(), lease=LEASE)
        if carriage is None:
            return Told()
        try:
            return Told(done=self._further(carriage))
        except LeaseLost:
            return Told()  # it took too long, and another goes on with it
        except CarrierFailed as failed:
            return self._rested(carriage, failed)

    def check(self) -> Reason | None:
        """Why the carrier's own service does not answer us now; None: it does. It is asked for what it always has."""
        try:
            self._service.waits(_NO_GROUP)
        except CarrierFailed as failed:
            return failed.failure.reason
        return None

    def _further(self, carriage: Carriage) -> int:
        match carriage.state:
            case CarriageState.OPEN:
                return self._tell(carriage)
            case CarriageState.ASKED:
                return self._look(carriage)
            case _:
                return self._confirm(carriage)

    def _tell(self, carriage: Carriage) -> int:
        standing = self._standing(carriage)
        held = standing.here and standing.manifest.channel in self._suspended()
        open_ones = [
            one
            for one in (standing.withdrawn if held else standing.items)
            if not self._envelopes.is_done(standing.shipments.get(one.attempt), standing.states[one.attempt])
        ]
        for item in open_ones[:ROUND]:
            self._save(carriage, wait=LEASE)
            self._envelopes(item, standing.states[item.attempt], standing.shipments.get(item.attempt))
        if open_ones:
            after = self._standing(carriage)
            more = any(
                not self._envelopes.is_done(after.shipments.get(one.attempt), after.states[one.attempt])
                for one in open_ones[:ROUND]
            )
            self._save(carriage, wait=AGAIN if more else dt.timedelta(0), reason=None)
            return min(len(open_ones), ROUND)
        if held:
            self._save(carriage, wait=AGAIN, reason=Reason.CARRIER_SUSPENDED)
            return 0
        if not standing.listed:
            self._save(carriage, state=CarriageState.EMPTY)
            return 1
        return self._transmit(carriage, standing)

    def _transmit(self, carriage: Carriage, standing: _Standing) -> int:
        asked = self._save(carriage, state=CarriageState.ASKED, wait=AGAIN, asked_at=self._clock.now())
        try:
            places = self._service.transmit(carriage.manifest, standing.manifest.office)
        except CarrierFailed as failed:
            if not isinstance(failed.failure, MaybeSent):
                self._save(asked, state=CarriageState.OPEN)
            if isinstance(failed.failure, Refused):
                self._call(standing.listed, failed.failure.reason)
            raise
        self._call(standing.listed, None)
        self._save(asked, state=CarriageState.TRANSMITTED, places=tuple(places))
        return 1

    def _look(self, carriage: Carriage) -> int:
        """What became of a transmission whose answer was lost: a group that was transmitted waits no more."""
        now, asked_at = self._clock.now(), carriage.asked_at or carriage.next_at
        if not may_be_asked_for(asked_at, now):
            self._save(carriage, wait=AGAIN)
            return 0
        if self._service.waits(carriage.manifest):
            again = CarriageState.OPEN if surely_not(asked_at, now) else CarriageState.ASKED
            self._save(carriage, state=again, wait=dt.timedelta(0) if again is CarriageState.OPEN else AGAIN)
            return 1
        places = self._places(carriage)
        if not places:
            self._save(carriage, wait=AGAIN)
            return 1
        self._save(carriage, state=CarriageState.TRANSMITTED, places=places)
        return 1

    def _places(self, carriage: Carriage) -> tuple[str, ...]:
        """Where the manifests are that our envelopes were transmitted with."""
        standing = self._standing(carriage)
        parcels = (self._service.find(one.reference) for one in standing.listed)
        numbers = {one.po_number for one in parcels if one is not None and one.po_number}
        day = today_at(standing.manifest.office, carriage.asked_at or carriage.next_at)
        places = self._service.manifests(day - dt.timedelta(days=1), day + dt.timedelta(days=1))
        return tuple(one for one in places if numbers and self._service.manifest(one).po_number in numbers)

    def _confirm(self, carriage: Carriage) -> int:
        manifests = [self._service.manifest(one) for one in carriage.places]
        papers = [self._service.paper(one.artifact) for one in manifests if one.artifact is not None]
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        with self._vault.keeping() as put:
            kept = tuple(put(key, contexts.carrier_manifest(carriage.manifest), one) for one in papers)
            confirmed = replace(carriage, state=CarriageState.CONFIRMED, papers=kept, reason=None)
            self._record(confirmed, manifests)
        return 1

    def _record(self, carriage: Carriage, manifests: Sequence[CarrierManifest]) -> None:
        numbers = " ".join(one.po_number for one in manifests)
        facts: dict[str, str | int | bool] = {"manifest": carriage.manifest, "po_numbers": numbers}
        with self._database.write() as tx:
            tx.carriages.save(carriage)
            tx.records.append(
                Event(name=EventName.MANIFEST_TRANSMITTED, at=self._clock.now(), actor=ACTOR, facts=facts)
            )

    def _rested(self, claimed: Carriage, failed: CarrierFailed) -> Told:
        failure = failed.failure
        with self._database.look_up() as tx:
            carriage = tx.carriages.get(claimed.manifest)
        if carriage is not None and carriage.fence == claimed.fence:
            wait = AFTER_REFUSAL if isinstance(failure, Refused) else AGAIN
            with suppress(LeaseLost):
                self._save(carriage, wait=wait, reason=failure.reason)
        return Told(stopped=failure.reason if isinstance(failure, Misconfigured | Refused) else None)

    def _call(self, items: Sequence[BatchedItem], reason: Reason | None) -> None:
        """For what the carrier would not be told of as a whole: each delivery is shown to a person, until it is."""
        for item in items:
            with self._database.write() as tx:
                before = tx.deliveries.get(item.delivery, lock=True)
                if before.state is DeliveryState.BATCHED and before.reason is not reason:
                    tx.deliveries.save(replace(before, reason=reason))

    def _standing(self, carriage: Carriage) -> _Standing:
        with self._database.read() as tx:
            items = tx.manifests.items(carriage.manifest)
            return _Standing(
                manifest=tx.manifests.get(carriage.manifest),
                items=items,
                states=states_of(tx, items),
                shipments=tx.carriages.shipments(carriage.manifest),
            )

    def _save(
        self,
        carriage: Carriage,
        *,
        state: CarriageState | None = None,
        wait: dt.timedelta = dt.timedelta(0),
        asked_at: dt.datetime | None = None,
        reason: Reason | None = None,
        places: tuple[str, ...] = (),
    ) -> Carriage:
        after = replace(
            carriage,
            state=state or carriage.state,
            next_at=self._clock.now() + wait,
            asked_at=asked_at or carriage.asked_at,
            reason=reason,
            places=places or carriage.places,
        )
        with self._database.write() as tx:
            tx.carriages.save(after)
        return after
