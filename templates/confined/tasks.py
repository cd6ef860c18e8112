# mypy: allow-untyped-calls
"""What the confined process can do. Each task reads one document; `templates.foreign_papers` is the other end."""

import codecs
from collections.abc import Callable, Mapping
from contextlib import suppress
from encodings.aliases import aliases
from typing import cast

from gateway.domain.codes import Code
from gateway.domain.naming import Identity, Naming, naming_of
from gateway.domain.problem import InputRefused
from gateway.ports.fax import FaxCoding, FaxResolution
from templates.confined.frames import ANSWER, Frame, Value
from templates.confined.sample import locked_sample, sample, sample_image
from templates.fax.raster import rasterize
from templates.foreign.activity import refuse_activity
from templates.foreign.binding import bind
from templates.foreign.codes import codes
from templates.foreign.joining import Arrival, balances_of, join, tagged_part
from templates.foreign.pictures import pictures
from templates.foreign.reader import (
    open_pdf,
    open_reader,
    refuse_hidden_content,
    refuse_what_was_mended,
    says_it_conforms,
)
from templates.foreign.text import is_blank, open_for_pdfium, page_texts

Task = Callable[[Frame], Frame]


def _measure(request: Frame) -> Frame:
    """Whether a document that is to be joined is tagged and says of itself that it conforms to PDF/UA-1 and PDF/A,
    and the displayed size of each of its pages."""
    file = open_pdf(request.blobs[0])
    conforms = says_it_conforms(file) and tagged_part(file, balances_of(file)) is not None
    refuse_what_was_mended(file.reader)
    return Frame(name=ANSWER, values=[conforms, *(list(page.size) for page in file.pages)])


def _count(request: Frame) -> Frame:
    """The number of pages of a document that travels byte for byte, in which nothing may act."""
    reader = open_reader(request.blobs[0])
    refuse_hidden_content(reader.Root)
    refuse_activity(reader)
    refuse_what_was_mended(reader)
    return Frame(name=ANSWER, values=[len(reader.pages)])


def _join(request: Frame) -> Frame:
    """The first file with the pages of the second on its pages of these numbers."""
    paper, content = request.blobs
    language, *places = cast(list[str | int], request.values)
    arrival = Arrival(content=content, places=[int(place) for place in places], language=str(language))
    return Frame(name=ANSWER, blobs=[join(paper, arrival)])


def _bind(request: Frame) -> Frame:
    """The files one behind the other, for print."""
    content, pages = bind(request.blobs, duplex=request.values[0] is True)
    return Frame(name=ANSWER, values=[pages], blobs=[content])


def _naming(request: Frame) -> Frame:
    """What the text says of its matter. Only that leaves this process."""
    own_files, all_files, ucis = cast(tuple[list[str], list[str], list[str] | None], request.values)
    identity = Identity(
        own_files=tuple(own_files), all_files=tuple(all_files), ucis=None if ucis is None else tuple(ucis)
    )
    document = open_for_pdfium(request.blobs[0])
    try:
        naming = naming_of(page_texts(document), identity)
        if naming is Naming.NO_TEXT and is_blank(document):
            raise InputRefused(Code.DOCUMENT_UNREADABLE)
        return Frame(name=ANSWER, values=[naming.value])
    finally:
        document.close()


def _raster(request: Frame) -> Frame:
    """The pages as a fax carries them."""
    resolution, coding = cast(tuple[str, str], request.values)
    content, pages = rasterize(request.blobs[0], FaxResolution(resolution), FaxCoding(coding))
    return Frame(name=ANSWER, values=[pages], blobs=[content])


def _codes(request: Frame) -> Frame:
    """What the codes on the pages of a file say: QR codes, or bar codes."""
    (bars,) = cast(list[bool], request.values)
    return Frame(name=ANSWER, values=codes(request.blobs[0], bars=bars))


def _picture(request: Frame) -> Frame:
    """The page of that number as dots of grey, whether there are more, and how wide and high it is; of a file that has
    fewer pages, how many it has."""
    number = int(cast(int, request.values[0]))
    pages = pictures(request.blobs[0])
    seen = 0
    for page in pages:
        seen += 1
        if seen == number:
            more = next(pages, None) is not None
            return Frame(name=ANSWER, values=[seen, more, page.width, page.height], blobs=[page.tobytes()])
    return Frame(name=ANSWER, values=[seen])


TASKS: Mapping[str, Task] = {
    "measure": _measure,
    "count": _count,
    "join": _join,
    "bind": _bind,
    "naming": _naming,
    "raster": _raster,
    "codes": _codes,
    "picture": _picture,
}


def warm_up() -> None:
    """Runs what the libraries would import late: once confined, nothing more can be opened.

    A character encoding, too, is a file that Python opens when a document first asks for it.
    """
    for encoding in set(aliases.values()):
        with suppress(LookupError):
            codecs.lookup(encoding)
    content = sample()
    nobody: list[Value] = [["TC0-00000"], ["TC0-00000"], None]
    for name, values, blobs in (
        ("measure", [], [content]),
        ("count", [], [content]),
        ("join", ["en", 0], [content, content]),
        ("bind", [True], [content, content]),
        ("naming", nobody, [content]),
        ("raster", [FaxResolution.STANDARD.value, FaxCoding.MH.value], [content]),
        ("raster", [FaxResolution.STANDARD.value, FaxCoding.MMR.value], [content]),
        ("codes", [True], [content]),
        *(("codes", [False], [sample_image(kind)]) for kind in ("TIFF", "JPEG", "PNG")),
    ):
        TASKS[name](Frame(name=name, values=cast(list[Value], values), blobs=blobs))
    with suppress(InputRefused):
        TASKS["measure"](Frame(name="measure", blobs=[locked_sample()]))
