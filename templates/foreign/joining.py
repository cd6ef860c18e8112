# mypy: allow-untyped-calls
"""Puts the pages of others onto pages of ours.

Each foreign page becomes a form on a page of ours, of the same size, whose margin already carries file number and page
number. What is seen of its annotations (a filled-in field, the look of a signature) is drawn; the annotations and
actions themselves stay behind. Our own file keeps its catalogue and structure.
"""

from collections.abc import Sequence
from io import BytesIO

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from templates.foreign.annotations import Look, looks
from templates.foreign.copying import Copier
from templates.foreign.reader import ForeignPage, open_pdf


def join(paper: bytes, document: bytes, places: Sequence[int]) -> bytes:
    """The paper with the pages of the document on its pages `places`, in order. Same input, same bytes.

    Raises InputRefused: see `open_pdf` and `Copier`; and what pypdf raises for hostile input.
    """
    writer = PdfWriter(clone_from=PdfReader(BytesIO(paper)))
    writer.pdf_header = "%PDF-1.7"  # what others' pages are drawn with may be of any version up to this one
    pages = list(writer.pages)
    copier = Copier(writer)
    for place, page in zip(places, open_pdf(document).pages, strict=True):
        _put(writer, copier, page, pages[place])
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def _put(writer: PdfWriter, copier: Copier, page: ForeignPage, stand_in: PageObject) -> None:
    forms: list[tuple[tuple[float, ...], IndirectObject]] = [((1, 0, 0, 1, 0, 0), copier.as_form(page))]
    forms += [(look.matrix, _drawn(writer, copier, look)) for look in looks(page.page)]
    resources = DictionaryObject()
    operators = [f"q {_matrix(page.placed)}"]
    for number, (matrix, form) in enumerate(forms):
        name = f"/Foreign{number}"
        resources[NameObject(name)] = form
        operators.append(f"q {_matrix(matrix)} {name} Do Q")
    stream = StreamObject()
    stream._data = "\n".join([*operators, "Q\n"]).encode()
    own = stand_in.raw_get("/Contents")
    stand_in[NameObject("/Contents")] = ArrayObject([writer._add_object(stream), own])
    _resources(stand_in)[NameObject("/XObject")] = resources


def _drawn(writer: PdfWriter, copier: Copier, look: Look) -> IndirectObject:
    copied = copier.copy(look.appearance)
    return copied if isinstance(copied, IndirectObject) else writer._add_object(copied)


def _resources(page: PageObject) -> DictionaryObject:
    found = page["/Resources"].get_object()
    if not isinstance(found, DictionaryObject):
        raise TypeError("a page of ours without resources")
    return found


def _matrix(matrix: tuple[float, ...]) -> str:
    return " ".join(f"{value + 0.0:.5f}".rstrip("0").rstrip(".") for value in matrix) + " cm"
