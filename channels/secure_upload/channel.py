"""`secure-upload`: papers left in an exchange, where the recipient takes them. Whose it is, the directory says.

In our own they lie at once, which is the handover. Leaving the same reference twice leaves it once, so that a send
whose end is unknown may be looked up, or asked again.
"""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import uuid4

from channels.base import BaseChannel
from channels.secure_upload.connect import Connect
from channels.secure_upload.others import OthersExchange, prepared_for
from channels.secure_upload.packing import GROWTH, PDF, packed, unpacked
from channels.secure_upload.settings import SecureUploadSettings
from gateway.domain.codes import Code
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import AttemptFailure, Misconfigured, NotSent, Refused
from gateway.domain.parties import ChannelName, ExchangeKind
from gateway.domain.problem import Conflict, NoSuchThing, ServiceDown, SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.receipt import EXCHANGE, ReceiptEvent
from gateway.domain.reference import token_of
from gateway.domain.unreached import TakenBack
from gateway.ports.channels import Answer, Capabilities, Consignment, Prepared
from gateway.ports.exchange import Exchange, PaperToLeave
from gateway.ports.uploads import Uploads

_AT_ONCE = 8


class SecureUpload(BaseChannel):
    """Leaves papers through the port it was given, or lays them out for a clerk."""

    def __init__(
        self,
        settings: SecureUploadSettings,
        exchange: Exchange,
        connect: Connect,
        others: Mapping[ExchangeKind, OthersExchange] = MappingProxyType({}),
        uploads: Uploads | None = None,
    ) -> None:
        """others: exchanges of others by kind, and `uploads` to them."""
        super().__init__(time_limit=settings.time_limit)
        self._max_message = settings.max_message
        self._exchange = exchange
        self._connect = connect
        self._others = others
        self._uploads = uploads

    @property
    def name(self) -> str:
        """`secure-upload`."""
        return ChannelName.SECURE_UPLOAD.value

    @property
    def capabilities(self) -> Capabilities:
        """PDF. What lies there is consigned; that it was taken comes back as a receipt of its own."""
        return Capabilities(
            media_types=frozenset({PDF}),
            max_bytes=self._max_message,
            growth=GROWTH,
            receipt=ReceiptEvent.CONTENT_CONSIGNMENT,
            source=EXCHANGE,
            time_limit=self._time_limit,
            at_once=_AT_ONCE,
            can_look_up=True,
            can_take_back=True,
            new_reference_once_left=True,
        )

    def mint_reference(self) -> str:
        """What the entry is called. Unguessable, though it opens nothing by itself."""
        return uuid4().hex

    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """The papers as one ZIP."""
        address = consignment.address
        if not address.account:
            return Refused(reason=Reason.EXCHANGE_NO_ACCOUNT)
        if any(document.media_type != PDF for document in consignment.documents):
            return Refused(reason=Reason.DOCUMENT_MEDIA_TYPE)
        ready = self._ready(consignment, address.account, address.exchange)
        if isinstance(ready, Prepared) and len(ready.payload) > self._max_message:
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        return ready

    def _ready(self, consignment: Consignment, account: str, kind: ExchangeKind) -> Prepared | Refused:
        match kind:
            case ExchangeKind.OWN:
                return self._for_our_own(consignment, account)
            case ExchangeKind.CONNECT:
                return self._connect.prepare(consignment, account)
            case ExchangeKind.SFTP | ExchangeKind.TUS:
                others = self._others.get(kind)
                if others is None or not others.knows(account):
                    return Refused(reason=Reason.EXCHANGE_NO_ACCOUNT)
                return prepared_for(consignment, account, kind)

    def _for_our_own(self, consignment: Consignment, account: str) -> Prepared:
        papers = [
            PaperToLeave(name=one.name, media_type=one.media_type, content=one.content) for one in consignment.documents
        ]
        payload = packed(papers)
        return Prepared(
            reference=consignment.reference, destination=account, payload=payload, exchange=ExchangeKind.OWN
        )

    async def _send(self, prepared: Prepared) -> AttemptResult:
        """Leaves them where they are to be left."""
        if prepared.exchange is ExchangeKind.CONNECT:
            return await self._connect.send(prepared)
        others = self._others.get(prepared.exchange or ExchangeKind.OWN)
        return await (self._leave(prepared) if others is None else others.send(prepared))

    async def _leave(self, prepared: Prepared) -> AttemptResult:
        """In our own. A service of ours that did not answer is `NotSent`: asked again, it leaves nothing twice."""
        try:
            left_at = await self._exchange.leave(prepared.reference, prepared.destination, unpacked(prepared.payload))
        except NoSuchThing:
            return Refused(reason=Reason.EXCHANGE_NO_ACCOUNT)
        except Conflict as conflict:
            recalled = conflict.code is Code.DISPATCH_RECALLED
            return NotSent(reason=Reason.RECALLED_BY_PERSON if recalled else Reason.RECIPIENT_CHANGED)
        except SetupWrong as ours:
            return Misconfigured(reason=Reason.CHANNEL_NOT_SET_UP, words=str(ours))
        except ServiceDown as down:
            return NotSent(reason=Reason.STORE_UNREADABLE, words=str(down))
        return HandedOver(words=f"left {left_at.isoformat()} {prepared.reference}")

    def look_up(self, reference: str) -> Answer:
        """Whether it lies in our own exchange, or in that of others to which it was to be uploaded. What does not lie
        in our own, did not leave us: for a clerk it is laid out again, in the place where it may lie already."""
        try:
            upload = self._uploads.find(token_of(reference)) if self._uploads is not None else None
            if upload is not None:
                others = self._others.get(upload.exchange)
                return None if others is None else others.look_up(upload)
            left_at = self._exchange.left_at(reference)
        except ServiceDown:
            return None
        if left_at is None:
            return NotSent(reason=Reason.LEASE_LAPSED)
        return HandedOver(words=f"left {left_at.isoformat()} {reference}")

    def take_back(self, reference: str) -> TakenBack:
        """From others' exchanges, where their server lets us. What lies in our own is withdrawn by those who know why,
        and from Connect a clerk removes it, if anybody can."""
        try:
            upload = self._uploads.find(token_of(reference)) if self._uploads is not None else None
        except ServiceDown:
            return TakenBack.UNANSWERED
        others = self._others.get(upload.exchange) if upload is not None else None
        return TakenBack.BEYOND if upload is None or others is None else others.take_back(upload)

    async def close(self) -> None:
        """Nothing is open."""
