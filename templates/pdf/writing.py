"""What was drawn, written as a file that is PDF/UA-1 and PDF/A-2a at once (ISO 14289-1, ISO 19005-2).

With attachments it is PDF/A-3a (ISO 19005-3).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from templates.pdf.canvas import Bookmark, Drawn, Link, Place
from templates.pdf.file import PdfFile, deflated, text_string
from templates.pdf.metadata import PRODUCER, Description, moment_of, xmp
from templates.pdf.structure import Element, Owners, write_structure


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file within the paper. `relationship` is `Source`, `Data`, `Supplement` (ISO 19005-3, 6.8); `what` says it."""

    name: str
    media_type: str
    content: bytes
    relationship: str
    what: str


def write_paper(
    drawn: Drawn, document: Element, description: Description, attachments: Sequence[Attachment] = ()
) -> bytes:
    """The finished file. The same input gives the same bytes."""
    file = PdfFile()
    pages = [file.reserve() for _ in drawn.pages]
    tree = file.reserve()
    links = [file.add(_link(link, index, drawn, pages)) for index, link in enumerate(drawn.links)]
    owners = Owners(marks=[page.marks for page in drawn.pages], annotations=[link.element for link in drawn.links])
    structure = write_structure(file, document, pages, links, owners)
    _write_pages(file, drawn, pages, tree, links)
    described = xmp(description, attached=bool(attachments))
    metadata = file.add_stream(described, "/Type/Metadata/Subtype/XML", plain=True)
    catalogue = [
        f"<</Type/Catalog/Pages {tree} 0 R/StructTreeRoot {structure} 0 R/MarkInfo<</Marked true>>",
        f"/Lang{text_string(description.language)}/ViewerPreferences<</DisplayDocTitle true>>",
        f"/Metadata {metadata} 0 R",
        f"/OutputIntents[{_output_intent(file)} 0 R]",
    ]
    if drawn.bookmarks:
        catalogue.append(f"/Outlines {_write_outline(file, drawn.bookmarks, pages)} 0 R")
    if attachments:
        catalogue.append(_attached(file, attachments, description.date))
    root = file.add("".join([*catalogue, ">>"]))
    return file.finish(root, file.add(_info(description)))


def _write_pages(file: PdfFile, drawn: Drawn, pages: Sequence[int], tree: int, links: Sequence[int]) -> None:
    fonts = drawn.fonts.write(file)
    on_page: dict[int, list[int]] = {}
    for link, number in zip(drawn.links, links, strict=True):
        on_page.setdefault(link.page, []).append(number)
    for index, (page, number) in enumerate(zip(drawn.pages, pages, strict=True)):
        content = file.add_stream(page.code.encode("latin-1"))
        annotations = " ".join(f"{one} 0 R" for one in on_page.get(index, ()))
        file.set(
            number,
            f"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 {page.size[0]:g} {page.size[1]:g}]/Contents {content} 0 R"
            f"/Resources<</Font {fonts} 0 R>>/StructParents {index}/Tabs/S"
            f"{f'/Annots[{annotations}]' if annotations else ''}>>",
        )
    kids = " ".join(f"{number} 0 R" for number in pages)
    file.set(tree, f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>")


def _link(link: Link, index: int, drawn: Drawn, pages: Sequence[int]) -> str:
    left, bottom, right, top = link.box
    return (
        f"<</Type/Annot/Subtype/Link/F 4/Rect[{left:.2f} {bottom:.2f} {right:.2f} {top:.2f}]/Border[0 0 0]"
        f"/Contents{text_string(link.what)}/StructParent {len(pages) + index}"
        f"/Dest{_destination(drawn.places[link.name], pages)}>>"
    )


def _destination(place: Place, pages: Sequence[int]) -> str:
    return f"[{pages[place.page]} 0 R/XYZ {place.x:.2f} {place.y:.2f} null]"


@lru_cache(maxsize=1)
def _profile() -> bytes:
    return deflated((files("templates") / "fonts" / "srgb.icc").read_bytes())


def _output_intent(file: PdfFile) -> int:
    profile = file.add_stream(_profile(), "/N 3", packed=True)
    return file.add(
        "<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB IEC61966-2.1)"
        f"/DestOutputProfile {profile} 0 R>>"
    )


def _write_outline(file: PdfFile, bookmarks: Sequence[Bookmark], pages: Sequence[int]) -> int:
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
            f"<</Title{text_string(one.title)}/Parent {parents[index]} 0 R/Dest{_destination(one.place, pages)}"
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
