"""Scans of envelopes: what a carrier's machine, or our own mail room, saw of an item, in words of ours.

Carriers' codes are many and change. A table says what those mean that move anything (`gateway/rules/scan_codes.toml`);
of every other code we know at most that the carrier has the item: it never means delivered, and hands nothing over.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from gateway.domain.digest import sha256
from gateway.domain.report import Finding


class ScanMeaning(StrEnum):
    """What a scan says of an item."""

    NOTED = "noted"
    """Something was written of it, and nobody saw it: it may not have left us."""
    INDUCTED = "inducted"
    """The carrier took it."""
    IN_TRANSIT = "in-transit"
    ATTEMPTED = "attempted"
    HELD = "held"
    RETURNED = "returned"
    REFUSED = "refused"
    UNDELIVERABLE = "undeliverable"
    DELIVERED = "delivered"


@dataclass(frozen=True, kw_only=True)
class ScanCode:
    """What one code of a carrier means."""

    code: str
    meaning: ScanMeaning


@dataclass(frozen=True, kw_only=True)
class CarrierCodes:
    """The codes of one carrier, and where they are published. Zeros at the front of a code do not count."""

    carrier: str
    source: str
    codes: tuple[ScanCode, ...]

    def meaning(self, code: str) -> ScanMeaning:
        """In transit for a code that is not in the table."""
        return self._by_code.get(code.lstrip("0"), ScanMeaning.IN_TRANSIT)

    def knows(self, code: str) -> bool:
        """Whether the code is in the table."""
        return code.lstrip("0") in self._by_code

    @cached_property
    def _by_code(self) -> Mapping[str, ScanMeaning]:
        return {one.code.lstrip("0"): one.meaning for one in self.codes}


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One scan. item: our code, our item number or the carrier's number; code: the carrier's own; at: when, as the
    carrier says; extract: the scan as it stood in its file.

    signatory: who signed, a person's name: it is kept sealed with the extract and shown nowhere else. tracking: the
    carrier's number for the item, where our mail room wrote it down. known: whether the table has its code.
    """

    source: str
    item: str
    code: str
    meaning: ScanMeaning
    at: dt.datetime
    extract: bytes
    signatory: str = ""
    tracking: str = ""
    known: bool = True

    @property
    def digest(self) -> str:
        """The same for the same scan, whichever file it came in and however often. No name is in it."""
        said = (self.source, self.item, self.code, self.at.astimezone(dt.UTC).isoformat(), self.tracking)
        return sha256("\n".join((*said, str(bool(self.signatory)))).encode())

    @property
    def finding(self) -> Finding:
        """What it is evidence of."""
        if self.meaning is ScanMeaning.DELIVERED and self.signatory:
            return Finding.MAIL_SIGNED
        return FINDING_OF[self.meaning]


FINDING_OF: Mapping[ScanMeaning, Finding] = {
    ScanMeaning.NOTED: Finding.MAIL_NOTED,
    ScanMeaning.INDUCTED: Finding.MAIL_INDUCTED,
    ScanMeaning.IN_TRANSIT: Finding.MAIL_IN_TRANSIT,
    ScanMeaning.ATTEMPTED: Finding.MAIL_ATTEMPTED,
    ScanMeaning.HELD: Finding.MAIL_HELD,
    ScanMeaning.RETURNED: Finding.MAIL_RETURNED,
    ScanMeaning.REFUSED: Finding.MAIL_REFUSED,
    ScanMeaning.UNDELIVERABLE: Finding.MAIL_UNDELIVERABLE,
    ScanMeaning.DELIVERED: Finding.MAIL_DELIVERED,
}


class ScanFault(StrEnum):
    """Why a scan moves nothing and waits for a person."""

    NO_ITEM = "no-item"
    """No envelope of ours bore that number then."""
    TOO_LATE = "too-late"
    """It says that it happened after it was told."""
    NUMBER_TAKEN = "number-taken"
    """Another envelope has that number of the carrier's, or this one has another."""
    OLD_ENVELOPE = "old-envelope"
    """An envelope whose delivery went on without it: another was made, or it was taken out of its manifest."""


HOURS_AHEAD = 6
"""By so much a carrier's clock or time zone may be ahead of ours; Canada's zones lie less than that apart."""
HOURS_BEFORE_CLOSING = 24
"""By so much a scan may be dated before its manifest was closed. Older ones are of an earlier item of the number."""


def dated(at: dt.datetime, *, since: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The moment a scan counts from: never before its item was listed nor after it was told."""
    return min(max(at, since), now)
