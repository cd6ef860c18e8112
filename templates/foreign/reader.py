"""Opens a PDF with distrust, and takes it apart to what is seen on its pages.

What a page shows is copied object by object into a file of ours; the file around it (catalogue, names, actions,
attachments, annotations) stays behind. What would then look different from what was signed is refused. Whatever else
qpdf raises for a crafted or damaged file is caught at the edge of the confined process.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pikepdf import Array, Dictionary, Object, PasswordError, Pdf, Stream, StreamDecodeLevel, settings

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

settings.set_qpdf_limits(
    flate_max_memory=MOST_BYTES,
    run_length_max_memory=MOST_BYTES,
    png_max_memory=MOST_BYTES,
    tiff_max_memory=MOST_BYTES,
)
"""Of the whole process, which is the confined one: what a stream unpacks to."""

Key = tuple[int, int]
"""Number and generation of an object; (0, 0) of one that stands within another."""


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

    page: Object
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

    root: Object
    pages: tuple[ForeignPage, ...]
    reader: Pdf


def open_pdf(content: bytes) -> ForeignFile:
    """The pages of a PDF that is to be joined.

    Raises InputRefused: document.encrypted (permissions alone are enough), document.too-large,
    document.hidden-content (layers off, dynamic forms), document.unreadable; and what qpdf raises.
    """
    reader = open_reader(content)
    refuse_hidden_content(reader.Root)
    return ForeignFile(root=reader.Root, pages=tuple(_page(page.obj) for page in reader.pages), reader=reader)


def says_it_conforms(file: ForeignFile) -> bool:
    """Whether the file's metadata claim PDF/UA-1 and a level A of PDF/A. A claim is no proof, and is only repeated."""
    metadata = file.root.get("/Metadata")
    if not isinstance(metadata, Stream):
        return False
    claims = unpacked(metadata)
    return all(claim.search(claims) is not None for claim in _CLAIMS)


def open_reader(content: bytes) -> Pdf:
    """A file that has to be mended is refused: every program mends in its own way, and shows something else.

    What is wrong with an object shows when it is first looked at: see `refuse_what_was_mended`. Raises InputRefused
    (document.encrypted, document.too-large, document.unreadable), and what qpdf raises.
    """
    if len(content) > MOST_BYTES:
        raise InputRefused(Code.DOCUMENT_TOO_LARGE, bytes=len(content))
    try:
        reader = Pdf.open(BytesIO(content), attempt_recovery=False)
    except PasswordError as error:
        raise InputRefused(Code.DOCUMENT_ENCRYPTED) from error
    if reader.is_encrypted:
        raise InputRefused(Code.DOCUMENT_ENCRYPTED)
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise InputRefused(Code.DOCUMENT_TOO_LARGE, pages=pages)
    if not pages:
        raise InputRefused(Code.DOCUMENT_UNREADABLE)
    return reader


def refuse_what_was_mended(reader: Pdf) -> None:
    """To be asked once all that counts has been looked at: qpdf warns of what it mended or left out.

    Raises InputRefused (document.unreadable).
    """
    if reader.get_warnings():
        raise InputRefused(Code.DOCUMENT_UNREADABLE)


def refuse_hidden_content(root: Object) -> None:
    """Layers that are off, and forms drawn by the program that opens them: signed and seen may differ.

    Raises InputRefused (document.hidden-content).
    """
    layers = dictionary(dictionary(root.get("/OCProperties")).get("/D"))
    form = dictionary(root.get("/AcroForm"))
    off = layers.get("/OFF")
    hidden = (
        (off is not None and (not isinstance(off, Array) or len(off) > 0))
        or str(layers.get("/BaseState", "/ON")) != "/ON"
        or "/XFA" in form
        or says_yes(form.get("/NeedAppearances"))
        or says_yes(root.get("/NeedsRendering"))
    )
    if hidden:
        raise InputRefused(Code.DOCUMENT_HIDDEN_CONTENT)


def dictionary(value: object) -> Object:
    """The dictionary that the value is, that of a stream included; an empty one where it is something else."""
    return value if isinstance(value, Dictionary | Stream) else Dictionary()


def says_yes(value: object) -> bool:
    """Whether the value is `true`."""
    return value is True


def array(value: object) -> Sequence[Object]:
    """What is in the array that the value is; nothing where it is something else."""
    return list(value) if isinstance(value, Array) else ()


def key_of(value: object) -> Key:
    """The key of an object, where the value is one."""
    return value.objgen if isinstance(value, Object) else (0, 0)


def _page(page: Object) -> ForeignPage:
    media = _rectangle(page["/MediaBox"])
    crop = _rectangle(page["/CropBox"]) if "/CropBox" in page else media
    box = Box(
        left=max(media.left, crop.left),
        bottom=max(media.bottom, crop.bottom),
        right=min(media.right, crop.right),
        top=min(media.top, crop.top),
    )
    turned = int(page.get("/Rotate", 0)) % 360
    found = ForeignPage(
        page=page, box=box, turned=turned if turned % 90 == 0 else 0, unit=float(page.get("/UserUnit", 1))
    )
    if not all(_SMALLEST_SIDE <= side <= _LARGEST_SIDE for side in found.size):
        raise ValueError("a page of no usable size")
    return found


def _rectangle(value: Object) -> Box:
    left, bottom, right, top = (float(side) for side in array(value))
    return Box(left=min(left, right), bottom=min(bottom, top), right=max(left, right), top=max(bottom, top))


def contents_of(page: Object) -> list[Object]:
    """The content streams of a page. A page without any is blank."""
    found = page.get("/Contents")
    if found is None:
        return []
    parts = list(array(found)) if isinstance(found, Array) else [found]
    if not all(isinstance(part, Stream) for part in parts):
        raise ValueError("a content stream that is none")
    if any("/F" in part for part in parts):
        raise InputRefused(Code.DOCUMENT_EXTERNAL_CONTENT)
    return parts


def check_unpacks(stream: Object) -> None:
    """A damaged stream is copied as it is: what shows half of its text is refused before. Raises as `unpacked` does."""
    if _is_deflated(stream):
        _inflated(stream)


def unpacked(stream: Object) -> bytes:
    """What a stream holds. Raises InputRefused (document.too-large), and what qpdf and zlib raise."""
    return _inflated(stream) if _is_deflated(stream) else stream.read_bytes(StreamDecodeLevel.specialized)


def _is_deflated(stream: Object) -> bool:
    return str(stream.get("/Filter")) == "/FlateDecode" and "/DecodeParms" not in stream


def _inflated(stream: Object) -> bytes:
    """qpdf reads what it can of a damaged stream and says nothing: a page would come out with half its text."""
    packed = stream.read_raw_bytes()
    unpacker, parts, total = zlib.decompressobj(), [], 0
    while packed and not unpacker.eof:
        parts.append(unpacker.decompress(packed, _CHUNK))
        packed = unpacker.unconsumed_tail
        total += len(parts[-1])
        if total > MOST_BYTES:
            raise InputRefused(Code.DOCUMENT_TOO_LARGE, bytes=total)
    return b"".join(parts)
