"""Messages between the two processes: a line of JSON, then byte strings whose lengths the line gives.

JSON, for what comes out of the child must not be able to do anything in the parent.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

READY, ANSWER, REFUSED = "ready", "answer", "refused"
"""What the child says: that it can begin, and how a task ended."""

MOST_HEADER = 1 << 20
MOST_BLOB = 400_000_000
"""Bytes. More than any document may have, so that only a defect meets it."""

Value = str | int | float | bool | None | Sequence["Value"]
"""What a task is told and answers with beside bytes."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One message. `name` is the task, or the kind of the answer."""

    name: str
    values: Sequence[Value] = ()
    blobs: Sequence[bytes] = ()


def write(stream: BinaryIO, frame: Frame) -> None:
    """Raises OSError when the other end is gone."""
    header = {"name": frame.name, "values": frame.values, "blobs": [len(blob) for blob in frame.blobs]}
    stream.write(json.dumps(header).encode() + b"\n")
    for blob in frame.blobs:
        stream.write(blob)
    stream.flush()


def read(stream: BinaryIO) -> Frame:
    """The next message. Raises EOFError when the other end is gone, ValueError or TypeError when it is none."""
    line = stream.readline(MOST_HEADER)
    if not line.endswith(b"\n"):
        raise EOFError
    header = json.loads(line)
    name, values, lengths = header["name"], header["values"], header["blobs"]
    if not (isinstance(name, str) and isinstance(values, list) and isinstance(lengths, list)):
        raise TypeError("a frame that is none")
    return Frame(name=name, values=values, blobs=[_blob(stream, length) for length in lengths])


def _blob(stream: BinaryIO, length: object) -> bytes:
    if not isinstance(length, int) or not 0 <= length <= MOST_BLOB:
        raise ValueError("a length beyond all measure")
    blob = stream.read(length)
    if len(blob) != length:
        raise EOFError
    return blob
