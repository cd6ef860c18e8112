"""What is printed for one envelope or one hand: the first sheet, then the papers."""

from collections.abc import Sequence

from gateway.ports.mail import Packet, PacketOrder
from templates.address_sheet import address_sheet
from templates.foreign_papers import ForeignPapers

_WHERE = "packet"


class Packets:
    """Implements `gateway.ports.mail.PacketMaker`."""

    def __init__(self, foreign: ForeignPapers) -> None:
        self._foreign = foreign

    def make(self, order: PacketOrder) -> Packet:
        """See `PacketMaker`."""
        return self.bound([address_sheet(order).content, *order.documents], duplex=order.duplex)

    def bound(self, papers: Sequence[bytes], *, duplex: bool) -> Packet:
        """See `PacketMaker`."""
        content, pages = self._foreign.bind(papers, _WHERE, duplex=duplex)
        return Packet(content=content, pages=pages, sheets=(pages + 1) // 2 if duplex else pages)
