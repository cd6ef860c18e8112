"""Several documents as one ZIP, made while it is read: whatever they weigh, one part of one of them is in memory."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Protocol

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment a ZIP can name: when it was left stands elsewhere."""


class Named(Protocol):
    """What a file of a ZIP is called there, and its octets."""

    @property
    def name(self) -> str:
        """Without a folder."""
        ...

    @property
    def size(self) -> int:
        """Octets."""
        ...


class _Sink(io.RawIOBase):
    """Takes what the ZIP writes until somebody asks for it. It cannot go back, and says so."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Holds it."""
        self._held += data
        return len(data)

    def taken(self) -> bytes:
        """What was held, which is held no more."""
        held, self._held = bytes(self._held), bytearray()
        return held


def zipped(documents: Iterable[tuple[Named, Iterable[bytes]]]) -> Iterator[bytes]:
    """The ZIP, piece by piece. Documents are opened one after the other, each once the one before it was taken.

    Stored, not deflated: PDF is compressed already. What lies further on than 4 GiB is told in ZIP64 (APPNOTE 4.5.3).
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for document, parts in documents:
            about = zipfile.ZipInfo(document.name, _EPOCH)
            about.file_size = document.size
            with archive.open(about, "w") as member:
                for part in parts:
                    member.write(part)
                    yield sink.taken()
            yield sink.taken()  # the document is whole before it is asked whether the next may be given
    yield sink.taken()
