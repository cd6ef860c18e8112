# mypy: allow-untyped-calls
"""Opens a PDF with distrust, and takes it apart to what is seen on its pages.

What a page shows is copied object by object into a file of ours; the file around it (catalogue, names, actions,
attachments, annotations) stays behind. What would then look different from what was signed is refused. Whatever else
pypdf raises for a crafted or damaged file is caught at the edge of the confined process.
"""

import logging
import re
import zlib
from dataclasses import dataclass
from io import BytesIO

from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

MOST_BYTES = 100_000_000
MOST_PAGES = 2_000
_CHUNK = 1 << 16
_CLAIMS = (
    re.compile(rb"pdfuaid:part(?:>|\s*=\s*[\"'])\s*1\b"),
    re.compile(rb"pdfaid:conformance(?:>|\s*=\s*[\"'])\s*A\b"),
)
_SMALLEST_SIDE, _LARGEST_SIDE = 36.0, 14_400.0
"""Points: half an inch; the largest page of PDF 1.7 (ISO 32000-1, annex C)."""

logging.getLogger("pypdf").setLevel(logging.CRITICAL)
"""pypdf reports flaws of a file by quoting from it; decision content does not belong in logs."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """The part of a page that is seen, in its own coordinates."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, kw_only=True)
class ForeignPage:
    """A page: its visible box, how far it is turned clockwise, and how many points its unit is."""

    page: PageObject
    box: Box
    turned: int
    unit: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed, in points."""
        width = (self.box.right - self.box.left) * self.unit
        height = (self.box.top - self.box.bottom) * self.unit
        return (height, width) if self.turned in (90, 270) else (width, height)

    @property
    def placed(self) -> tuple[float, ...]:
        """The matrix that brings the visible box upright to the origin (ISO 32000-1, 8.3.3)."""
        box = self.box
        matrix = {
            0: (1, 0, 0, 1, -box.left, -box.bottom),
            90: (0, -1, 1, 0, -box.bottom, box.right),
            180: (-1, 0, 0, -1, box.right, box.top),
            270: (0, 1, -1, 0, box.top, -box.left),
        }[self.turned]
        return tuple(value * self.unit for value in matrix)


@dataclass(frozen=True, kw_only=True)
class ForeignFile:
    """A PDF that is to be joined."""

    root: DictionaryObject
    pages: tuple[ForeignPage, ...]


def open_pdf(content: bytes) -> ForeignFile:
    """The pages of a PDF that is to be joined.

    Raises InputRefused: document.encrypted (permissions alone are enough), document.too-large,
    document.hidden-content (layers off, dynamic forms), document.unreadable; and what pypdf raises.
    """
    reader = open_reader(content, strict=True)
    refuse_hidden_content(reader.root_object)
    return ForeignFile(root=reader.root_object, pages=tuple(_page(page) for page in reader.pages))


def says_it_conforms(file: ForeignFile) -> bool:
    """Whether the file's metadata claim PDF/UA-1 and a level A of PDF/A. A claim is no proof, and is only repeated."""
    metadata = dictionary(file.root.get("/Metadata"))
    if not isinstance(metadata, StreamObject):
        return False
    claims = metadata.get_data()
    return all(claim.search(claims) is not None for claim in _CLAIMS)


def open_reader(content: bytes, *, strict: bool) -> PdfReader:
    """Strict where we copy: otherwise pypdf mends what it can and leaves the rest of a page out without a word.

    Raises InputRefused (document.encrypted, document.too-large, document.unreadable), and what pypdf raises.
    """
    if len(content) > MOST_BYTES:
        raise InputRefused(Code.DOCUMENT_TOO_LARGE, bytes=len(content))
    reader = PdfReader(BytesIO(content), strict=strict)
    if reader.is_encrypted:
        raise InputRefused(Code.DOCUMENT_ENCRYPTED)
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise InputRefused(Code.DOCUMENT_TOO_LARGE, pages=pages)
    if not pages:
        raise InputRefused(Code.DOCUMENT_UNREADABLE)
    return reader


def refuse_hidden_content(root: DictionaryObject) -> None:
    """Layers that are off, and forms drawn by the program that opens them: signed and seen may differ.

    Raises InputRefused (document.hidden-content).
    """
    layers = dictionary(dictionary(root.get("/OCProperties")).get("/D"))
    form = dictionary(root.get("/AcroForm"))
    needs_rendering = root.get("/NeedsRendering")
    hidden = (
        bool(layers.get("/OFF"))
        or layers.get("/BaseState", "/ON") != "/ON"
        or "/XFA" in form
        or bool(getattr(form.get("/NeedAppearances"), "value", False))
        or bool(getattr(needs_rendering, "value", False))
    )
    if hidden:
        raise InputRefused(Code.DOCUMENT_HIDDEN_CONTENT)


def dictionary(value: object) -> DictionaryObject:
    """The dictionary that the value is or refers to; an empty one where it is something else."""
    found = value.get_object() if hasattr(value, "get_object") else value
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _page(page: PageObject) -> ForeignPage:
    media, crop = page.mediabox, page.cropbox
    box = Box(
        left=max(float(media.left), float(crop.left)),
        bottom=max(float(media.bottom), float(crop.bottom)),
        right=min(float(media.right), float(crop.right)),
        top=min(float(media.top), float(crop.top)),
    )
    turned = int(page.get("/Rotate", 0) or 0) % 360
    found = ForeignPage(
        page=page, box=box, turned=turned if turned % 90 == 0 else 0, unit=float(page.get("/UserUnit", 1))
    )
    if not all(_SMALLEST_SIDE <= side <= _LARGEST_SIDE for side in found.size):
        raise ValueError("a page of no usable size")
    return found


def contents_of(page: PageObject) -> list[StreamObject]:
    """The content streams of a page, each checked to unpack. A page without any is blank."""
    found = page.get("/Contents")
    found = found.get_object() if found is not None else None
    if found is None:
        return []
    parts = [part.get_object() for part in found] if isinstance(found, ArrayObject) else [found]
    streams = [part for part in parts if isinstance(part, StreamObject)]
    if len(streams) != len(parts):
        raise ValueError("a content stream that is none")
    for stream in streams:
        if stream.get("/Filter") == "/FlateDecode":
            _check_unpacks(stream._data)
    return streams


def _check_unpacks(packed: bytes) -> None:
    """pypdf reads what it can of a damaged stream and says nothing: a page would come out with half its text."""
    unpacker, total = zlib.decompressobj(), 0
    while packed and not unpacker.eof:
        total += len(unpacker.decompress(packed, _CHUNK))
        packed = unpacker.unconsumed_tail
        if total > MOST_BYTES:
            raise InputRefused(Code.DOCUMENT_TOO_LARGE, bytes=total)
