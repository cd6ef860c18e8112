"""A carrier that is told of each envelope and of each manifest by its own service, and asked where they are."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.carriage import Carriage, Shipment
from gateway.domain.envelope import Envelope
from gateway.domain.failures import AttemptFailure


class CarrierFailed(Exception):  # noqa: N818  (what failed is the carrier)
    """`failure`: what is known of what was asked for. NotSent: it certainly was not done. MaybeSent: nobody knows."""

    def __init__(self, failure: AttemptFailure) -> None:
        super().__init__(failure.reason.value)
        self.failure = failure


@dataclass(frozen=True, kw_only=True)
class ShipmentOrder:
    """An envelope as the carrier is told of it. reference: ours, by which it is found again; group: the manifest that
    it goes with; service: the carrier's code; grams: its weight."""

    reference: str
    group: str
    service: str
    office: str
    envelope: Envelope
    grams: int
    mailed_on: dt.date


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """An envelope as the carrier knows it. number: the carrier's, of the order; pin: what it is tracked by; po_number:
    of the manifest that it was transmitted with; own: where it is found; label: where its label is."""

    number: str
    pin: str | None
    own: str
    label: str | None
    po_number: str | None = None


@dataclass(frozen=True, kw_only=True)
class CarrierManifest:
    """A manifest as the carrier confirmed it. artifact: where its paper is."""

    po_number: str
    artifact: str | None


class CarrierService(Protocol):
    """Each method asks once, within its own time, and raises CarrierFailed. Places are the carrier's own addresses."""

    def create(self, order: ShipmentOrder) -> Parcel:
        """Tells of an envelope. It costs nothing before its group is transmitted."""
        ...

    def find(self, reference: str) -> Parcel | None:
        """What became of an order of that reference; None: the carrier has none."""
        ...

    def void(self, place: str) -> None:
        """Takes an order back that was not transmitted; one that is not there any more is no failure."""
        ...

    def paper(self, place: str) -> bytes:
        """A label or a manifest, as PDF."""
        ...

    def transmit(self, group: str, office: str) -> Sequence[str]:
        """Tells that the group is ready to be taken away; where its manifests are."""
        ...

    def waits(self, group: str) -> bool:
        """Whether the group is one that was not transmitted yet."""
        ...

    def manifests(self, since: dt.date, until: dt.date) -> Sequence[str]:
        """Where the manifests of those days are."""
        ...

    def manifest(self, place: str) -> CarrierManifest:
        """Confirms a manifest that was transmitted: only then does the carrier make it."""
        ...


class TrackingService(Protocol):
    """Where envelopes are. Each method asks once and raises CarrierFailed."""

    def track(self, pin: str) -> bytes | None:
        """What the carrier's machines saw of the item, as it says so; None: nothing yet."""
        ...

    def certificate(self, pin: str) -> bytes | None:
        """The carrier's certificate that it delivered the item, as PDF; None: there is none yet."""
        ...


class Carriages(Protocol):
    """What a carrier's own service was told, as it is kept."""

    def open(self, carriage: Carriage) -> None:
        """A new one, written with its manifest."""
        ...

    def any_due(self, *, now: dt.datetime) -> bool:
        """Whether one is unfinished and due: a look without a write."""
        ...

    def claim(self, *, now: dt.datetime, lease: dt.timedelta) -> Carriage | None:
        """One that is unfinished and due, the longest due first, with its new fence; until `next_at`, when the lease
        ends, nobody else is given it."""
        ...

    def unfinished(self, *, closed_before: dt.datetime) -> Sequence[str]:
        """The manifests closed before then that are not done with, the oldest first."""
        ...

    def get(self, manifest: str) -> Carriage | None:
        """That of the manifest; None: no service is told of it."""
        ...

    def save(self, carriage: Carriage) -> None:
        """Writes it over. Raises LeaseLost when its fence is no longer the newest."""
        ...

    def shipments(self, manifest: str) -> Mapping[str, Shipment]:
        """Those of a manifest, by attempt."""
        ...

    def labels(self, attempts: Collection[str]) -> Mapping[str, str]:
        """Where the labels of those attempts are kept, by attempt."""
        ...

    def ask(self, shipment: Shipment, *, before: dt.datetime | None) -> bool:
        """Writes that the carrier is told of an envelope now, who told of it last `before` (None: nobody). False:
        somebody else did meanwhile, and nothing may be asked."""
        ...

    def put(self, shipment: Shipment) -> None:
        """Writes it over."""
        ...


@dataclass(frozen=True, kw_only=True)
class TrackedItem:
    """An envelope that the carrier is asked about. number: what it is tracked by; asked: how often it was; certificate:
    where the carrier's is kept, sealed."""

    attempt: str
    delivery: str
    number: str
    since: dt.datetime
    asked: int = 0
    delivered: bool = False
    certificate: str | None = None


class TrackedItems(Protocol):
    """Envelopes that a carrier is asked about, as they are kept."""

    def due(
        self, channels: Collection[str], *, now: dt.datetime, since: dt.datetime, limit: int
    ) -> Sequence[TrackedItem]:
        """Those of these channels, on manifests closed since then, that are not settled, or delivered and without a
        certificate; the longest due first, what was never asked for before all."""
        ...

    def asked(self, attempt: str, *, asked: int, next_at: dt.datetime, certificate: str | None) -> None:
        """Writes that it was asked about, and when to ask again."""
        ...

    def certificates(self, attempts: Collection[str]) -> Mapping[str, str]:
        """Where the certificates of those attempts are kept, by attempt."""
        ...
