"""Part of a paper as objects of its file: pages, structure, links and bookmarks, but for the edge of the pages.

A part that several papers have in common is written once, as the first in its file, and the file copied for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from templates.pdf.canvas import Drawn, Link, PageOf, Place
from templates.pdf.file import PdfFile, text_string
from templates.pdf.structure import Element, Objects, Tables, write_elements


@dataclass(frozen=True, kw_only=True)
class Structured:
    """The outermost elements of a section, and its language, a BCP 47 tag, where it is not that of the whole paper."""

    tops: Sequence[Element]
    language: str | None


@dataclass(frozen=True, kw_only=True)
class PartPage:
    """A page that is drawn: `number` is its object's, `key` that of its marks' owners in the structure."""

    of: PageOf
    number: int
    key: int
    code: str
    annotations: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class PartSection:
    """A section whose elements are written; its own is not, since its language hangs on that of the paper."""

    number: int
    kids: Sequence[int]
    language: str | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A bookmark; `destination` is an array."""

    level: int
    title: str
    destination: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is left to write of a part once its objects are in the file."""

    pages: Sequence[PartPage]
    sections: Sequence[PartSection]
    bookmarks: Sequence[Entry]


def write_part(file: PdfFile, drawn: Drawn, sections: Sequence[Structured], tables: Tables) -> Part:
    """Writes the elements and links of what was drawn into the file."""
    pages = [file.reserve() for _ in drawn.pages]
    links = [file.reserve() for _ in drawn.links]
    objects = Objects(pages, links)
    written = []
    for one in sections:
        filled = [top for top in one.tops if top.prune()]
        if filled:
            number = file.reserve()
            kids = write_elements(file, filled, number, objects, tables.named)
            written.append(PartSection(number=number, kids=kids, language=one.language))
    keys = [tables.own(page.marks) for page in drawn.pages]
    on_page: dict[int, list[int]] = {}
    for link, number in zip(drawn.links, links, strict=True):
        file.set(number, _link(link, tables.own_annotation(link.element), drawn.places[link.name], pages))
        on_page.setdefault(link.page, []).append(number)
    return Part(
        pages=[
            PartPage(of=page.of, number=number, key=key, code=page.code, annotations=on_page.get(index, ()))
            for index, (page, number, key) in enumerate(zip(drawn.pages, pages, keys, strict=True))
        ],
        sections=written,
        bookmarks=[
            Entry(level=one.level, title=one.title, destination=_destination(one.place, pages))
            for one in drawn.bookmarks
        ],
    )


def _link(link: Link, key: int, place: Place, pages: Sequence[int]) -> str:
    left, bottom, right, top = link.box
    return (
        f"<</Type/Annot/Subtype/Link/F 4/Rect[{left:.2f} {bottom:.2f} {right:.2f} {top:.2f}]/Border[0 0 0]"
        f"/Contents{text_string(link.what)}/StructParent {key}/Dest{_destination(place, pages)}>>"
    )


def _destination(place: Place, pages: Sequence[int]) -> str:
    return f"[{pages[place.page]} 0 R/XYZ {place.x:.2f} {place.y:.2f} null]"
