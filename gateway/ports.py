"""What the outside must offer: the only doors between the use cases and mail, PDF, keys, files and databases.

Each contract is written once, here; the contract suites in `tests/contracts` hold every implementation to it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

from gateway.domain.delivery import Attempt, AttemptResult, Delivery, DeliveryState
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event
from gateway.domain.failures import AttemptFailure, Refused
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage, Document, DocumentKind
from gateway.domain.parties import Participant, PreferredLanguage, RecipientChannel, RecipientKind
from gateway.domain.receipt import Receipt
from gateway.domain.trust import TrustedAnchor, VerifiedPackage


class Clock(Protocol):
    """The only source of time. Times are aware and in UTC."""

    def now(self) -> dt.datetime:
        """The moment it is."""
        ...


# --- packages ---------------------------------------------------------------------------------------------------


class PackageVerifier(Protocol):
    """Checks a signed decision package (ETSI EN 319 162-1, EN 319 122-1; the checks of INTERFACE.md)."""

    def verify(self, raw: bytes, *, anchors: Sequence[TrustedAnchor], at: dt.datetime) -> VerifiedPackage:
        """The package, when every check held at the moment `at`. Never a bool.

        Raises InputRefused with a `package.*`, `signature.*` or `signer.*` code and the member as `where`.
        """
        ...


# --- papers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Whom the covering letter addresses. Every field may be a personal name."""

    name: str | None
    organization: str | None = None
    attention: str | None = None
    lines: tuple[str, ...] = ()
    reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class SourceDocument:
    """A document of the package with its bytes as they came."""

    document: Document
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Papers:
    """What one participant is to be given. `documents` are only those whose audience includes the participant."""

    package: DecisionPackage
    participant: Participant
    addressee: Addressee
    language: PreferredLanguage
    documents: tuple[SourceDocument, ...]
    provided_on: dt.date


@dataclass(frozen=True, kw_only=True)
class RenderedDocument:
    """One file as it will be given. `name` holds file number, division, kind and date, never a person's name."""

    kind: DocumentKind | None
    name: str
    media_type: str
    content: bytes
    pages: int | None


@dataclass(frozen=True, kw_only=True)
class MessageText:
    """Subject and text of the message the papers travel in; read only after decryption."""

    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RenderedPapers:
    """Everything one participant is given: the message and its files, in reading order."""

    message: MessageText
    documents: tuple[RenderedDocument, ...]


class Renderer(Protocol):
    """Makes the papers of one participant."""

    def render(self, papers: Papers) -> RenderedPapers:
        """The papers in the participant's language; the same input gives the same bytes.

        Raises InputRefused with a `document.*` code when a document of the package cannot be used.
        """
        ...


# --- sealing ----------------------------------------------------------------------------------------------------


class Sealer(Protocol):
    """Authenticated encryption at rest: data keys wrapped by a key-encryption key, AES-256-GCM STREAM objects."""

    def new_key(self, key_id: str) -> bytes:
        """A new data key, wrapped; `key_id` is bound to it."""
        ...

    def seal(self, key_id: str, wrapped: bytes, context: str, content: bytes) -> bytes:
        """`content` sealed under the data key; `context` is bound to it and must be given again to open."""
        ...

    def open(self, key_id: str, wrapped: bytes, context: str, sealed: bytes) -> bytes:
        """The content. Raises SetupWrong (seal.broken, seal.key-unknown) when a single bit or the context differs."""
        ...


class ObjectStore(Protocol):
    """Keeps sealed objects by name. A name is lower-case hex and says nothing about the content."""

    def put(self, name: str, sealed: bytes) -> None:
        """Durable when it returns. Raises ServiceDown (storage.full) and leaves nothing when it cannot."""
        ...

    def get(self, name: str) -> bytes:
        """The sealed bytes. Raises NoSuchThing when there is no such object."""
        ...

    def delete(self, name: str) -> None:
        """Removes the object; an absent one is no error."""
        ...


# --- channels ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a channel can do. Unsupported means refused at planning."""

    media_types: frozenset[str]
    max_bytes: int
    """Largest message on the wire, in bytes."""
    growth: float
    """Bytes on the wire for each byte of documents."""
    receipt: str
    """The strongest ETSI EN 319 522 event that the channel reaches by itself."""
    can_look_up: bool = False
    """Whether the carrier can be asked what became of a reference."""


@dataclass(frozen=True, kw_only=True)
class Consignment:
    """What is to be sent to one recipient through one channel. `address` is the pinned way to them."""

    reference: str
    address: RecipientChannel
    message: MessageText
    documents: tuple[RenderedDocument, ...]
    language: PreferredLanguage
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The exact bytes that will leave, to be kept sealed before they do. `destination` is the carrier's address."""

    reference: str
    destination: str
    payload: bytes


class MessageProtector(Protocol):
    """Signs and encrypts what leaves by e-mail, for the key that is pinned to the recipient and no other."""

    def check(self, address: RecipientChannel, at: dt.datetime) -> Refused | None:
        """Why nothing may be encrypted for this address at `at` (missing, expired, wrong use, weak, …), or None."""
        ...

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> bytes:
        """A whole MIME entity (CRLF line ends) signed, then encrypted: DER of a CMS EnvelopedData (RFC 8551 §3.7).

        Only called where `check` found nothing.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class ChannelParts:
    """What the house offers to a channel when it is built. `home`: where relative paths in settings start."""

    home: Path
    protector: MessageProtector


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

    async def close(self) -> None:
        """Lets go of warm connections."""
        ...


# --- storage ----------------------------------------------------------------------------------------------------


class LeaseLost(Exception):  # noqa: N818
    """Another worker took the row over: what was done under the old fence is not recorded."""


class Dispatches(Protocol):
    """Accepted packages."""

    def add(self, dispatch: Dispatch) -> None:
        """Raises Conflict (package.conflict) when the package id is there already."""
        ...

    def get(self, dispatch_id: str) -> Dispatch:
        """Raises NoSuchThing (dispatch.unknown)."""
        ...

    def by_package(self, package_id: UUID) -> Dispatch | None:
        """The dispatch of that package, if it was accepted before."""
        ...

    def newest(self, limit: int) -> Sequence[Dispatch]:
        """The newest first."""
        ...

    def claim(self, step: Step, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> Sequence[Dispatch]:
        """Takes due rows of the step that nobody holds, earliest due first: fence and attempts grown, lease set."""
        ...

    def save(self, dispatch: Dispatch) -> None:
        """Writes step, due, attempts, next action and lease. Raises LeaseLost when the fence is no longer newest."""
        ...

    def count_by_step(self) -> Mapping[Step, int]:
        """How many dispatches stand at each step."""
        ...


class Deliveries(Protocol):
    """Deliveries and their attempts."""

    def add(self, delivery: Delivery) -> None:
        """A new delivery."""
        ...

    def get(self, delivery_id: str, *, lock: bool = False) -> Delivery:
        """Raises NoSuchThing (delivery.unknown). `lock`: until the transaction ends nobody else writes it."""
        ...

    def of_dispatch(self, dispatch_id: str) -> Sequence[Delivery]:
        """In the order they were planned."""
        ...

    def of_dispatches(self, dispatch_ids: Sequence[str]) -> Mapping[str, Sequence[Delivery]]:
        """The same for several dispatches with one query."""
        ...

    def find(self, *, state: DeliveryState | None, channel: str | None, limit: int) -> Sequence[Delivery]:
        """The work list: by due date, then by age."""
        ...

    def claim(self, *, now: dt.datetime, lease: dt.timedelta, limit: int) -> Sequence[Delivery]:
        """Takes due deliveries (`ready` or `deferred`, next action reached, channel not paused), earliest due first:
        state `sending`, fence grown, lease set."""
        ...

    def lapsed(self, *, now: dt.datetime, limit: int) -> Sequence[Delivery]:
        """Deliveries in `sending` whose lease ran out."""
        ...

    def save(self, delivery: Delivery) -> None:
        """Writes all that can change. Raises LeaseLost when the fence is no longer the newest."""
        ...

    def count_by_state(self) -> Mapping[DeliveryState, int]:
        """How many deliveries stand in each state."""
        ...

    def next_action_at(self) -> dt.datetime | None:
        """The earliest moment at which a dispatch or delivery will be due or a lease will run out, if any."""
        ...

    def add_attempt(self, attempt: Attempt) -> None:
        """A new attempt, written in the transaction of its claim."""
        ...

    def start_attempt(
        self, attempt: Attempt, *, now: dt.datetime, lease: dt.timedelta, sent_digest: str, sent_object: str
    ) -> None:
        """Marks the attempt as about to touch the network and renews the lease.

        Raises LeaseLost when the delivery's fence is newer than the attempt's or its lease ran out: then nothing
        may be sent.
        """
        ...

    def end_attempt(self, attempt: Attempt) -> None:
        """Writes finished_at, result, reason and words of the attempt."""
        ...

    def attempts(self, delivery_id: str) -> Sequence[Attempt]:
        """All attempts of the delivery, oldest first."""
        ...

    def attempts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[Attempt]]:
        """The same for several deliveries with one query."""
        ...


@dataclass(frozen=True, kw_only=True)
class RenderedRecord:
    """A rendered document as kept: `object_name` in the object store, `digest` of its plain bytes.

    `kind` is None for the message text (a JSON object with subject and text)."""

    delivery: str
    ordinal: int
    kind: DocumentKind | None
    name: str
    media_type: str
    digest: str
    size: int
    pages: int | None
    object_name: str


@dataclass(frozen=True, kw_only=True)
class ReceiptRecord:
    """A receipt as kept. The same `external_id` from the same source for the same delivery counts once."""

    id: str
    delivery: str
    attempt: str | None
    receipt: Receipt
    external_id: str
    object_name: str | None


class Records(Protocol):
    """Rendered documents, receipts and events."""

    def add_documents(self, records: Sequence[RenderedRecord]) -> None:
        """Replaces the delivery's rendered documents."""
        ...

    def documents(self, delivery_id: str) -> Sequence[RenderedRecord]:
        """In reading order."""
        ...

    def add_receipt(self, record: ReceiptRecord) -> None:
        """Appends; the same source and external id again is no error and changes nothing."""
        ...

    def receipts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[ReceiptRecord]]:
        """Oldest first."""
        ...

    def append(self, event: Event) -> None:
        """Appends an event."""
        ...

    def events(self, dispatch_id: str) -> Sequence[Event]:
        """Oldest first."""
        ...


@dataclass(frozen=True, kw_only=True)
class SealedRecipient:
    """A directory entry as kept: what routing asks for in clear, the rest (names, addresses, certificates) sealed."""

    id: str
    kind: RecipientKind
    organization: str | None
    divisions: frozenset[Division]
    offices: frozenset[str]
    sealed: bytes
    changed_at: dt.datetime
    changed_by: str


class Scope(StrEnum):
    """What a token allows."""

    SUBMIT = "submit"
    READ = "read"


@dataclass(frozen=True, kw_only=True)
class Token:
    """An API token. Only the SHA-256 of the secret is kept."""

    id: str
    name: str
    secret_digest: str
    scopes: frozenset[Scope]
    created_at: dt.datetime
    created_by: str
    revoked_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StoredAnchor:
    """A trusted anchor with when and by whom it was trusted."""

    anchor: TrustedAnchor
    trusted_at: dt.datetime
    trusted_by: str


@dataclass(frozen=True, kw_only=True)
class ChannelPause:
    """A channel that takes no work until `until`, and the reason code."""

    channel: str
    since: dt.datetime
    until: dt.datetime
    reason: str


class Registry(Protocol):
    """What the registry configures: recipients, anchors, tokens, data keys, pauses."""

    def put_recipient(self, recipient: SealedRecipient) -> None:
        """Writes the entry; the one it replaces is kept in the history."""
        ...

    def recipient(self, recipient_id: str) -> SealedRecipient | None:
        """The entry as it stands."""
        ...

    def recipients(self, *, kind: RecipientKind | None = None) -> Sequence[SealedRecipient]:
        """By id."""
        ...

    def put_anchor(self, stored: StoredAnchor) -> None:
        """Writes the anchor for its (fingerprint, signer); intermediates and lists given before are replaced."""
        ...

    def anchors(self) -> Sequence[StoredAnchor]:
        """All trusted anchors."""
        ...

    def add_token(self, token: Token) -> None:
        """A new token."""
        ...

    def token_by_digest(self, secret_digest: str) -> Token | None:
        """The token whose secret has that digest, revoked or not."""
        ...

    def tokens(self) -> Sequence[Token]:
        """All tokens, oldest first."""
        ...

    def revoke_token(self, token_id: str, at: dt.datetime) -> None:
        """Raises NoSuchThing (token.unknown)."""
        ...

    def add_data_key(self, key_id: str, wrapped: bytes) -> None:
        """A new wrapped data key."""
        ...

    def data_key(self, key_id: str) -> bytes:
        """The wrapped data key. Raises SetupWrong (seal.key-unknown): destroyed, or never was."""
        ...

    def pause_channel(self, pause: ChannelPause) -> None:
        """Pauses, or moves the end of a pause."""
        ...

    def pauses(self) -> Sequence[ChannelPause]:
        """All pauses, ended ones included."""
        ...


class Transaction(Protocol):
    """One transaction: everything in it is written, or nothing."""

    @property
    def dispatches(self) -> Dispatches:
        """Accepted packages."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """Deliveries and attempts."""
        ...

    @property
    def records(self) -> Records:
        """Documents, receipts, events."""
        ...

    @property
    def registry(self) -> Registry:
        """Recipients, anchors, tokens, data keys, pauses."""
        ...


class Database(Protocol):
    """The truth. No network call is made inside a transaction."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A writing transaction: commits at the end, rolls back when an exception leaves it.

        Raises ServiceDown (database.unavailable, storage.full)."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """A reading transaction over one consistent state."""
        ...

    def check(self) -> None:
        """Raises ServiceDown when it does not answer, SetupWrong (home.upgrade-needed) when its shape is not ours."""
        ...

    def close(self) -> None:
        """Lets go of connections."""
        ...
