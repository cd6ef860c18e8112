# mypy: allow-untyped-calls
"""Draws PDF pages as fax dots. Runs in the confined process alone: PDFium draws, libtiff codes.

Text is cut at one threshold of grey; it reads better than dithered text and is half as large.
"""

import ctypes
from io import BytesIO
from typing import cast

import pypdfium2
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile
from pypdfium2 import raw

from gateway.ports.fax import FaxCoding, FaxResolution
from templates.fax import tiff
from templates.fax.tiff import ACROSS, REVERSED, WIDTH, Strip
from templates.foreign.text import open_for_pdfium

_BLACK_BELOW = 144
"""Of 255. Below it a dot is black."""
_DOTS = bytes(255 if grey < _BLACK_BELOW else 0 for grey in range(256))
"""Black is one, as PhotometricInterpretation 0 wants it."""

_INCH = 72.0
_MOST_HEIGHT = 14.0
"""Inches of a legal page; what is longer is made smaller, for many machines cut it there."""

_A_HAIR = 0.99
"""A letter page is a hair wider than 1728 dots. Its height is kept, for machines expect 2156 lines of one."""

_STRIP_OFFSETS, _STRIP_BYTE_COUNTS, _ROWS_PER_STRIP, _T4_OPTIONS = 273, 279, 278, 292
_LINES_DOWN = {FaxResolution.FINE: 196, FaxResolution.STANDARD: 98}
_WHITE = 0xFFFFFFFF
_FLAGS = raw.FPDF_ANNOT | raw.FPDF_PRINTING | raw.FPDF_GRAYSCALE


def rasterize(content: bytes, resolution: FaxResolution, coding: FaxCoding) -> tuple[bytes, int]:
    """The TIFF and the number of its pages. Raises InputRefused, see `open_for_pdfium`."""
    down = _LINES_DOWN[resolution]
    document = open_for_pdfium(content)
    try:
        strips = []
        for page in document:
            dots = _drawn(page, down)
            strips.append(Strip(coded=_coded(dots, coding), lines=dots.height, down=down, t6=coding is FaxCoding.MMR))
            page.close()
        return tiff.write(strips), len(strips)
    finally:
        document.close()


def _drawn(page: pypdfium2.PdfPage, down: int) -> Image.Image:
    """The page upright on 1728 dots: as large as it is, or smaller where it would not fit."""
    width, height = page.get_size()
    turn = 1 if width > height else 0
    if turn:
        width, height = height, width
    scale = min(1.0, WIDTH / ACROSS / (width / _INCH), _MOST_HEIGHT / (height / _INCH))
    across = min(WIDTH, round(width / _INCH * ACROSS * scale))
    lines = max(1, round(height / _INCH * down * (1.0 if scale > _A_HAIR else scale)))
    buffer = (ctypes.c_ubyte * (WIDTH * lines))()
    bitmap = raw.FPDFBitmap_CreateEx(WIDTH, lines, raw.FPDFBitmap_Gray, buffer, WIDTH)
    try:
        raw.FPDFBitmap_FillRect(bitmap, 0, 0, WIDTH, lines, _WHITE)
        raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, across, lines, turn, _FLAGS)
    finally:
        raw.FPDFBitmap_Destroy(bitmap)
    return Image.frombuffer("L", (WIDTH, lines), buffer, "raw", "L", 0, 1).point(_DOTS, "1")


def _coded(dots: Image.Image, coding: FaxCoding) -> bytes:
    """The dots as libtiff codes them, taken out of the file it makes around them."""
    file = BytesIO()
    options = {_ROWS_PER_STRIP: dots.height}
    if coding is FaxCoding.MMR:
        dots.save(file, "TIFF", compression="group4", tiffinfo=options)
    else:
        dots.save(file, "TIFF", compression="group3", tiffinfo=options | {_T4_OPTIONS: 4})
    file.seek(0)
    with Image.open(file) as made:
        tags = cast(TiffImageFile, made).tag_v2
        places, lengths = tags[_STRIP_OFFSETS], tags[_STRIP_BYTE_COUNTS]
    if len(places) != 1:
        raise ValueError("more than one strip")
    return file.getvalue()[places[0] : places[0] + lengths[0]].translate(REVERSED)
