"""A mail channel for tests, and a printer that draws nothing."""

from collections.abc import Sequence
from dataclasses import replace

from channels.courier.channel import Mail
from channels.courier.settings import settings_of
from channels.hand_delivery.channel import HandDelivery
from channels.hand_delivery.settings import HandDeliverySettings
from gateway.domain.envelope import Envelope
from gateway.domain.parties import ChannelName, PostalAddress, RecipientChannel
from gateway.domain.problem import Problem
from gateway.ports.channels import Consignment
from gateway.ports.mail import Packet, PacketMaker, PacketOrder
from gateway.ports.papers import RenderedDocument
from gateway.ports.registry_papers import DrawnPaper
from tests.channels import samples

POSTAL = PostalAddress(
    lines=("10-123 rue Principale",), municipality="Montréal", province="QC", postal_code="H3Z 2Y7", country="CA"
)
RANGE = "RN 47312480-47312489 CA"
TABLE: dict[str, object] = {
    "carrier": "Canada Post",
    "return_to": {"toronto": ["Registry", "1 Example Street", "Toronto ON  M5V 3L9"]},
}


class StandInPackets:
    """Puts the papers one behind the other, a page each."""

    def __init__(self, fails: Problem | None = None) -> None:
        self.fails = fails
        self.orders: list[PacketOrder] = []

    def make(self, order: PacketOrder) -> Packet:
        """See `PacketMaker`."""
        self.orders.append(order)
        if self.fails is not None:
            raise self.fails
        return self.bound([b"%PDF sheet\n" + order.code.encode(), *order.documents], duplex=order.duplex)

    def bound(self, papers: Sequence[bytes], *, duplex: bool) -> Packet:
        """See `PacketMaker`."""
        return Packet(content=b"\n".join(papers), pages=2 * len(papers), sheets=len(papers))


def mail(
    service: ChannelName = ChannelName.REGULAR_MAIL, packets: PacketMaker | None = None, /, **changes: object
) -> Mail:
    """A channel of that service, changed as said."""
    table = TABLE | ({"ranges": [RANGE]} if service is ChannelName.REGISTERED_MAIL else {}) | changes
    return Mail(service, settings_of(service).read_for(service, table), packets or StandInPackets())


def consignment(
    *documents: RenderedDocument,
    service: ChannelName = ChannelName.REGULAR_MAIL,
    reference: str = "012345678901234567890123",
    envelope: Envelope | None = None,
    postal: PostalAddress = POSTAL,
) -> Consignment:
    """A consignment for one envelope, full of canaries."""
    way = RecipientChannel(type=service.value, postal=postal)
    to = envelope or Envelope(name=samples.PERSON, address=postal)
    return replace(samples.consignment(*documents, reference=reference), address=way, envelope=to)


def by_hand(packets: PacketMaker | None = None, /, **changes: object) -> HandDelivery:
    """The channel by hand, changed as said."""
    return HandDelivery(HandDeliverySettings.read(changes), packets or StandInPackets())


def hand_consignment(*documents: RenderedDocument, reference: str = "0123456789abcdef0123456789abcdef") -> Consignment:
    """A consignment for one pair of hands, full of canaries."""
    plain = samples.consignment(*documents, reference=reference)
    page = DrawnPaper(content=b"%PDF acknowledgement", pages=1)
    return replace(plain, address=RecipientChannel(type=ChannelName.HAND_DELIVERY.value), cover=page)
