# mypy: allow-untyped-calls
"""The pages that somebody sent back as pictures in grey: of TIFF, PDF, JPEG or PNG.

Runs in the confined process alone. Of a page its dots leave it and nothing else.
"""

from collections.abc import Iterator
from io import BytesIO

from PIL import Image

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.foreign.text import open_for_pdfium

MOST_PAGES = 200
"""What somebody sends back is a page, or the papers with it; a file of more is for a person."""
MOST_DOTS = 50_000_000
"""Of one page as it says itself: a letter page of 700 dots to the inch."""
_MOST_ACROSS = 2_400
"""Dots of the longer side that are looked at: more make no page clearer, and cost time."""
_SQUARE = (2 / 3, 3 / 2)
"""Between these a page's dots count as square; a coarse fax has half as many down as across."""
_INCH = 72
_DRAWN = 200  # dots to the inch
_FORMATS = ("TIFF", "JPEG", "PNG")
_PDF = b"%PDF"
_WHERE_PDF_BEGINS = 1024  # octets: ISO 32000-1, annex H.3.4.1


def pictures(content: bytes) -> Iterator[Image.Image]:
    """The pages, one after the other, each when it is asked for. Raises InputRefused (document.*)."""
    return _pdf_pages(content) if _PDF in content[:_WHERE_PDF_BEGINS] else _image_pages(content)


def _pdf_pages(content: bytes) -> Iterator[Image.Image]:
    document = open_for_pdfium(content)
    try:
        _refuse_beyond(len(document))
        for page in document:
            scale = min(_DRAWN / _INCH, _MOST_ACROSS / max(1.0, *page.get_size()))
            drawn = page.render(scale=scale, grayscale=True)
            yield drawn.to_pil().convert("L")
            page.close()
    finally:
        document.close()


def _image_pages(content: bytes) -> Iterator[Image.Image]:
    with Image.open(BytesIO(content), formats=_FORMATS) as file:
        number = 0
        while True:
            try:
                file.seek(number)
            except EOFError:
                return
            number += 1
            _refuse_beyond(number)
            if file.width * file.height > MOST_DOTS:
                raise InputRefused(Code.DOCUMENT_TOO_LARGE, pages=number)
            yield _upright(file)


def _upright(file: Image.Image) -> Image.Image:
    """The page in grey, its dots square, no larger than is looked at."""
    across, down = file.info.get("dpi") or (1, 1)
    ratio = float(across) / float(down) if across and down else 1.0
    square = _SQUARE[0] < ratio < _SQUARE[1]
    width, height = (file.width, file.height) if square else (file.width, round(file.height * ratio))
    scale = min(1.0, _MOST_ACROSS / max(width, height))
    grey = file.convert("L")
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return grey if size == grey.size else grey.resize(size, Image.Resampling.BILINEAR)


def _refuse_beyond(pages: int) -> None:
    if pages > MOST_PAGES:
        raise InputRefused(Code.DOCUMENT_TOO_LARGE, pages=pages)
