"""Our mail room's list: `item,event,at,tracking,signatory`. The events are our own words (`ScanMeaning`)."""

from collections.abc import Sequence

from channels.courier.scan_files.rows import as_line, fault, header_of, moment_in, number_in, rows
from gateway.domain.manifest import EnvelopeCode
from gateway.domain.scan import Scan, ScanMeaning

COLUMNS = ("item", "event", "at", "tracking", "signatory")
SOURCE = "mail-room"


class MailRoomList:
    """Reads it. See `ScanReader`."""

    def recognizes(self, raw: bytes) -> bool:
        """By its columns."""
        return tuple(header_of(raw)) == COLUMNS

    def read(self, raw: bytes) -> Sequence[Scan]:
        """All scans. Raises InputRefused (scans.file-invalid)."""
        found = []
        for line, row in rows(raw, COLUMNS):
            try:
                meaning = ScanMeaning(row["event"])
            except ValueError:
                raise fault(f"line {line}, event", ", ".join(ScanMeaning)) from None
            found.append(
                Scan(
                    source=SOURCE,
                    item=EnvelopeCode.parse(number_in(row, "item", line)).code,
                    code=meaning.value,
                    meaning=meaning,
                    at=moment_in(row, "at", line),
                    extract=as_line(row),
                    signatory=row["signatory"],
                    tracking=number_in(row, "tracking", line, or_none=True),
                )
            )
        return found
