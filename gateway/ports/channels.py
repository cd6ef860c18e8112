"""One way to a recipient: what it can do, what it is given, how it is found and built."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.envelope import Envelope
from gateway.domain.failures import AttemptFailure, NotSent, Refused
from gateway.domain.parties import ExchangeKind, PreferredLanguage, Protection, RecipientChannel
from gateway.domain.rate import Rate
from gateway.domain.receipt import AwaitedReceipt, ReceiptEvent
from gateway.domain.return_code import ReturnCode
from gateway.domain.unreached import TakenBack
from gateway.ports.exchange import ClerksTexts, Exchange
from gateway.ports.fax import FaxRasterizer
from gateway.ports.incoming import ReceiptReader
from gateway.ports.keys import KeyStanding
from gateway.ports.mail import PacketMaker
from gateway.ports.papers import MessageText, RenderedDocument
from gateway.ports.registry_papers import DrawnPaper
from gateway.ports.uploads import Uploads


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a channel can do. Unsupported means refused at planning."""

    media_types: frozenset[str]
    max_bytes: int
    """Largest message on the wire, in bytes."""
    growth: float
    """Bytes on the wire for each byte of documents, by the protection that adds most."""
    receipt: ReceiptEvent
    """The strongest ETSI EN 319 522 event that the channel reaches by itself: what its handover is recorded as."""
    source: str
    """Whose word a handover is, as receipts name it: `smtp`."""
    time_limit: dt.timedelta
    """The longest that one `send` takes. A lease must outlast it, or what is on its way is taken for interrupted."""
    side_by_side: int = 8
    """Sends of one process at a time: a further one would have begun, and wait for a connection."""
    at_once: int = 32
    """Deliveries in hand at a time, of all processes together: what the far end grants us."""
    rate: Rate | None = None
    """How often the far end may be spoken to, by all processes together; None: as often as it takes."""
    can_look_up: bool = False
    """Whether the carrier can be asked what became of a reference."""
    can_take_back: bool = False
    """Whether what was sent under a reference can be taken back at the far end, as long as it lies there."""
    keeps_reference: bool = True
    """Whether all tries of a delivery bear one reference, by which the far end knows a repeat. Not of what is printed:
    an envelope of an earlier try must not pass for that of a later one."""
    new_reference_once_left: bool = False
    """Whether a try after one that was handed over, or given to a person, bears another reference: what lies at the far
    end lies there by its reference, so that the new one would pass for it."""
    max_pages: int | None = None
    """Most pages of all documents together; None: any number."""
    growth_under: Mapping[Protection, float] = field(default_factory=dict)
    """The same for each protection that adds less."""
    seals: bool = False
    """Whether it seals for a key of the recipient's: a way without one, or with one that does not hold, is passed over
    when it is planned."""

    def growth_for(self, protection: Protection | None) -> float:
        """Bytes on the wire for each byte of documents under that protection."""
        return self.growth if protection is None else self.growth_under.get(protection, self.growth)


@dataclass(frozen=True, kw_only=True)
class Consignment:
    """What is to be sent to one recipient through one channel. `address` is the pinned way to them; `cover`: the
    page to be signed before the papers of a fax or a packet; `envelope`: what stands on that of mail; `sending`: the
    number of the delivery's attempt."""

    reference: str
    address: RecipientChannel
    message: MessageText
    documents: tuple[RenderedDocument, ...]
    language: PreferredLanguage
    at: dt.datetime
    cover: DrawnPaper | None = None
    envelope: Envelope | None = None
    sending: int = 1


@dataclass(frozen=True, kw_only=True)
class Packed:
    """What was put together for a carrier that takes many at once: under which envelope, and how thick it is."""

    envelope: Envelope
    pages: int
    sheets: int


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The exact bytes that will leave, to be kept sealed before they do. `destination` is the carrier's address;
    `awaited`: the signed receipt that they ask for; `sending`: see `Consignment`."""

    reference: str
    destination: str
    payload: bytes
    awaited: AwaitedReceipt | None = None
    packed: Packed | None = None
    key: KeyStanding | None = None
    """How the recipient's key stood when this was made; recorded with the attempt."""
    code: ReturnCode | None = None
    """What stands on its page that is to come back signed."""
    exchange: ExchangeKind | None = None
    """Of an upload: whose exchange."""
    sending: int = 1


@dataclass(frozen=True, kw_only=True)
class ProtectedEntity:
    """A MIME entity (its `Content-…` fields and its body, CRLF line ends) that shows nothing of what is in it."""

    mime: bytes
    awaited: AwaitedReceipt | None = None


class MessageProtector(Protocol):
    """Signs and encrypts what leaves by e-mail, for the key that is pinned to the recipient and no other."""

    def check(self, address: RecipientChannel, at: dt.datetime) -> Refused | None:
        """Why nothing may be encrypted for this address at `at` (missing, expired, wrong use, weak, …), or None."""
        ...

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> ProtectedEntity:
        """A whole MIME entity (CRLF line ends) signed, then encrypted, as the protection of the address says.

        Only called where `check` found nothing. Raises InputRefused (key.*) all the same; SetupWrong when our own
        key does not hold at `at`.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class ChannelParts:
    """What the house offers to a channel when it is built. `home`: where relative paths in settings start."""

    home: Path
    protector: MessageProtector
    rasterizer: FaxRasterizer | None = None
    exchange: Exchange | None = None
    packets: PacketMaker | None = None
    clerks_texts: ClerksTexts | None = None
    uploads: Uploads | None = None


Answer = HandedOver | NotSent | None
"""What a carrier says of a reference: that it took it, that for certain it did not and will not, or nothing certain."""


class ChannelPlugin(Protocol):
    """What the entry point group `gateway.channels` names: a channel's name, its settings and how to build it."""

    @property
    def name(self) -> str:
        """The stable name, used in plans and as `[channels.NAME]`."""
        ...

    def settings(self) -> Sequence["SettingText"]:
        """Every setting with its default, in the order `gateway.toml` shows them."""
        ...

    def build(self, table: Mapping[str, object], parts: ChannelParts) -> "Channel":
        """The channel from its settings table. Raises SetupWrong (settings.invalid) with the setting as `where`."""
        ...


@dataclass(frozen=True, kw_only=True)
class SettingText:
    """A setting as `gateway init` writes it: `default` is a TOML value, `comments` by language."""

    name: str
    default: str
    comments: Mapping[str, str]


class Channel(Protocol):
    """One way to a recipient. Found by the entry point group `gateway.channels`; a duplicate name is fatal at start."""

    @property
    def name(self) -> str:
        """The stable name used in plans and settings."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def mint_reference(self) -> str:
        """A new reference for the carrier, unguessable, free of meaning."""
        ...

    def prepare(self, consignment: Consignment) -> Prepared | AttemptFailure:
        """Makes the bytes to send, without touching the network. Checks the recipient's key at `consignment.at`."""
        ...

    async def send(self, prepared: Prepared) -> AttemptResult:
        """Sends once. Returns, and never raises: anything unforeseen is `MaybeSent`. Ends within its own time limit."""
        ...

    def look_up(self, reference: str) -> Answer:
        """Asks the carrier what became of a reference; only where `capabilities.can_look_up`. A thread of its own
        calls it, so it shares no connection with `send`, and it ends within the channel's time limit."""
        ...

    def take_back(self, reference: str) -> TakenBack:
        """Removes at the far end what was sent under a reference, whole or unfinished, as long as it lies there; only
        where `capabilities.can_take_back`. As `look_up` it has a thread of its own, and never raises for what the far
        end does. Again: nothing lies there any more."""
        ...

    async def close(self) -> None:
        """Lets go of warm connections."""
        ...

    @property
    def receipt_reader(self) -> ReceiptReader | None:
        """What reads the callbacks of its carrier (`POST /receipts/NAME`); None: it sends none."""
        ...
