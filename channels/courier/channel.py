"""One service of a carrier that takes many envelopes at once. `send` gathers: nothing leaves us by it."""

import datetime as dt
import secrets

from channels.base import BaseChannel
from channels.courier.settings import MailSettings
from gateway.domain.delivery import AttemptResult, Gathered
from gateway.domain.envelope import address_fault
from gateway.domain.failures import AttemptFailure, NotSent, Refused
from gateway.domain.parties import ChannelName, Language, PreferredLanguage
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.ports.channels import Answer, Capabilities, Consignment, Packed, Prepared
from gateway.ports.mail import Packet, PacketMaker, PacketOrder

_MEDIA_TYPE = "application/pdf"
_DIGITS = 24
"""Of a reference: a bar code of digits alone is half as wide, and everybody can read one out. Some 80 bits."""
_TIME_LIMIT = dt.timedelta(seconds=30)
_GROWTH = 1.1
"""The address sheet and blank backs."""


class Mail(BaseChannel):
    """Puts together what goes into one envelope."""

    def __init__(self, name: ChannelName, settings: MailSettings, packets: PacketMaker) -> None:
        super().__init__(time_limit=_TIME_LIMIT)
        self._name = name
        self._settings = settings
        self._packets = packets

    @property
    def name(self) -> str:
        """Of the service."""
        return self._name.value

    @property
    def capabilities(self) -> Capabilities:
        """PDF. The carrier's signature on a manifest reaches RelayToNonERDS, and no more."""
        return Capabilities(
            media_types=frozenset({_MEDIA_TYPE}),
            max_bytes=self._settings.max_packet,
            max_pages=self._settings.max_pages,
            growth=_GROWTH,
            receipt=ReceiptEvent.RELAY_TO_NON_ERDS,
            source="carrier",
            time_limit=self._time_limit,
            can_look_up=True,
            keeps_reference=False,
        )

    def mint_reference(self) -> str:
        """The code on the first page of the packet, and on the label of what has no number of the carrier's own."""
        return "".join(str(secrets.randbelow(10)) for _ in range(_DIGITS))

    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """The packet as it will be printed. Refuses what the post would not carry. Raises ServiceDown."""
        envelope = consignment.envelope
        if envelope is None:
            return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
        fault = address_fault(envelope)
        if fault is not None:
            return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID, words=fault.value)
        if any(one.media_type != _MEDIA_TYPE for one in consignment.documents):
            return Refused(reason=Reason.DOCUMENT_MEDIA_TYPE)
        if sum(len(one.content) for one in consignment.documents) > self._settings.max_packet:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        order = PacketOrder(
            envelope=envelope,
            code=consignment.reference,
            documents=[one.content for one in consignment.documents],
            language=_language(consignment.language),
            made_on=consignment.at.date(),
            duplex=self._settings.duplex,
        )
        try:
            packet = self._packets.make(order)
        except InputRefused:
            return Refused(reason=Reason.RENDERING_REFUSED)
        return self._prepared(consignment, packet, Packed(envelope=envelope, pages=packet.pages, sheets=packet.sheets))

    def _prepared(self, consignment: Consignment, packet: Packet, packed: Packed) -> Prepared | Refused:
        if len(packet.content) > self._settings.max_packet or packet.pages > self._settings.max_pages:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        return Prepared(
            reference=consignment.reference,
            destination=consignment.address.type,
            payload=packet.content,
            packed=packed,
        )

    async def _send(self, prepared: Prepared) -> AttemptResult:  # noqa: ARG002  (it lies sealed already)
        """It lies in the batch as soon as its attempt has ended so."""
        return Gathered()

    def look_up(self, reference: str) -> Answer:  # noqa: ARG002  (the same of each)
        """No `send` of this channel hands anything over: what broke off in one certainly did not leave us."""
        return NotSent(reason=Reason.LEASE_LAPSED)

    async def close(self) -> None:
        """Nothing is open."""


def _language(preferred: PreferredLanguage) -> Language:
    return Language.FR if preferred is PreferredLanguage.FR else Language.EN
