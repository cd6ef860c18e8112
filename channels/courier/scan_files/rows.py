"""Lists of scans as CSV (RFC 4180): what the forms have in common."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

MOST_ROWS = 200_000
_MOST_TEXT = 200
_NUMBER = re.compile(r"[A-Z0-9]{8,40}")
"""An item number, our code or a carrier's number. Scanners and people put blanks in."""


def header_of(raw: bytes) -> Sequence[str]:
    """The names of the columns; none where it is no text."""
    line = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return line.decode("utf-8", "replace").strip().split(",")


def rows(raw: bytes, columns: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each row by its line, counted from 1 with the header. Raises InputRefused (scans.file-invalid)."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise fault("file", "UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        next(reader)
        for number, cells in enumerate(reader):
            if number == MOST_ROWS:
                raise fault("file", f"maxItems {MOST_ROWS}")
            if not cells:
                continue
            if len(cells) != len(columns) or any(len(cell) > _MOST_TEXT for cell in cells):
                raise fault(f"line {reader.line_num}", f"{len(columns)} × maxLength {_MOST_TEXT}")
            yield reader.line_num, dict(zip(columns, (cell.strip() for cell in cells), strict=True))
    except csv.Error:
        raise fault(f"line {reader.line_num}", "RFC 4180") from None


def number_in(row: Mapping[str, str], column: str, line: int, *, or_none: bool = False) -> str:
    """An item number without blanks. Raises InputRefused (scans.file-invalid)."""
    text = "".join(row[column].split()).upper()
    if text == "" and or_none:
        return ""
    if _NUMBER.fullmatch(text) is None:
        raise fault(f"line {line}, {column}", _NUMBER.pattern)
    return text


def moment_in(row: Mapping[str, str], column: str, line: int) -> dt.datetime:
    """A moment with its offset (RFC 3339). Raises InputRefused (scans.file-invalid)."""
    try:
        at = dt.datetime.fromisoformat(row[column])
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise fault(f"line {line}, {column}", "format date-time")
    return at


def as_line(row: Mapping[str, str]) -> bytes:
    """The row by itself under its header, as evidence of one item shows nothing of the others."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerows([list(row), list(row.values())])
    return made.getvalue().encode()


def fault(where: str, expected: str) -> InputRefused:
    """What is wrong with a file, and where."""
    return InputRefused(Code.SCANS_FILE_INVALID, where=where, expected=expected)
