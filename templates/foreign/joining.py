"""Puts the pages of others onto pages of ours.

A page of ours stands in for each of theirs, of the same size, with file number and page number in its margin. Where
their file is tagged its pages are copied as they are drawn and its structure is hung into our tree; where it is not,
each page becomes a form, one passage of text to a reader for the blind. What is seen of annotations (a filled-in
field, the look of a signature) is drawn; annotations and actions themselves stay behind, but for links to the web.
Our own file keeps its catalogue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pikepdf import Object, Pdf

from templates.foreign.balance import Balance, balance_of
from templates.foreign.copying import Copier
from templates.foreign.links import Links, Place, copied_links
from templates.foreign.placing import Placer
from templates.foreign.reader import ForeignFile, contents_of, open_pdf, refuse_what_was_mended, unpacked
from templates.foreign.structure import Element, Mark, says_it_is_tagged, structure_of
from templates.foreign.tagging import Tree
from templates.foreign.writing import written


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A document to be joined: the indices of the pages of ours that stand in for its own, and its language
    (a BCP 47 tag)."""

    content: bytes
    places: Sequence[int]
    language: str


def join(paper: bytes, arrival: Arrival) -> bytes:
    """The paper with the document's pages on its own. The same input gives the same bytes.

    Raises InputRefused: see `open_pdf` and `Copier`; and what qpdf raises for hostile input.
    """
    ours = Pdf.open(BytesIO(paper))
    own = [page.obj for page in ours.pages]
    pages = [own[place] for place in arrival.places]
    file, tree = open_pdf(arrival.content), Tree(ours)
    balances = balances_of(file) if tree.there else []
    part = tagged_part(file, balances) if tree.there else None
    if part is None:
        links: Sequence[Links] = [{} for _ in pages]
        part = _as_forms(Placer(ours, Copier(ours, file.reader)), file, pages)
    else:
        links = _links(ours, file, pages)
        marks = _next_marks(part, len(pages))
        placer = Placer(ours, Copier(ours, file.reader, tagged=True))
        for index, (page, place) in enumerate(zip(file.pages, pages, strict=True)):
            if placer.as_drawn(page, place, links[index], balances[index], next_mark=marks[index]):
                part.kids.append(Element("P", kids=[Mark(index, marks[index])]))
    if tree.there:
        tree.hang(part, language=arrival.language, pages=pages, links=links, prefix=f"{arrival.places[0]}.")
        tree.finish()
    refuse_what_was_mended(file.reader)
    return written(ours)


def _links(ours: Pdf, file: ForeignFile, pages: Sequence[Object]) -> Sequence[Links]:
    places = {page.page.objgen: Place(place, page.placed) for page, place in zip(file.pages, pages, strict=True)}
    return [copied_links(ours, page, places) for page in file.pages]


def balances_of(file: ForeignFile) -> list[Balance]:
    """What the content of each page of a tagged file leaves open; nothing of a file that is not."""
    if not says_it_is_tagged(file):
        return []
    return [balance_of(b"\n".join(unpacked(stream) for stream in contents_of(page.page))) for page in file.pages]


def tagged_part(file: ForeignFile, balances: Sequence[Balance]) -> Element | None:
    """The structure of a file that is tagged and whose content begins each mark it ends."""
    return structure_of(file) if balances and all(balance.sound for balance in balances) else None


def _as_forms(placer: Placer, file: ForeignFile, pages: Sequence[Object]) -> Element:
    part = Element("Part")
    for index, (page, place) in enumerate(zip(file.pages, pages, strict=True)):
        placer.as_form(page, place)
        part.kids.append(Element("P", kids=[Mark(index, 0)]))
    return part


def _next_marks(part: Element, pages: int) -> list[int]:
    """The first number of each page that no mark has: for looks of annotations, a passage after all else of it."""
    marks = [0] * pages
    for mark in part.marks():
        marks[mark.page] = max(marks[mark.page], mark.number + 1)
    return marks
