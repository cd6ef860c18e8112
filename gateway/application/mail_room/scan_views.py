"""Scans as they are shown: codes, numbers and moments. Who signed stands in the sealed extract alone."""

from typing import TypedDict

from gateway.application.mail_room.scans import ImportedScans
from gateway.ports.scans import ScanRecord

ScanView = dict[str, object]


class ImportedView(TypedDict):
    """What came of a file of scans."""

    receipt: str
    scans: int
    new: dict[str, int]
    repeats: int
    faulty: list[ScanView]


def imported_view(imported: ImportedScans) -> ImportedView:
    """Counts, and the scans that wait for a person."""
    return {
        "receipt": imported.receipt,
        "scans": imported.scans,
        "new": {meaning.value: count for meaning, count in sorted(imported.new.items())},
        "repeats": imported.repeats,
        "faulty": [scan_view(one) for one in imported.faulty],
    }


def scan_view(scan: ScanRecord) -> ScanView:
    """A scan."""
    return {
        "source": scan.source,
        "item": scan.item,
        "code": scan.code,
        "meaning": scan.meaning.value,
        "at": scan.at.isoformat(),
        "delivery": scan.delivery,
        "fault": scan.fault.value if scan.fault else None,
        "file": scan.file,
    }
