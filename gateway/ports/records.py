"""What is kept beside the work: rendered documents, receipts, events."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.audit import AuditAsked, Recorded
from gateway.domain.events import Event, EventName
from gateway.domain.intake import Worked
from gateway.domain.package import DocumentKind
from gateway.domain.parties import PreferredLanguage
from gateway.domain.receipt import Receipt


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
    language: PreferredLanguage | None = None


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
        """The rendered documents of deliveries that have none."""
        ...

    def drop_documents(self, delivery_id: str) -> None:
        """Others take their place, in the same transaction."""
        ...

    def documents(self, delivery_id: str) -> Sequence[RenderedRecord]:
        """In reading order."""
        ...

    def add_receipt(self, record: ReceiptRecord) -> None:
        """Appends; the same source and external id again is no error and changes nothing."""
        ...

    def take_back(self, receipt_id: str, *, at: dt.datetime) -> None:
        """The receipt counts no more: it is somebody else's, or nobody's. It stays, and is given out by nothing."""
        ...

    def receipts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[ReceiptRecord]]:
        """Oldest first, without what was taken back."""
        ...

    def append(self, *events: Event) -> None:
        """Appends events, each to its chain, in their order."""
        ...

    def events(self, dispatch_id: str) -> Sequence[Event]:
        """Oldest first."""
        ...

    def rendered_since(self, moment: dt.datetime) -> Worked | None:
        """The packages whose papers were made since, of a few thousand of the newest events; None where none were."""
        ...

    def search(self, asked: AuditAsked, limit: int) -> Sequence[Recorded]:
        """What was recorded, the newest first."""
        ...

    def newest_besides(self, name: EventName) -> Event | None:
        """The newest of that name that belongs to no dispatch."""
        ...

    def events_besides(self, name: EventName) -> Sequence[Event]:
        """Those of that name that belong to no dispatch, oldest first."""
        ...
