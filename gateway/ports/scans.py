"""Scans: the files they come in, and scans as they are kept."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.scan import Scan, ScanFault, ScanMeaning


class ScanReader(Protocol):
    """Reads files of one form."""

    def recognizes(self, raw: bytes) -> bool:
        """Whether it looks like a file of that form."""
        ...

    def read(self, raw: bytes) -> Sequence[Scan]:
        """All of its scans. Raises InputRefused (scans.file-invalid) with the place of the first fault."""
        ...


@dataclass(frozen=True, kw_only=True)
class ScanRecord:
    """A scan as kept. file: the digest of the file that it first came in; extract: as it stood there, sealed under
    data_key (None: the key of all evidence); attempt: the envelope's, where there is one. What has a fault moved
    nothing."""

    digest: str
    file: str
    source: str
    item: str
    code: str
    meaning: ScanMeaning
    at: dt.datetime
    recorded_at: dt.datetime
    extract: bytes
    delivery: str | None = None
    attempt: str | None = None
    fault: ScanFault | None = None
    data_key: str | None = None


class Scans(Protocol):
    """Scans as rows; the same scan counts once."""

    def known(self, digests: Collection[str]) -> Mapping[str, ScanFault | None]:
        """Those of these scans that are kept already, with what is wrong with them."""
        ...

    def add(self, records: Sequence[ScanRecord]) -> None:
        """New ones."""
        ...

    def save(self, record: ScanRecord) -> None:
        """Writes to what it belongs, its fault, and its extract, which goes under the key of what it belongs to."""
        ...

    def erase(self, delivery_ids: Sequence[str]) -> None:
        """The extracts of the scans of these deliveries are overwritten; that there were scans stays."""
        ...

    def erase_file(self, file: str) -> None:
        """The same for all scans of a file."""
        ...

    def files_found_late(self, *, before: dt.timedelta) -> Sequence[str]:
        """The digests of files with a scan that found no item, where there is one of its number now that was there at
        most `before` after it was scanned."""
        ...

    def find(self, *, limit: int, file: str | None = None, delivery: str | None = None) -> Sequence[ScanRecord]:
        """The newest first."""
        ...

    def faulty(
        self, *, limit: int, file: str | None = None, offices: frozenset[str] | None = None
    ) -> Sequence[ScanRecord]:
        """Those that wait for a person, the newest first; without what is known to be of other offices than those, if
        any are given."""
        ...
