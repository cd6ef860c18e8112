"""What the post is told, as XML of its schemas shipment-v8 and manifest-v8."""

from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from channels.canada_post.settings import CanadaPostPlace, Sender
from gateway.domain.envelope import HOME, Envelope
from gateway.domain.failures import Misconfigured, Refused
from gateway.domain.reasons import Reason
from gateway.ports.carriage import CarrierFailed, ShipmentOrder

SHIPMENT, MANIFEST = "application/vnd.cpc.shipment-v8+xml", "application/vnd.cpc.manifest-v8+xml"
_SHIPMENT_SPACE, _MANIFEST_SPACE = "http://www.canadapost.ca/ws/shipment-v8", "http://www.canadapost.ca/ws/manifest-v8"
_PAYMENT = "Account"
_SIGNATURE = "SO"
"""The option by which the post asks for a signature: without one there is no confirmation of receipt."""
_MOST = 44
"""Characters of a line (shipment-v8)."""
_MOST_LINES = 2
_GRAMS = 1000


def shipment(place: CanadaPostPlace, order: ShipmentOrder) -> bytes:
    """Create Shipment's body. Raises CarrierFailed: Refused, of an address that the schema has no room for;
    Misconfigured, of an office that nobody sends from."""
    sender = sender_of(place, order.office)
    root = Element("shipment", xmlns=_SHIPMENT_SPACE)
    _add(root, "customer-request-id", order.reference)
    _add(root, "group-id", order.group)
    _add(root, "cpc-pickup-indicator", "true")
    _add(root, "requested-shipping-point", _code(sender.postal_code))
    _add(root, "expected-mailing-date", order.mailed_on.isoformat())
    spec = _add(root, "delivery-spec")
    _add(spec, "service-code", order.service)
    _sender(_add(spec, "sender"), sender)
    _destination(_add(spec, "destination"), order.envelope)
    _add(_add(_add(spec, "options"), "option"), "option-code", _SIGNATURE)
    _add(_add(spec, "parcel-characteristics"), "weight", f"{order.grams / _GRAMS:.3f}")
    preferences = _add(spec, "print-preferences")
    _add(preferences, "output-format", "4x6")
    _add(preferences, "encoding", "PDF")
    _add(_add(spec, "preferences"), "show-packing-instructions", "false")
    _add(_add(spec, "references"), "customer-ref-1", order.reference)
    settlement = _add(spec, "settlement-info")
    if place.contract:
        _add(settlement, "contract-id", place.contract)
    _add(settlement, "intended-method-of-payment", _PAYMENT)
    return _xml(root)


def transmit_set(place: CanadaPostPlace, group: str, office: str) -> bytes:
    """Transmit Shipments' body. Raises CarrierFailed (Misconfigured)."""
    sender = sender_of(place, office)
    root = Element("transmit-set", xmlns=_MANIFEST_SPACE)
    _add(_add(root, "group-ids"), "group-id", group)
    _add(root, "cpc-pickup-indicator", "true")
    _add(root, "requested-shipping-point", _code(sender.postal_code))
    _add(root, "detailed-manifests", "true")
    _add(root, "method-of-payment", _PAYMENT)
    address = _add(root, "manifest-address")
    _add(address, "manifest-company", sender.company)
    _add(address, "phone-number", sender.phone)
    _place(_add(address, "address-details"), sender, country=False)
    return _xml(root)


def sender_of(place: CanadaPostPlace, office: str) -> Sender:
    """Who hands over there. Raises CarrierFailed (Misconfigured)."""
    sender = place.senders.get(office)
    if sender is None:
        raise CarrierFailed(Misconfigured(reason=Reason.CARRIER_NOT_UNDERSTOOD, words=f"canada_post.senders.{office}"))
    return sender


def _sender(into: Element, sender: Sender) -> None:
    _add(into, "company", sender.company)
    _add(into, "contact-phone", sender.phone)
    _place(_add(into, "address-details"), sender, country=True)


def _place(into: Element, sender: Sender, *, country: bool) -> None:
    _add(into, "address-line-1", sender.address)
    _add(into, "city", sender.city)
    _add(into, "prov-state", sender.province)
    if country:
        _add(into, "country-code", HOME)
    _add(into, "postal-zip-code", _code(sender.postal_code))


def _destination(into: Element, envelope: Envelope) -> None:
    address = envelope.address
    named = _named(envelope)
    too_long = any(len(one) > _MOST for one in (*named.values(), *address.lines))
    if len(address.lines) > _MOST_LINES or not address.lines or too_long or not named:
        raise CarrierFailed(Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID))
    for name, value in named.items():
        _add(into, name, value)
    details = _add(into, "address-details")
    for number, line in enumerate(address.lines, start=1):
        _add(details, f"address-line-{number}", line)
    _add(details, "city", address.municipality)
    if address.province:
        _add(details, "prov-state", address.province)
    _add(details, "country-code", address.country)
    if address.postal_code:
        _add(details, "postal-zip-code", _code(address.postal_code))


def _named(envelope: Envelope) -> dict[str, str]:
    """The schema's three lines above the address, in its order: what they are called there, or one after the other
    where a name takes more than one. Nothing where they are not enough."""
    parts = {
        "name": envelope.attention or envelope.name,
        "company": envelope.organization,
        "additional-address-info": envelope.name if envelope.attention else None,
    }
    named = {name: one for name, one in parts.items() if one}
    if all(len(one) <= _MOST for one in named.values()):
        return named if "name" in named or "company" in named else {}
    return dict(zip(parts, envelope.to, strict=False)) if len(envelope.to) <= len(parts) else {}


def _code(postal_code: str) -> str:
    """Without its blank, as the schema has it."""
    return "".join(postal_code.split()).upper()


def _add(into: Element, name: str, text: str | None = None) -> Element:
    child = ET.SubElement(into, name)
    child.text = text
    return child


def _xml(root: Element) -> bytes:
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made
