"""What comes back, as it came: kept sealed first, read second, tied to a delivery or shown to a person."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.domain.receipt import AwaitedReceipt
from gateway.domain.report import Finding, Reading
from gateway.domain.return_code import ReturnCode

BY_MAIL = "mail"
"""Whose word a receipt is that came by mail, whichever way it was brought in."""


class Handling(StrEnum):
    """How far something that came is dealt with."""

    NEW = "new"
    """Kept, not read yet."""
    WAITING = "waiting"
    """Read, and tied to nothing so far: what it belongs to may still be written."""
    MATCHED = "matched"
    """Tied to its delivery, and nothing in it asks for a person."""
    FOR_PERSON = "for-person"
    """Tied to nothing, or something in it asks for a person."""
    CLOSED = "closed"
    """A person dealt with it."""


DEALT_WITH = frozenset({Handling.MATCHED, Handling.CLOSED})
"""How it stands when nobody has anything more to do with it."""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One thing that came. `digest` is over the raw bytes, which stand sealed in `object_name`.

    tries: how often it was read; a message that breaks its reader goes to a person after a few.
    """

    id: str
    source: str
    digest: str
    size: int
    received_at: dt.datetime
    object_name: str
    handling: Handling = Handling.NEW
    finding: Finding | None = None
    delivery: str | None = None
    tries: int = 0
    next_action_at: dt.datetime | None = None
    attempt: str | None = None
    """The sending that a page which came back is about."""
    matched_by: str | None = None
    """Who said so, where its code did not."""
    closed_at: dt.datetime | None = None
    """When a person dealt with it."""


class ReceiptReader(Protocol):
    """Reads raw bytes of one source."""

    def read(self, raw: bytes) -> Reading:
        """What it says and to what it belongs. Never raises for what a sender can send."""
        ...


class PageScanner(Protocol):
    """Looks for our codes on pages that somebody sent back."""

    def codes(self, content: bytes) -> Sequence[ReturnCode]:
        """Those of a TIFF, PDF, JPEG or PNG, each once. Raises InputRefused (document.*), ServiceDown
        (reader.unavailable)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A page as it is shown to a person: dots, and nothing that could act. more: whether pages come after it."""

    png: bytes
    more: bool


class PagePainter(Protocol):
    """Draws pages that somebody sent back, so that nobody opens what a stranger sent."""

    def picture(self, content: bytes, number: int) -> Picture | int:
        """The page of that number, from 1, of a TIFF, PDF, JPEG or PNG; where it has fewer, how many it has. Raises
        InputRefused (document.*), ServiceDown (reader.unavailable)."""
        ...


@dataclass(frozen=True, kw_only=True)
class ReceiptSigner:
    """Who signed a receipt: `key` as pins name it (`gateway.domain.pins.Pin.key`)."""

    key: str


class SignedReceipts(Protocol):
    """Reads signed receipts (RFC 2634)."""

    def content_identifier(self, raw: bytes) -> str:
        """Which message it says it is for; nothing is verified. Raises InputRefused (signature.*, receipt.*)."""
        ...

    def verify(self, raw: bytes, awaited: AwaitedReceipt, *, at: dt.datetime) -> ReceiptSigner:
        """Who signed it for that message. Raises InputRefused (signature.*, receipt.*)."""
        ...


class AwaitedReceipts(Protocol):
    """Signed receipts that are awaited, as rows."""

    def add(self, awaited: AwaitedReceipt, *, token: str) -> None:
        """The message whose reference bears that token asks for it."""
        ...

    def find(self, content_identifier: str) -> tuple[AwaitedReceipt, str] | None:
        """What a receipt of that name must match, and the token of the message that asked; None: none did."""
        ...


class ReturnCodes(Protocol):
    """Codes on pages that come back, as rows."""

    def add(self, code: ReturnCode, *, token: str) -> None:
        """The sending whose reference bears that token has it printed on a page. Again: changes nothing."""
        ...

    def find(self, code: ReturnCode) -> str | None:
        """The token of the sending; None: it was never printed."""
        ...


class IncomingStore(Protocol):
    """What came, as rows."""

    def add(self, incoming: Incoming) -> bool:
        """A new row; False, and nothing written, when the same bytes came from the same source before."""
        ...

    def get(self, incoming_id: str, *, lock: bool = False) -> Incoming:
        """Raises NoSuchThing (receipt.unknown). `lock`: until the transaction ends nobody else writes it."""
        ...

    def same(self, source: str, digest: str) -> Incoming | None:
        """What came from that source with those bytes before."""
        ...

    def due(self, *, now: dt.datetime, limit: int) -> Sequence[Incoming]:
        """What is new or waiting and has its next action reached, the oldest first."""
        ...

    def over(self, *, before: dt.datetime, limit: int) -> Sequence[Incoming]:
        """What was dealt with before that moment and belongs to nothing of which anything is kept, the oldest first: to
        no delivery, or to one whose evidence expired; of a file of scans, no scan in it either."""
        ...

    def remove(self, incoming_id: str) -> None:
        """It is kept no more: were the same bytes to come again, they would be new."""
        ...

    def save(self, incoming: Incoming) -> None:
        """Writes all that changes: how it is dealt with, what it says, and what it is about."""
        ...

    def count_for_person(self, *, offices: frozenset[str] | None = None) -> int:
        """Without what is known to be of other offices than those, if any are given. How many wait for a person."""
        ...

    def find(
        self,
        *,
        handling: Handling | None,
        limit: int,
        delivery: str | None = None,
        offices: frozenset[str] | None = None,
    ) -> Sequence[Incoming]:
        """The newest first; with `delivery`, what was tied to that one alone."""
        ...
