"""`encrypted-email`: encrypted to the key pinned to the recipient, over SMTP, one recipient a message."""

import asyncio
from uuid import uuid4

from aiosmtplib import SMTPException

from channels.base import BaseChannel
from channels.encrypted_email.compose import Envelope, inner_entity, outer_message
from channels.encrypted_email.receipts.reader import MailReader
from channels.encrypted_email.return_path import ReturnPath
from channels.encrypted_email.settings import EncryptedEmailSettings
from channels.mail.classification import of_error
from channels.mail.connection import Letter, Progress
from channels.mail.pool import Pools
from channels.mail.server import MailServer
from gateway.domain.addresses import MailAddress
from gateway.domain.delivery import AttemptResult
from gateway.domain.failures import AttemptFailure, Misconfigured, Refused
from gateway.domain.parties import ChannelName, Protection
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.ports.channels import Capabilities, Consignment, MessageProtector, Prepared

_MEDIA_TYPES = frozenset({"application/pdf"})
_GROWTH = 2.6
"""S/MIME: base64 of the document, of the signed data around it and of the enveloped data around that, with their line
ends: measured 2.59 at 200 kB and 2.56 at 3.7 MB; a small document adds some 5 kB of headers and CMS."""
_GROWTH_OPENPGP = 1.9
"""Base64 of the document, and the armor around what is signed and encrypted in one: measured 1.87 at 200 kB."""


class EncryptedEmail(BaseChannel):
    """Encrypted messages with protected headers, handed to one mail server through warm connections."""

    def __init__(self, settings: EncryptedEmailSettings, server: MailServer, protector: MessageProtector) -> None:
        super().__init__(time_limit=settings.time_limit)
        self._settings = settings
        self._sender = MailAddress.parse(settings.sender)
        self._returns = ReturnPath.parse(settings.return_path) if settings.return_path else None
        self._max_message = settings.max_message
        self._protector = protector
        self._pools = Pools(server, settings.connections)

    @property
    def name(self) -> str:
        """`encrypted-email`."""
        return ChannelName.ENCRYPTED_EMAIL.value

    @property
    def capabilities(self) -> Capabilities:
        """PDF, up to the largest message. A mail server's word reaches RelayToNonERDS and no further."""
        return Capabilities(
            media_types=_MEDIA_TYPES,
            max_bytes=self._max_message,
            growth=_GROWTH,
            receipt=ReceiptEvent.RELAY_TO_NON_ERDS,
            source="smtp",
            time_limit=self._time_limit,
            growth_under={Protection.OPENPGP: _GROWTH_OPENPGP},
            side_by_side=self._settings.connections,
            at_once=self._settings.at_once,
            rate=self._settings.rate,
            seals=True,
        )

    @property
    def receipt_reader(self) -> MailReader:
        """A mail system may hand raw messages over by HTTP instead of into a mailbox."""
        return MailReader()

    def mint_reference(self) -> str:
        """A Message-ID (RFC 5322 §3.6.4); what is left of the `@` is the envelope's identifier in delivery reports."""
        return f"<{uuid4().hex}@{self._sender.domain}>"

    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """The message as it will leave. Refuses an unusable key, address or document, and what is too large.

        Where the gateway's own signing key or program cannot be used, the channel is misconfigured.
        """
        try:
            refused = self._protector.check(consignment.address, consignment.at) or self._obstacle(consignment)
            if refused is not None:
                return refused
            prepared = self._compose(consignment)
        except InputRefused:  # what nothing but encrypting itself could tell
            return Refused(reason=Reason.KEY_UNREADABLE)
        except SetupWrong as ours:
            return Misconfigured(reason=Reason.CHANNEL_NOT_SET_UP, words=str(ours))
        if len(prepared.payload) > self._most(consignment):
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        return prepared

    def _obstacle(self, consignment: Consignment) -> Refused | None:
        """Why no message can be made of it, as far as that shows before encrypting."""
        try:
            MailAddress.parse(consignment.address.address)
        except ValueError:
            return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
        if any(document.media_type not in _MEDIA_TYPES for document in consignment.documents):
            return Refused(reason=Reason.DOCUMENT_MEDIA_TYPE)
        if sum(len(document.content) for document in consignment.documents) > self._most(consignment):
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        return None

    def _most(self, consignment: Consignment) -> int:
        """The largest message in bytes: what our server takes, or the recipient where they take less."""
        return min(self._max_message, consignment.address.max_message_bytes)

    def _compose(self, consignment: Consignment) -> Prepared:
        recipient = MailAddress.parse(consignment.address.address)
        envelope = Envelope(
            reference=consignment.reference, sender=self._sender, recipient=recipient, at=consignment.at
        )
        # No name holds on to the inner entity once it is protected: a large message would be in memory once more.
        protected = self._protector.protect(
            inner_entity(envelope, consignment), address=consignment.address, at=consignment.at
        )
        return Prepared(
            reference=consignment.reference,
            destination=str(recipient),
            payload=outer_message(envelope, protected.mime),
            awaited=protected.awaited,
        )

    async def _send(self, prepared: Prepared) -> AttemptResult:
        """One SMTP transaction. Nothing is tried again here once a message was begun."""
        progress = Progress()
        try:
            letter = Letter(
                sender=self._sender
                if self._returns is None
                else self._returns.of(prepared.reference, prepared.sending),
                recipient=MailAddress.parse(prepared.destination),
                reference=prepared.reference,
                content=prepared.payload,
                sending=prepared.sending,
            )
        except ValueError:
            return Refused(reason=Reason.RECIPIENT_ADDRESS_INVALID)
        try:
            return await self._pools.current().deliver(letter, progress)
        except (SMTPException, OSError, asyncio.CancelledError) as error:
            return of_error(progress.stage, error)

    async def close(self) -> None:
        """Takes leave of the mail server, in the event loop that sent."""
        await self._pools.close()
