"""Writes TIFF as fax machines and gateways read it: profiles S and F of RFC 3949 (once "class F", RFC 2306).

What profile S fixes is kept in both: little-endian, the first directory right behind the header, each directory
before its one strip, bits filled from the lowest, white is zero, no RTC. Lines of MH end on a byte (T4Options 4).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 1728
"""Dots across: 215 mm at 204 to the inch (ITU-T T.4, 2.1)."""
ACROSS = 204

_SHORT, _LONG, _RATIONAL = 3, 4, 5
_HEADER = struct.pack("<2sHI", b"II", 42, 8)
_ENTRY = struct.Struct("<HHI4s")

_STRIP_OFFSETS, _X_RESOLUTION, _Y_RESOLUTION, _PAGE_NUMBER = 273, 282, 283, 297
_T4_ENDS_ON_A_BYTE = 4
_PAGE_OF_MANY = 2
_INCH = 2

REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits the other way round: FillOrder 1 to FillOrder 2."""


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One page: its coded dots (FillOrder 2), its lines, lines to the inch, and whether T.6 codes it or T.4."""

    coded: bytes
    lines: int
    down: int
    t6: bool


def write(strips: Sequence[Strip]) -> bytes:
    """The file of these pages."""
    file = bytearray(_HEADER)
    for number, strip in enumerate(strips):
        file += _page(strip, at=len(file), number=number, total=len(strips))
    return bytes(file)


def _page(strip: Strip, *, at: int, number: int, total: int) -> bytes:
    """A directory, its long values and its strip; ends on a word, where the next directory begins."""
    entries = _entries(strip, number, total)
    values_at = at + 2 + len(entries) * _ENTRY.size + 4
    resolutions = struct.pack("<4I", ACROSS, 1, strip.down, 1)
    strip_at = values_at + len(resolutions)
    padding = bytes(len(strip.coded) % 2)
    next_at = strip_at + len(strip.coded) + len(padding) if number + 1 < total else 0
    places = {_STRIP_OFFSETS: strip_at, _X_RESOLUTION: values_at, _Y_RESOLUTION: values_at + 8}
    packed = b"".join(
        _ENTRY.pack(tag, kind, _count(tag), struct.pack("<I", places[tag]) if tag in places else value)
        for tag, kind, value in entries
    )
    directory = struct.pack("<H", len(entries)) + packed + struct.pack("<I", next_at)
    return directory + resolutions + strip.coded + padding


def _count(tag: int) -> int:
    """How many values the entry has."""
    return 2 if tag == _PAGE_NUMBER else 1


def _entries(strip: Strip, number: int, total: int) -> list[tuple[int, int, bytes]]:
    """Tag, type and value, in the order of tags (TIFF 6.0, section 2). Places are filled in by the caller."""

    def long(value: int) -> bytes:
        return struct.pack("<I", value)

    def short(value: int, second: int = 0) -> bytes:
        return struct.pack("<2H", value, second)

    options = (293, _LONG, long(0)) if strip.t6 else (292, _LONG, long(_T4_ENDS_ON_A_BYTE))
    return [
        (254, _LONG, long(_PAGE_OF_MANY)),  # NewSubfileType
        (256, _LONG, long(WIDTH)),  # ImageWidth
        (257, _LONG, long(strip.lines)),  # ImageLength
        (258, _SHORT, short(1)),  # BitsPerSample
        (259, _SHORT, short(4 if strip.t6 else 3)),  # Compression
        (262, _SHORT, short(0)),  # PhotometricInterpretation: white is zero
        (266, _SHORT, short(2)),  # FillOrder
        (_STRIP_OFFSETS, _LONG, long(0)),
        (277, _SHORT, short(1)),  # SamplesPerPixel
        (278, _LONG, long(strip.lines)),  # RowsPerStrip
        (279, _LONG, long(len(strip.coded))),  # StripByteCounts
        (_X_RESOLUTION, _RATIONAL, long(0)),
        (_Y_RESOLUTION, _RATIONAL, long(0)),
        options,  # T4Options or T6Options
        (296, _SHORT, short(_INCH)),  # ResolutionUnit
        (_PAGE_NUMBER, _SHORT, short(number, total)),
        (327, _SHORT, short(0)),  # CleanFaxData: none of the lines is bad
    ]
