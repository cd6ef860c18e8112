"""Base64 as a MIME body carries it (RFC 2045 §6.8): 76 characters a line, CRLF after each."""

import base64
from io import BytesIO

_PIECE = 57 * 1024
"""Whole lines: 57 bytes make 76 characters. Piece by piece, so that a large body needs no copy beside the result."""


def base64_body(content: bytes, *, head: bytes = b"") -> bytes:
    """`head` as it is, then `content` in base64."""
    body = BytesIO()
    body.write(head)
    plain = memoryview(content)
    for start in range(0, len(plain), _PIECE):
        body.write(base64.encodebytes(plain[start : start + _PIECE]).replace(b"\n", b"\r\n"))
    return body.getvalue()
