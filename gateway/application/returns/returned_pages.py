"""A page that came back, drawn for the person who has to say whether it is signed."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.incoming import Incoming, PagePainter, Picture

RawOf = Callable[[str], tuple[Incoming, bytes]]
"""What came, with its bytes."""
FilesIn = Callable[[bytes], Iterable[bytes]]
"""The files in it in which there may be pages."""


class DrawPage:
    """Numbers the pages of all files in a message through, from 1."""

    def __init__(self, *, raw: RawOf, files: FilesIn, painter: PagePainter) -> None:
        self._raw = raw
        self._files = files
        self._painter = painter

    def __call__(self, incoming_id: str, number: int) -> Picture:
        """The page. Raises NoSuchThing (receipt.unknown), InputRefused (request.invalid: it has no such page;
        document.*), SetupWrong (seal.broken), ServiceDown (reader.unavailable)."""
        _, raw = self._raw(incoming_id)
        files, before = list(self._files(raw)), 0
        for place, file in enumerate(files, start=1):
            found = self._painter.picture(file, number - before)
            if isinstance(found, Picture):
                return replace(found, more=found.more or place < len(files))
            before += found
        raise InputRefused(Code.REQUEST_INVALID, where="page", expected=f"1…{before}" if before else "–")
