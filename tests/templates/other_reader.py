"""A PDF of ours as another library reads it than the one that wrote it (pypdf; qpdf writes)."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.errors import LimitReachedError
from pypdf.generic import DictionaryObject, StreamObject


def objects_in(content: bytes) -> Iterator[Any]:
    """Every object of the file, whatever leads to it, those in object streams too, and every value within them."""
    reader = PdfReader(BytesIO(content), strict=True)
    numbers = {number for section in reader.xref.values() for number in section} | reader.xref_objStm.keys()
    waiting: list[Any] = [reader.get_object(number) for number in sorted(numbers) if number]
    assert waiting
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, DictionaryObject):
            waiting += [one.raw_get(key) for key in one]
        elif isinstance(one, list):
            waiting += list(one)


def unpacked(content: bytes) -> bytes:
    """All that the file says, nothing of it packed: names, texts, and what its streams hold."""
    said: list[bytes] = []
    for one in objects_in(content):
        if isinstance(one, StreamObject):
            said.append(_held(one))
        if isinstance(one, DictionaryObject):
            said += [str(key).encode() for key in one]
        elif isinstance(one, str | bytes):
            said.append(one.encode() if isinstance(one, str) else one)
    return b"\n".join(said)


def _held(stream: StreamObject) -> bytes:
    """What is wrapped more often than pypdf unwraps stays as it is."""
    try:
        return stream.get_data()
    except LimitReachedError:
        return stream._data
