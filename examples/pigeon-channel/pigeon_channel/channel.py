"""`pigeon`: one sealed message to one recipient's cage at a loft.

The loft says `READY`; we say for which cage, under which reference and how many octets; it says `GO`; we send them; it
says `HERE` once the pigeon has flown. Before the octets it may say `NO` (to this cage) or `WHO` (to us).
"""

import asyncio
import datetime as dt
import secrets
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple

from channels.base import BaseChannel
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import AttemptFailure, MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.ports.channels import Capabilities, Consignment, MessageProtector, Prepared

NAME = "pigeon"
_MEDIA_TYPE = "application/pdf"
_GROWTH = 1.6
"""Base64 with its line ends, and the seal."""
_LONGEST_WORDS = 200


class Loft(NamedTuple):
    """Where it is."""

    host: str
    port: int


class Pigeon(BaseChannel):
    """Hands sealed messages over to the loft."""

    def __init__(self, loft: Loft, protector: MessageProtector, *, max_message: int, time_limit: dt.timedelta) -> None:
        super().__init__(time_limit=time_limit)
        self._loft = loft
        self._protector = protector
        self._max_message = max_message

    @property
    def name(self) -> str:
        """`pigeon`."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """That a pigeon flew is all that a loft can say: the handover is no delivery."""
        return Capabilities(
            media_types=frozenset({_MEDIA_TYPE}),
            max_bytes=self._max_message,
            growth=_GROWTH,
            receipt=ReceiptEvent.RELAY_TO_NON_ERDS,
            source="loft",
            time_limit=self._time_limit,
            seals=True,
        )

    def mint_reference(self) -> str:
        """Nothing can be read out of it, and nobody can guess the next."""
        return secrets.token_hex(16)

    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """The sealed message. Refuses a key that does not hold, a cage that cannot be, and what nobody could carry."""
        try:
            refused = _obstacle(consignment) or self._protector.check(consignment.address, consignment.at)
            if refused is not None:
                return refused
            sealed = self._protector.protect(_entity(consignment), address=consignment.address, at=consignment.at)
        except InputRefused:
            return Refused(reason=Reason.KEY_UNREADABLE)
        except SetupWrong as ours:
            return Misconfigured(reason=Reason.CHANNEL_NOT_SET_UP, words=str(ours))
        if len(sealed.mime) > self._max_message:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        return Prepared(
            reference=consignment.reference,
            destination=consignment.address.account or "",
            payload=sealed.mime,
            awaited=sealed.awaited,
        )

    async def _send(self, prepared: Prepared) -> AttemptResult:
        """Until the octets go nothing was handed over; from then on only the loft knows."""
        begun = False
        try:
            reader, writer = await asyncio.open_connection(*self._loft)
            try:
                await _said(reader)  # READY
                head = f"{prepared.destination} {prepared.reference} {len(prepared.payload)}\n"
                writer.write(head.encode("ascii"))
                await writer.drain()
                answer = await _said(reader)
                if not answer.startswith("GO"):
                    return _refusal(answer)
                begun = True
                writer.write(prepared.payload)
                await writer.drain()
                answer = await _said(reader)
            finally:
                writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            if begun:
                return MaybeSent(reason=Reason.CARRIER_UNCERTAIN)
            return NotSent(reason=Reason.CARRIER_UNREACHABLE)
        if answer.startswith("HERE"):
            return HandedOver(words=answer)
        return MaybeSent(reason=Reason.CARRIER_UNCERTAIN, words=answer)

    async def close(self) -> None:
        """No connection is kept."""


def _obstacle(consignment: Consignment) -> Refused | None:
    """Why no pigeon can be sent, as far as that shows before sealing."""
    cage = consignment.address.account or ""
    if not cage.isascii() or not cage.isalnum():
        return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
    if any(one.media_type != _MEDIA_TYPE for one in consignment.documents):
        return Refused(reason=Reason.DOCUMENT_MEDIA_TYPE)
    return None


def _entity(consignment: Consignment) -> bytes:
    """The text and the papers as one MIME entity, of which nothing shows once it is sealed."""
    entity = EmailMessage(policy=SMTP)
    entity.set_content(consignment.message.text)
    for one in consignment.documents:
        entity.add_attachment(one.content, maintype="application", subtype="pdf", filename=one.name)
    return entity.as_bytes()


def _refusal(answer: str) -> AttemptResult:
    if answer.startswith("NO"):
        return Refused(reason=Reason.CARRIER_REFUSED, words=answer)
    if answer.startswith("WHO"):
        return Misconfigured(reason=Reason.CARRIER_LOGIN, words=answer)
    return NotSent(reason=Reason.CARRIER_NOT_UNDERSTOOD, words=answer)


async def _said(reader: asyncio.StreamReader) -> str:
    """One line. What cannot be stored is spelt out."""
    raw = await reader.readuntil(b"\n")
    return raw[:_LONGEST_WORDS].decode("ascii", "backslashreplace").strip()
