"""What is gathered for a carrier, and the manifests by which it takes it away.

An item is one attempt of one delivery. It lies in a batch until a manifest is closed over it; from then on it is that
manifest's. Closing is ours: the carrier's signature on the manifest is the handover.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from gateway.domain.calendar import Closed, is_working_day
from gateway.domain.s10 import NumberRange

_DAY = dt.timedelta(days=1)
MONTHS_BEFORE_REUSE = 12
"""No number of an item is given out again within so many months (UPU S10)."""


class AtCutOff(StrEnum):
    """What becomes of a batch whose cut-off passes while nobody closes its manifest."""

    CLOSE = "close"
    """It is closed by itself."""
    CALL = "call"
    """A person is called for each item."""


@dataclass(frozen=True, kw_only=True)
class CarriageTerms:
    """How a channel's carrier takes things away. cut_off: what is gathered later goes with the next manifest, by the
    clock of the office; at_cut_off: what becomes then of what nobody closed a manifest over; ranges: the item numbers
    assigned to us, in the order in which they are used up; return_to: the sender's lines on a label, by office;
    contract_service: the code under which the carrier's own service is told of each envelope, if it is;
    printed_by_vendor: whether a print and mail vendor makes the envelopes."""

    carrier: str
    cut_off: dt.time
    at_cut_off: AtCutOff = AtCutOff.CLOSE
    contract_service: str = ""
    printed_by_vendor: bool = False
    ranges: tuple[NumberRange, ...] = ()
    return_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BatchedItem:
    """One envelope. `envelope`: what stands on it, sealed under the package's key. `pages` are printed sides, those of
    the address sheet and blank backs counted too. Of what no manifest was closed over yet, `manifest` is None."""

    attempt: str
    delivery: str
    dispatch: str
    channel: str
    office: str
    reference: str
    gathered_at: dt.datetime
    envelope: bytes
    pages: int
    sheets: int
    manifest: str | None = None
    place: int | None = None
    piece: str | None = None
    """The number that the carrier knows it by, else our reference."""
    tracking: str | None = None
    """The number that the carrier gave it itself, once somebody told us."""


@dataclass(frozen=True, kw_only=True)
class WaitingBatch:
    """What lies at an office for a channel's carrier and in no manifest. since: when the first of it was gathered."""

    channel: str
    office: str
    items: int
    since: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A batch, closed. `evidence`: digest of what the carrier signed, `sha256:…`, and `object_name` where it is."""

    number: str
    channel: str
    office: str
    carrier: str
    closed_at: dt.datetime
    closed_by: str
    handed_over_at: dt.datetime | None = None
    recorded_by: str | None = None
    evidence: str | None = None
    object_name: str | None = None


class ItemState(StrEnum):
    """How an item of a manifest stands."""

    LISTED = "listed"
    WITHDRAWN = "withdrawn"
    """Its delivery left the batch after closing: the carrier must not have it."""
    HANDED_OVER = "handed-over"


_SHEET = "S"
"""Before our reference on the first sheet alone: a label that is scanned twice is not taken for its papers."""
_SHEET_CODE = re.compile(rf"{_SHEET}(\d+)")
_NUMBER = re.compile(r"M\d{8}-\d{3,}")


@dataclass(frozen=True)
class EnvelopeCode:
    """A code as it was read from an envelope. on_sheet: it stands on the first sheet, not on a label."""

    code: str
    on_sheet: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Scanners leave blanks and line ends behind; people type in groups of four."""
        read = "".join(text.split()).upper()
        sheet = _SHEET_CODE.fullmatch(read)
        return cls(sheet[1], on_sheet=True) if sheet else cls(read, on_sheet=False)


def sheet_code(reference: str) -> str:
    """What the first sheet of an envelope bears."""
    return _SHEET + reference


def is_manifest_number(text: str) -> bool:
    """Whether it has the form of one, as it is read from a page."""
    return _NUMBER.fullmatch(text) is not None


def manifest_number(day: dt.date, count: int) -> str:
    """`M20261127-003`: the third of that day, of all offices and carriers."""
    return f"M{day:%Y%m%d}-{count:03d}"


def gathered_until(terms: CarriageTerms, now: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """Until when an item must have been gathered to be in a manifest that is closed now."""
    cut_off = dt.datetime.combine(now.astimezone(zone).date(), terms.cut_off, zone)
    return min(now, cut_off)


def last_cut_off(terms: CarriageTerms, now: dt.datetime, zone: dt.tzinfo, closed: Closed) -> dt.datetime:
    """The newest cut-off that has passed: no carrier comes on a weekend, nor on a day on which the office is closed."""
    day = now.astimezone(zone).date()
    while True:
        cut_off = dt.datetime.combine(day, terms.cut_off, zone)
        if cut_off <= now and is_working_day(day, closed):
            return cut_off
        day -= _DAY
