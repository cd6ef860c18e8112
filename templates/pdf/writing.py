"""What was drawn, written as a file that is PDF/UA-1 and PDF/A-2a at once (ISO 14289-1, ISO 19005-2).

With attachments it is PDF/A-3a (ISO 19005-3).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from templates.pdf.canvas import Drawn, PaperCanvas
from templates.pdf.embedding import FontUse
from templates.pdf.file import PdfFile, deflated, text_string
from templates.pdf.furniture import Furniture, draw_edges
from templates.pdf.metadata import PRODUCER, Description, moment_of, xmp
from templates.pdf.parts import Entry, Part, PartPage, Structured, write_part
from templates.pdf.structure import Tables, write_section, write_tree


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file within the paper. `relationship` is `Source`, `Data`, `Supplement` (ISO 19005-3, 6.8); `what` says it."""

    name: str
    media_type: str
    content: bytes
    relationship: str
    what: str


_PAGES, _FONTS, _STRUCTURE, _DOCUMENT = 1, 2, 3, 4
"""The object numbers of what every paper has, so that what refers to it can be written before it."""


@dataclass(frozen=True, kw_only=True)
class Inlay:
    """Pages at the end of several papers, laid out and written once. Nobody changes it: each paper takes copies.

    `streams` are the object numbers of the pages' operators.
    """

    file: PdfFile
    tables: Tables
    fonts: FontUse
    part: Part
    streams: Sequence[int]


def write_inlay(drawn: Drawn, sections: Sequence[Structured]) -> Inlay:
    """What was drawn, so that papers can end with it."""
    file, tables = _begun(), Tables()
    part = write_part(file, drawn, sections, tables)
    streams = [file.add_stream(page.code.encode("latin-1")) for page in part.pages]
    file.pack()
    bare = replace(part, pages=[replace(page, code="") for page in part.pages])
    return Inlay(file=file, tables=tables, fonts=drawn.fonts, part=bare, streams=streams)


def write_paper(
    canvas: PaperCanvas,
    sections: Sequence[Structured],
    furniture: Sequence[Furniture],
    description: Description,
    *,
    attachments: Sequence[Attachment] = (),
    inlay: Inlay | None = None,
) -> bytes:
    """The finished file: what was drawn, then the inlay. `furniture` is that of each section of both.

    The same input gives the same bytes.
    """
    file = inlay.file.copy() if inlay else _begun()
    tables = inlay.tables.copy() if inlay else Tables()
    parts = [write_part(file, canvas.drawn, sections, tables)]
    if inlay:
        parts.append(_behind(inlay.part, len(sections)))
    pages = [page for part in parts for page in part.pages]
    _write_structure(file, parts, description.language, tables)
    edges = draw_edges(canvas, [page.of for page in pages], furniture)
    _write_pages(file, pages, edges, inlay.streams if inlay else ())
    canvas.drawn.fonts.write(file, _FONTS)
    described = xmp(description, attached=bool(attachments))
    metadata = file.add_stream(described, "/Type/Metadata/Subtype/XML", plain=True)
    catalogue = [
        f"<</Type/Catalog/Pages {_PAGES} 0 R/StructTreeRoot {_STRUCTURE} 0 R/MarkInfo<</Marked true>>",
        f"/Lang{text_string(description.language)}/ViewerPreferences<</DisplayDocTitle true>>",
        f"/Metadata {metadata} 0 R",
        f"/OutputIntents[{_output_intent(file)} 0 R]",
    ]
    bookmarks = [one for part in parts for one in part.bookmarks]
    if bookmarks:
        catalogue.append(f"/Outlines {_write_outline(file, bookmarks)} 0 R")
    if attachments:
        catalogue.append(_attached(file, attachments, description.date))
    root = file.add("".join([*catalogue, ">>"]))
    return file.finish(root, file.add(_info(description)))


def _begun() -> PdfFile:
    file = PdfFile()
    file.reserve(_DOCUMENT)
    return file


def _behind(part: Part, sections: int) -> Part:
    """The part behind so many sections."""
    pages = [replace(page, of=replace(page.of, section=sections + page.of.section)) for page in part.pages]
    return replace(part, pages=pages)


def _write_structure(file: PdfFile, parts: Sequence[Part], language: str, tables: Tables) -> None:
    sections = [section for part in parts for section in part.sections]
    for section in sections:
        spoken = section.language if section.language != language else None
        write_section(file, section.number, _DOCUMENT, section.kids, spoken)
    write_tree(file, _STRUCTURE, _DOCUMENT, [section.number for section in sections], tables)


def _write_pages(file: PdfFile, pages: Sequence[PartPage], edges: Sequence[str], streams: Sequence[int]) -> None:
    """`streams`: of the last pages, whose operators are in the file already; only the edge is added to these."""
    written: list[int | None] = [*[None] * (len(pages) - len(streams)), *streams]
    for page, edge, stream in zip(pages, edges, written, strict=True):
        code = edge if stream is not None else "\n".join([page.code, edge])
        added = file.add_stream(code.encode("latin-1"))
        contents = f"{added} 0 R" if stream is None else f"[{stream} 0 R {added} 0 R]"
        annotations = " ".join(f"{one} 0 R" for one in page.annotations)
        file.set(
            page.number,
            f"<</Type/Page/Parent {_PAGES} 0 R/MediaBox[0 0 {page.of.size[0]:g} {page.of.size[1]:g}]"
            f"/Contents {contents}/Resources<</Font {_FONTS} 0 R>>/StructParents {page.key}/Tabs/S"
            f"{f'/Annots[{annotations}]' if annotations else ''}>>",
        )
    kids = " ".join(f"{page.number} 0 R" for page in pages)
    file.set(_PAGES, f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>")


@lru_cache(maxsize=1)
def _profile() -> bytes:
    return deflated((files("templates") / "fonts" / "srgb.icc").read_bytes())


def _output_intent(file: PdfFile) -> int:
    profile = file.add_stream(_profile(), "/N 3", packed=True)
    return file.add(
        "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB IEC61966-2.1)"
        f"/DestOutputProfile {profile} 0 R>>"
    )


def _write_outline(file: PdfFile, bookmarks: Sequence[Entry]) -> int:
    """The bookmarks as a tree: each hangs under the nearest one before it of a lower level."""
    root = file.reserve(len(bookmarks) + 1)
    kids: dict[int, list[int]] = {}
    above: list[int] = []
    parents: list[int] = []
    for index, one in enumerate(bookmarks):
        while above and bookmarks[above[-1]].level >= one.level:
            above.pop()
        parents.append(root + 1 + above[-1] if above else root)
        kids.setdefault(parents[-1], []).append(root + 1 + index)
        above.append(index)
    for index, one in enumerate(bookmarks):
        number, siblings = root + 1 + index, kids[parents[index]]
        at = siblings.index(number)
        beside = f"/Prev {siblings[at - 1]} 0 R" if at else ""
        beside += f"/Next {siblings[at + 1]} 0 R" if at + 1 < len(siblings) else ""
        file.set(
            number,
            f"<</Title{text_string(one.title)}/Parent {parents[index]} 0 R/Dest{one.destination}"
            f"{beside}{_ends(kids.get(number, ()), closed=True)}>>",
        )
    file.set(root, f"<</Type/Outlines{_ends(kids[root], closed=False)}>>")
    return root


def _ends(kids: Sequence[int], *, closed: bool) -> str:
    if not kids:
        return ""
    return f"/First {kids[0]} 0 R/Last {kids[-1]} 0 R/Count {-len(kids) if closed else len(kids)}"


def _attached(file: PdfFile, attachments: Sequence[Attachment], date: dt.date) -> str:
    """The catalogue's entries for associated files."""
    specifications = []
    for one in attachments:
        subtype = one.media_type.replace("/", "#2F")
        stream = file.add_stream(
            one.content,
            f"/Type/EmbeddedFile/Subtype/{subtype}/Params<</Size {len(one.content)}/ModDate({moment_of(date)})>>",
        )
        name = text_string(one.name)
        number = file.add(
            f"<</Type/Filespec/F{name}/UF{name}/AFRelationship/{one.relationship}/Desc{text_string(one.what)}"
            f"/EF<</F {stream} 0 R/UF {stream} 0 R>>>>"
        )
        specifications.append((one.name, number))
    listed = " ".join(f"{text_string(name)} {number} 0 R" for name, number in sorted(specifications))
    references = " ".join(f"{number} 0 R" for _, number in specifications)
    return f"/AF[{references}]/Names<</EmbeddedFiles<</Names[{listed}]>>>>"


def _info(description: Description) -> str:
    moment = moment_of(description.date)
    return (
        f"<</Title{text_string(description.title)}/Author{text_string(description.author)}"
        f"/Creator{text_string(description.author)}/Producer({PRODUCER})"
        f"/CreationDate({moment})/ModDate({moment})>>"
    )
