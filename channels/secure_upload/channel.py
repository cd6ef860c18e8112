"""`secure-upload`: papers left in our own exchange. That they lie there is the handover; the recipient takes them.

Leaving the same reference twice leaves it once, so that a send whose end is unknown may be looked up by asking again.
"""

import io
import zipfile
from collections.abc import Sequence
from uuid import uuid4

from channels.base import BaseChannel
from channels.secure_upload.settings import SecureUploadSettings
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import AttemptFailure, Misconfigured, NotSent, Refused
from gateway.domain.parties import ChannelName
from gateway.domain.problem import NoSuchThing, ServiceDown, SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.ports.channels import Capabilities, Consignment, Prepared
from gateway.ports.exchange import Exchange, PaperToLeave
from gateway.ports.papers import RenderedDocument

_MEDIA_TYPE = "application/pdf"
_GROWTH = 1.05
"""A stored ZIP adds its directory: some 250 bytes a file, and nothing to what is in them."""
_AT_ONCE = 8
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment a ZIP can name: the same papers are the same bytes."""


class SecureUpload(BaseChannel):
    """Leaves papers through the port it was given."""

    def __init__(self, settings: SecureUploadSettings, exchange: Exchange) -> None:
        super().__init__(time_limit=settings.time_limit)
        self._max_message = settings.max_message
        self._exchange = exchange

    @property
    def name(self) -> str:
        """`secure-upload`."""
        return ChannelName.SECURE_UPLOAD.value

    @property
    def capabilities(self) -> Capabilities:
        """PDF. What lies there is consigned; that it was taken comes back as a receipt of its own."""
        return Capabilities(
            media_types=frozenset({_MEDIA_TYPE}),
            max_bytes=self._max_message,
            growth=_GROWTH,
            receipt=ReceiptEvent.CONTENT_CONSIGNMENT,
            source="exchange",
            time_limit=self._time_limit,
            at_once=_AT_ONCE,
        )

    def mint_reference(self) -> str:
        """What the entry is called. Unguessable, though it opens nothing by itself."""
        return uuid4().hex

    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """The papers as one stored ZIP: the exact bytes of each, and their names."""
        if not consignment.address.account:
            return Refused(reason=Reason.EXCHANGE_NO_ACCOUNT)
        if any(document.media_type != _MEDIA_TYPE for document in consignment.documents):
            return Refused(reason=Reason.DOCUMENT_MEDIA_TYPE)
        if sum(len(document.content) for document in consignment.documents) > self._max_message:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        payload = _packed(consignment.documents)
        if len(payload) > self._max_message:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        return Prepared(reference=consignment.reference, destination=consignment.address.account, payload=payload)

    async def _send(self, prepared: Prepared) -> AttemptResult:
        """Leaves them. A service of ours that did not answer is `NotSent`: asked again, it leaves nothing twice."""
        try:
            left_at = await self._exchange.leave(prepared.reference, prepared.destination, _unpacked(prepared.payload))
        except NoSuchThing:
            return Refused(reason=Reason.EXCHANGE_NO_ACCOUNT)
        except SetupWrong as ours:
            return Misconfigured(reason=Reason.CHANNEL_NOT_SET_UP, words=str(ours))
        except ServiceDown as down:
            return NotSent(reason=Reason.STORE_UNREADABLE, words=str(down))
        return HandedOver(words=f"left {left_at.isoformat()} {prepared.reference}")

    async def close(self) -> None:
        """Nothing is open."""


def _packed(documents: Sequence[RenderedDocument]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for document in documents:
            archive.writestr(zipfile.ZipInfo(document.name, _EPOCH), document.content)
    return packed.getvalue()


def _unpacked(payload: bytes) -> list[PaperToLeave]:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        return [
            PaperToLeave(name=one.filename, media_type=_MEDIA_TYPE, content=archive.read(one))
            for one in archive.infolist()
        ]
