"""Dots as a picture file, written by ourselves: what reads pictures is kept out of the process that holds the keys."""

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _BITS = 0, 8


def png(width: int, height: int, grey: bytes) -> bytes:
    """A PNG (ISO/IEC 15948) of that size, a byte a dot from black to white, row by row. Raises ValueError when the dots
    are not as many as that."""
    if len(grey) != width * height or not grey:
        raise ValueError("dots that make no such picture")
    header = struct.pack(">IIBBBBB", width, height, _BITS, _GREY, 0, 0, 0)
    rows = b"".join(b"\0" + grey[at : at + width] for at in range(0, len(grey), width))
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
