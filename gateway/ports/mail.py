"""Papers as they go into an envelope."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.envelope import Envelope
from gateway.domain.parties import Language


@dataclass(frozen=True, kw_only=True)
class PacketOrder:
    """What is to be printed for one envelope. `code`: the bar code of its first page, by which the envelope is held
    against its label. `duplex`: printed on both sides, each document beginning on a front."""

    envelope: Envelope
    code: str
    documents: Sequence[bytes]
    language: Language
    made_on: dt.date
    duplex: bool


@dataclass(frozen=True, kw_only=True)
class Packet:
    """One file for one envelope. `pages` counts every printed side, blank ones too."""

    content: bytes
    pages: int
    sheets: int


class PacketMaker(Protocol):
    """Puts together what goes into an envelope."""

    def bound(self, papers: Sequence[bytes], *, duplex: bool) -> Packet:
        """The papers one behind the other, as they are printed. Raises as `make`."""
        ...

    def make(self, order: PacketOrder) -> Packet:
        """An address sheet that shows in the window of an envelope, then the documents, covering letter first. The same
        order gives the same bytes.

        Raises InputRefused with a `document.*` code, ServiceDown (reader.unavailable).
        """
        ...
