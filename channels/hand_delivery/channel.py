"""`hand-delivery`: the packet that a person hands over. `send` lays it ready for them: nothing leaves us by it."""

import datetime as dt
import secrets

from channels.base import BaseChannel
from channels.hand_delivery.settings import HandDeliverySettings
from gateway.domain.delivery import AttemptResult, GivenToPerson
from gateway.domain.failures import AttemptFailure, NotSent, Refused
from gateway.domain.parties import ChannelName
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.receipt import BY_A_PERSON, ReceiptEvent
from gateway.ports.channels import Answer, Capabilities, Consignment, Prepared
from gateway.ports.mail import PacketMaker

_MEDIA_TYPE = "application/pdf"
_OCTETS = 16
"""Of a reference's randomness."""
_TIME_LIMIT = dt.timedelta(seconds=30)
_GROWTH = 1.1
"""The acknowledgement and blank backs."""


class HandDelivery(BaseChannel):
    """Puts together what one person hands over: the page to be signed, then the papers."""

    def __init__(self, settings: HandDeliverySettings, packets: PacketMaker) -> None:
        super().__init__(time_limit=_TIME_LIMIT)
        self._settings = settings
        self._packets = packets

    @property
    def name(self) -> str:
        """`hand-delivery`."""
        return ChannelName.HAND_DELIVERY.value

    @property
    def capabilities(self) -> Capabilities:
        """PDF. What was handed over a person records; by itself the channel reaches nothing."""
        return Capabilities(
            media_types=frozenset({_MEDIA_TYPE}),
            max_bytes=self._settings.max_packet,
            max_pages=self._settings.max_pages,
            growth=_GROWTH,
            receipt=ReceiptEvent.CONTENT_HANDOVER,
            source=BY_A_PERSON,
            time_limit=self._time_limit,
            can_look_up=True,
            keeps_reference=False,
        )

    def mint_reference(self) -> str:
        """Known to us alone: the code on the page to be signed follows from it."""
        return secrets.token_hex(_OCTETS)

    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """The packet as it will be printed. Refuses what has no page to sign, and what is too much.

        Raises ServiceDown.
        """
        if consignment.cover is None:
            return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
        if any(one.media_type != _MEDIA_TYPE for one in consignment.documents):
            return Refused(reason=Reason.DOCUMENT_MEDIA_TYPE)
        papers = [consignment.cover.content, *(one.content for one in consignment.documents)]
        if sum(map(len, papers)) > self._settings.max_packet:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        try:
            packet = self._packets.bound(papers, duplex=self._settings.duplex)
        except InputRefused:
            return Refused(reason=Reason.RENDERING_REFUSED)
        if len(packet.content) > self._settings.max_packet or packet.pages > self._settings.max_pages:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        return Prepared(reference=consignment.reference, destination=self.name, payload=packet.content)

    async def _send(self, prepared: Prepared) -> AttemptResult:  # noqa: ARG002  (it lies sealed already)
        """It waits for the person who hands it over, as soon as its attempt has ended so."""
        return GivenToPerson()

    def look_up(self, reference: str) -> Answer:  # noqa: ARG002  (the same of each)
        """No `send` of this channel hands anything over: what broke off in one certainly did not leave us."""
        return NotSent(reason=Reason.LEASE_LAPSED)

    async def close(self) -> None:
        """Nothing is open."""
