"""A carrier's list: `carrier,tracking_number,event_code,event_time,description,location,signatory`.

No carrier's export is published as a standard: this is the form into which an office brings the one it gets. The codes
stay the carrier's own, and its table says what they mean.
"""

from collections.abc import Mapping, Sequence

from channels.courier.scan_files.rows import as_line, fault, header_of, moment_in, number_in, rows
from gateway.domain.scan import CarrierCodes, Scan

COLUMNS = ("carrier", "tracking_number", "event_code", "event_time", "description", "location", "signatory")


class CarrierList:
    """Reads it. See `ScanReader`."""

    def __init__(self, codes: Mapping[str, CarrierCodes]) -> None:
        """codes: by carrier."""
        self._codes = codes

    def recognizes(self, raw: bytes) -> bool:
        """By its columns."""
        return tuple(header_of(raw)) == COLUMNS

    def read(self, raw: bytes) -> Sequence[Scan]:
        """All scans. Raises InputRefused (scans.file-invalid)."""
        found = []
        for line, row in rows(raw, COLUMNS):
            codes = self._codes.get(row["carrier"])
            if codes is None:
                raise fault(f"line {line}, carrier", ", ".join(sorted(self._codes)))
            if not row["event_code"]:
                raise fault(f"line {line}, event_code", "minLength 1")
            found.append(
                Scan(
                    source=row["carrier"],
                    item=number_in(row, "tracking_number", line),
                    code=row["event_code"],
                    meaning=codes.meaning(row["event_code"]),
                    known=codes.knows(row["event_code"]),
                    at=moment_in(row, "event_time", line),
                    extract=as_line(row),
                    signatory=row["signatory"],
                )
            )
        return found
