"""What is printed for one envelope: the sheet that shows its address in the window, then the papers."""

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
        papers = [address_sheet(order).content, *order.documents]
        content, pages = self._foreign.bind(papers, _WHERE, duplex=order.duplex)
        return Packet(content=content, pages=pages, sheets=(pages + 1) // 2 if order.duplex else pages)
