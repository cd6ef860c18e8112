"""PDF files that others made, from our side: each question goes to a confined process, and so does the joining.

Nothing of such a file is read in this process.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from gateway.domain.manifest import is_manifest_number
from gateway.domain.naming import Identity, Naming
from gateway.domain.problem import located
from gateway.domain.return_code import ReturnCode
from gateway.ports.fax import FaxCoding, FaxImage, FaxResolution
from gateway.ports.incoming import Picture
from templates.confined.frames import Frame, Value
from templates.confined.pool import ConfinedPool
from templates.dots import png

Size = tuple[float, float]
"""Width and height of a page as displayed, in points."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """The sizes of a document's pages, and whether it is tagged and claims PDF/UA-1 and PDF/A of level A."""

    conforms: bool
    sizes: tuple[Size, ...]


class ForeignPapers:
    """Implements `gateway.ports.papers.PaperReader`, `gateway.ports.fax.FaxRasterizer`,
    `gateway.ports.incoming.PageScanner` and `PagePainter`, and `gateway.ports.manifests.ManifestScanner`.

    `where` is the document's path, for the problem. Everything here raises InputRefused with a `document.*` code, and
    ServiceDown (reader.unavailable).
    """

    def __init__(self, pool: ConfinedPool) -> None:
        self._pool = pool

    def measure(self, content: bytes, where: str) -> Measure:
        """A document that is to be joined."""
        conforms, *sizes = self._ask(where, "measure", [], content).values
        return Measure(
            conforms=conforms is True,
            sizes=tuple((float(width), float(height)) for width, height in cast(list[tuple[float, float]], sizes)),
        )

    def page_count(self, content: bytes, where: str) -> int:
        """The pages of a document that travels byte for byte; nothing in it may act."""
        return int(cast(int, self._ask(where, "count", [], content).values[0]))

    def join(self, paper: bytes, content: bytes, places: Sequence[int], language: str, where: str) -> bytes:
        """The paper with the document's pages on its own pages `places`; `language` is a BCP 47 tag.

        The same input gives the same bytes.
        """
        return self._ask(where, "join", [language, *places], paper, content).blobs[0]

    def bind(self, papers: Sequence[bytes], where: str, *, duplex: bool) -> tuple[bytes, int]:
        """The papers one behind the other, for print, and how many pages that is; see `templates.foreign.binding`."""
        answer = self._ask(where, "bind", [duplex], *papers)
        return answer.blobs[0], int(cast(int, answer.values[0]))

    def naming(self, content: bytes, identity: Identity, where: str) -> Naming:
        """What the document's text says of its matter."""
        ucis = None if identity.ucis is None else list(identity.ucis)
        values: list[Value] = [list(identity.own_files), list(identity.all_files), ucis]
        return Naming(str(self._ask(where, "naming", values, content).values[0]))

    def rasterize(self, content: bytes, where: str, resolution: FaxResolution, coding: FaxCoding) -> FaxImage:
        """See `gateway.ports.fax.FaxRasterizer`."""
        answer = self._ask(where, "raster", [resolution.value, coding.value], content)
        pages = int(cast(int, answer.values[0]))
        return FaxImage(content=answer.blobs[0], pages=pages, resolution=resolution, coding=coding)

    def codes(self, content: bytes) -> tuple[ReturnCode, ...]:
        """See `gateway.ports.incoming.PageScanner`."""
        found = self._pool.ask(Frame(name="codes", values=[False], blobs=[content])).values
        return tuple(dict.fromkeys(code for text in found for code in _ours(str(text))))

    def manifests(self, content: bytes) -> tuple[str, ...]:
        """See `gateway.ports.manifests.ManifestScanner`."""
        found = self._pool.ask(Frame(name="codes", values=[True], blobs=[content])).values
        return tuple(dict.fromkeys(text for text in map(str, found) if is_manifest_number(text)))

    def picture(self, content: bytes, number: int) -> Picture | int:
        """See `gateway.ports.incoming.PagePainter`. The picture is written here, from dots: nothing else of what
        somebody sent leaves the confined process."""
        answer = self._pool.ask(Frame(name="picture", values=[number], blobs=[content]))
        if not answer.blobs:
            return int(cast(int, answer.values[0]))
        _, more, width, height = cast(tuple[int, bool, int, int], answer.values)
        return Picture(png=png(width, height, answer.blobs[0]), more=more)

    def close(self) -> None:
        """Ends the processes that are idle."""
        self._pool.close()

    def _ask(self, where: str, task: str, values: Sequence[Value], *blobs: bytes) -> Frame:
        with located(where):
            return self._pool.ask(Frame(name=task, values=values, blobs=blobs))


def _ours(text: str) -> Iterator[ReturnCode]:
    """The code, where it is one of ours and was read rightly: papers bear codes of others too."""
    with suppress(ValueError):
        yield ReturnCode.parse(text)
