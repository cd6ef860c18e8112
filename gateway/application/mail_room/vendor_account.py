"""A print and mail vendor's account of a manifest: CSV, UTF-8; `manifest,piece,event`, of one manifest."""

import csv
import io
from collections.abc import Sequence

from gateway.domain.codes import Code
from gateway.domain.print_order import PrintEvent
from gateway.domain.problem import InputRefused

COLUMNS = ["manifest", "piece", "event"]


def read_account(content: bytes) -> tuple[str, Sequence[tuple[str, PrintEvent]]]:
    """The manifest, and what is told of each piece. Raises InputRefused (scans.file-invalid)."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
        header, *lines = [one for one in rows if one]
        told = [(piece.strip(), PrintEvent(event.strip())) for _, piece, event in lines]
    except (UnicodeDecodeError, csv.Error, ValueError):
        raise account_fault("file", ",".join(COLUMNS)) from None
    numbers = {line[0].strip() for line in lines}
    if header != COLUMNS or len(numbers) != 1:
        raise account_fault("file", ",".join(COLUMNS))
    return numbers.pop(), told


def account_fault(where: str, expected: str) -> InputRefused:
    """That an account is not one of ours, or cannot be read."""
    return InputRefused(Code.SCANS_FILE_INVALID, where=where, expected=expected)
