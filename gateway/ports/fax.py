"""Papers as a fax carries them: pages of black and white dots (ITU-T T.4, T.6; TIFF profiles S and F of RFC 3949)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class FaxResolution(StrEnum):
    """Dots to the inch, across and down."""

    FINE = "204x196"
    STANDARD = "204x98"


class FaxCoding(StrEnum):
    """How the dots are packed."""

    MMR = "mmr"
    """Modified modified READ (T.6, "G4"): half the size, and not read by every machine."""
    MH = "mh"
    """Modified Huffman (T.4, "G3"): read by all."""


@dataclass(frozen=True, kw_only=True)
class FaxImage:
    """A TIFF of 1728 dots across, one page after the other."""

    content: bytes
    pages: int
    resolution: FaxResolution
    coding: FaxCoding


class FaxRasterizer(Protocol):
    """Turns papers into what a fax carries."""

    def rasterize(self, content: bytes, where: str, resolution: FaxResolution, coding: FaxCoding) -> FaxImage:
        """The pages of a PDF; the same input gives the same bytes. `where` is the paper's name, for the problem.

        Raises InputRefused with a `document.*` code, ServiceDown (reader.unavailable).
        """
        ...
