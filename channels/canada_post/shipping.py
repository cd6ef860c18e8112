"""Contract Shipping (shipment-v8, manifest-v8). See `gateway.ports.carriage.CarrierService`.

What was asked for is found again by the reference that we gave it: Get Shipments takes `requestId`, the
customer-request-id of Create Shipment. Get Groups lists what was not transmitted yet. So an answer that was lost is
asked for, and nothing is ordered twice.
"""

import datetime as dt
from collections.abc import Sequence
from http import HTTPStatus
from xml.etree.ElementTree import Element

from channels.canada_post.faults import NOT_VOIDABLE
from channels.canada_post.http import PDF, Question, ask, links_of, name_of, read, text_of, unread
from channels.canada_post.orders import MANIFEST, SHIPMENT, shipment, transmit_set
from channels.canada_post.settings import CanadaPostPlace
from gateway.domain.failures import Refused
from gateway.domain.reasons import Reason
from gateway.ports.carriage import CarrierFailed, CarrierManifest, Parcel, ShipmentOrder


class ContractShipping:
    """`CarrierService` over the place."""

    def __init__(self, place: CanadaPostPlace) -> None:
        self._place = place
        self._base = f"{place.url}/rs/{place.customer}/{place.on_behalf_of}"

    def create(self, order: ShipmentOrder) -> Parcel:
        """Create Shipment."""
        body = shipment(self._place, order)
        question = Question(method="POST", url=f"{self._base}/shipment", accept=SHIPMENT, body=body)
        return _parcel(read(ask(self._place, question), question), question)

    def find(self, reference: str) -> Parcel | None:
        """Get Shipments by customer-request-id, then Get Shipment."""
        asked = Question(method="GET", url=f"{self._base}/shipment?requestId={reference}", accept=SHIPMENT)
        reply = ask(self._place, asked, HTTPStatus.NOT_FOUND)
        found = links_of(read(reply, asked), "shipment") if reply.status != HTTPStatus.NOT_FOUND else []
        if not found:
            return None
        question = Question(method="GET", url=found[0], accept=SHIPMENT)
        return _parcel(read(ask(self._place, question), question), question)

    def void(self, place: str) -> None:
        """Void Shipment. Raises CarrierFailed (Refused) when it was transmitted already."""
        question = Question(method="DELETE", url=place, accept=SHIPMENT)
        reply = ask(self._place, question, HTTPStatus.NOT_FOUND, int(NOT_VOIDABLE))
        if NOT_VOIDABLE in reply.codes:
            raise CarrierFailed(Refused(reason=Reason.CARRIER_REFUSED, words=NOT_VOIDABLE))

    def paper(self, place: str) -> bytes:
        """Get Artifact."""
        question = Question(method="GET", url=place, accept=PDF)
        content = ask(self._place, question).content
        if not content.startswith(b"%PDF-"):
            raise unread(question)
        return content

    def transmit(self, group: str, office: str) -> Sequence[str]:
        """Transmit Shipments."""
        body = transmit_set(self._place, group, office)
        question = Question(method="POST", url=f"{self._base}/manifest", accept=MANIFEST, body=body)
        places = links_of(read(ask(self._place, question), question), "manifest")
        if not places:
            raise unread(question)
        return places

    def waits(self, group: str) -> bool:
        """Get Groups."""
        question = Question(method="GET", url=f"{self._base}/group", accept=SHIPMENT)
        root = read(ask(self._place, question), question)
        return any(text_of(one, "group-id") == group for one in root if name_of(one) == "group")

    def manifests(self, since: dt.date, until: dt.date) -> Sequence[str]:
        """Get Manifests."""
        days = f"start={since:%Y%m%d}&end={until:%Y%m%d}"
        question = Question(method="GET", url=f"{self._base}/manifest?{days}", accept=MANIFEST)
        return links_of(read(ask(self._place, question), question), "manifest")

    def manifest(self, place: str) -> CarrierManifest:
        """Get Manifest."""
        question = Question(method="GET", url=place, accept=MANIFEST)
        root = read(ask(self._place, question), question)
        number = text_of(root, "po-number")
        if not number:
            raise unread(question)
        return CarrierManifest(po_number=number, artifact=next(iter(links_of(root, "artifact")), None))


def _parcel(root: Element, question: Question) -> Parcel:
    number, own = text_of(root, "shipment-id"), links_of(root, "self")
    if not number or not own:
        raise unread(question)
    return Parcel(
        number=number,
        pin=text_of(root, "tracking-pin") or None,
        own=own[0],
        label=next(iter(links_of(root, "label")), None),
        po_number=text_of(root, "po-number") or None,
    )
