"""`fax`: to the number pinned to the recipient, by a service that takes e-mail. Its taking the mail is a handover."""

import asyncio
from uuid import uuid4

from aiosmtplib import SMTPException

from channels.base import BaseChannel
from channels.fax.compose import PDF, TIFF, fax_message, service_address
from channels.fax.results import FaxResultReader
from channels.fax.settings import FaxSettings
from channels.mail.classification import of_error
from channels.mail.connection import Letter, Progress
from channels.mail.pool import Pools
from channels.mail.server import MailServer
from gateway.domain.addresses import MailAddress
from gateway.domain.delivery import AttemptResult
from gateway.domain.failures import AttemptFailure, Refused
from gateway.domain.parties import ChannelName
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.ports.channels import Capabilities, Consignment, Prepared
from gateway.ports.fax import FaxRasterizer

_GROWTH = 1.4
"""Base64 with its line ends. Of TIFF it says nothing: what comes out too large is refused when it is prepared."""


class Fax(BaseChannel):
    """Faxes, handed to one service's mail server through warm connections."""

    def __init__(self, settings: FaxSettings, server: MailServer, rasterizer: FaxRasterizer) -> None:
        super().__init__(time_limit=settings.time_limit)
        self._settings = settings
        self._sender = MailAddress.parse(settings.sender)
        self._rasterizer = rasterizer
        self._pools = Pools(server, settings.connections)

    @property
    def name(self) -> str:
        """`fax`."""
        return ChannelName.FAX.value

    @property
    def capabilities(self) -> Capabilities:
        """PDF, up to so many pages with the cover. The service's taking a message reaches RelayToNonERDS."""
        return Capabilities(
            media_types=frozenset({"application/pdf"}),
            max_bytes=self._settings.max_message,
            max_pages=self._settings.max_pages,
            growth=_GROWTH,
            receipt=ReceiptEvent.RELAY_TO_NON_ERDS,
            source="smtp",
            time_limit=self._time_limit,
            side_by_side=self._settings.connections,
            at_once=self._settings.at_once,
            rate=self._settings.rate,
        )

    @property
    def receipt_reader(self) -> FaxResultReader:
        """Reads the service's result mails."""
        return FaxResultReader(MailAddress.parse(self._settings.results_from))

    def mint_reference(self) -> str:
        """A Message-ID (RFC 5322 §3.6.4); what is left of the `@` is the token in the Subject."""
        return f"<{uuid4().hex}@{self._sender.domain}>"

    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """The message as it will leave. Refuses what has no number or no cover, and what is too long or too large.

        Raises ServiceDown where the pages cannot be drawn now.
        """
        number = consignment.address.number
        if number is None or consignment.cover is None:
            return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
        if any(one.media_type != "application/pdf" for one in consignment.documents):
            return Refused(reason=Reason.DOCUMENT_MEDIA_TYPE)
        try:
            to = service_address(number, self._settings.service, self._settings.form)
            payload = self._composed(consignment, consignment.cover.content, to)
        except ValueError:
            return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
        except InputRefused:
            return Refused(reason=Reason.RENDERING_REFUSED)
        if payload is None or len(payload) > self._settings.max_message:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        return Prepared(reference=consignment.reference, destination=number, payload=payload)

    def _composed(self, consignment: Consignment, cover: bytes, to: MailAddress) -> bytes | None:
        """None where there are more pages than the service takes. Raises InputRefused, ServiceDown."""
        settings = self._settings
        known = 1 + sum(one.pages or 1 for one in consignment.documents)
        contents = [cover, *(one.content for one in consignment.documents)]
        if known > settings.max_pages or sum(map(len, contents)) > settings.max_message:
            return None
        if settings.as_tiff:
            images = [self._rasterizer.rasterize(one, "fax", settings.resolution, settings.coding) for one in contents]
            contents, known = [one.content for one in images], sum(one.pages for one in images)
        return fax_message(
            reference=consignment.reference,
            sending=consignment.sending,
            sender=self._sender,
            to=to,
            number=consignment.address.number or "",
            at=consignment.at,
            media_type=TIFF if settings.as_tiff else PDF,
            files=contents,
            pages=known,
        )

    async def _send(self, prepared: Prepared) -> AttemptResult:
        """One SMTP transaction. Nothing is tried again here once a message was begun."""
        progress = Progress()
        try:
            to = service_address(prepared.destination, self._settings.service, self._settings.form)
        except ValueError:
            return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
        letter = Letter(
            sender=self._sender,
            recipient=to,
            reference=prepared.reference,
            content=prepared.payload,
            sending=prepared.sending,
        )
        try:
            return await self._pools.current().deliver(letter, progress)
        except (SMTPException, OSError, asyncio.CancelledError) as error:
            return of_error(progress.stage, error)

    async def close(self) -> None:
        """Takes leave of the mail server, in the event loop that sent."""
        await self._pools.close()
