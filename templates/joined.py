# mypy: allow-untyped-calls
"""Reasons that come as PDF, joined behind our letter and notice.

Each foreign page becomes a form on a page of ours, of the same size, whose margin already carries file number and page
number. What is seen of its annotations (a filled-in field, the look of a signature) is drawn; the annotations, links
and actions themselves stay behind. Our own file keeps its catalogue and structure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from gateway.ports.papers import SourceDocument
from templates.annotations import Look, looks
from templates.copying import Copier
from templates.foreign_pdf import ForeignPage, open_pdf, refusing
from templates.matter import Matter
from templates.pdf.document import Description, Paper, Section, build, stand_in
from templates.reasons import reasons


@dataclass(frozen=True, kw_only=True)
class _Arrival:
    """A foreign document and the number of its first section among the stand-ins."""

    where: str
    first_section: int
    pages: tuple[ForeignPage, ...]


def lay_out_and_join(
    matter: Matter, before: Sequence[Section], documents: Sequence[SourceDocument], description: Description
) -> Paper:
    """The sections, then the documents in order: Markdown typeset, PDF pages joined. Same input, same bytes.

    Raises InputRefused with the document's path: see `open_pdf` and `reasons`; document.unreadable when something in
    a page cannot be copied.
    """
    sections, arrivals = list(before), []
    for source in documents:
        document = source.document
        if document.media_type == "text/markdown":
            sections.append(reasons(matter, source))
            continue
        pages = open_pdf(source.content, document.path)
        arrivals.append(_Arrival(where=document.path, first_section=len(sections), pages=pages))
        furniture = matter.furniture(document.language, strip=True)
        sections += [stand_in(page.size, furniture) for page in pages]
    paper = build(sections, replace(description, conforming=not arrivals))
    return replace(paper, content=_join(paper, arrivals))


def _join(paper: Paper, arrivals: Sequence[_Arrival]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(paper.content)))
    writer.pdf_header = "%PDF-1.7"  # what others' pages are drawn with may be of any version up to this one
    pages = list(writer.pages)
    for arrival in arrivals:
        with refusing(arrival.where):
            copier = Copier(writer)
            for offset, page in enumerate(arrival.pages):
                _put(writer, copier, page, pages[paper.section_starts[arrival.first_section + offset]])
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def _put(writer: PdfWriter, copier: Copier, page: ForeignPage, stand_in: PageObject) -> None:
    forms: list[tuple[tuple[float, ...], IndirectObject]] = [((1, 0, 0, 1, 0, 0), copier.as_form(page))]
    forms += [(look.matrix, _drawn(writer, copier, look)) for look in looks(page.page)]
    resources = DictionaryObject()
    operators = [f"q {_matrix(_placed(page))}"]
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


def _placed(page: ForeignPage) -> tuple[float, ...]:
    """The matrix that brings the visible box upright to the origin (ISO 32000-1, 8.3.3)."""
    box, unit = page.box, page.unit
    a, b, c, d, e, f = {
        0: (1, 0, 0, 1, -box.left, -box.bottom),
        90: (0, -1, 1, 0, -box.bottom, box.right),
        180: (-1, 0, 0, -1, box.right, box.top),
        270: (0, 1, -1, 0, box.top, -box.left),
    }[page.turned]
    return tuple(value * unit for value in (a, b, c, d, e, f))


def _matrix(matrix: tuple[float, ...]) -> str:
    return " ".join(f"{value + 0.0:.5f}".rstrip("0").rstrip(".") for value in matrix) + " cm"
