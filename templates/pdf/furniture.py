# mypy: allow-untyped-calls
"""What stands on every page beside its text: the division at the head, file number and page number at the foot.

All of it is marked as an artifact (ISO 32000-1, 14.8.2.2), which readers for the blind pass over.
"""

from collections.abc import Callable
from dataclasses import dataclass

from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from templates.pdf import fonts, styles

_HEAD_FROM_TOP = 50.0
_FOOT = 46.0
_SIZE = 9.0
_RULE_GAP = 12.0

_FILES_SHARE = 0.8
_LEADING = 1.15
_LEAST_SIZE = 3.0
_EDGE = 4.0

_STRIP_FOOT = 14.0
_STRIP_SIDE = 20.0
_STRIP_SIZE = 7.5


@dataclass(frozen=True, kw_only=True)
class Furniture:
    """The texts at the edge of the pages of one section. `head_on_first` is False below a letterhead.

    `strip` is for a page that came as PDF: file and page number in its lower margin and nothing else."""

    head: str
    files: str
    number: Callable[[int, int], str]
    head_on_first: bool = True
    strip: bool = False


def draw(
    canvas: Canvas, furniture: Furniture, size: tuple[float, float], page: int, pages: int, *, first: bool
) -> None:
    """Draws the furniture of page `page` of `pages`, of `size` points, onto the canvas."""
    canvas.addLiteral("/Artifact <</Type /Pagination>> BDC")
    canvas.saveState()
    number = furniture.number(page, pages)
    if furniture.strip:
        _strip(canvas, furniture.files, number, size[0])
    else:
        _foot(canvas, furniture.files, number, size[0])
        if furniture.head_on_first or not first:
            _head(canvas, furniture.head, size)
    canvas.restoreState()
    canvas.addLiteral("EMC")


def _head(canvas: Canvas, head: str, size: tuple[float, float]) -> None:
    canvas.setFillColor(styles.QUIET_INK)
    canvas.setFont(fonts.REGULAR, _SIZE)
    canvas.drawString(styles.SIDE_MARGIN, size[1] - _HEAD_FROM_TOP, head)


def _foot(canvas: Canvas, files: str, number: str, width: float) -> None:
    canvas.setStrokeColor(styles.LINE)
    canvas.setLineWidth(0.5)
    canvas.line(styles.SIDE_MARGIN, _FOOT + _RULE_GAP, width - styles.SIDE_MARGIN, _FOOT + _RULE_GAP)
    canvas.setFillColor(styles.QUIET_INK)
    canvas.setFont(fonts.REGULAR, _SIZE)
    canvas.drawRightString(width - styles.SIDE_MARGIN, _FOOT, number)
    _files(canvas, files, (styles.SIDE_MARGIN, _FOOT), width - 2 * styles.SIDE_MARGIN, _SIZE)


def _strip(canvas: Canvas, files: str, number: str, width: float) -> None:
    canvas.setFillColor(styles.INK)
    canvas.setFont(fonts.REGULAR, _STRIP_SIZE)
    canvas.drawRightString(width - _STRIP_SIDE, _STRIP_FOOT, number)
    _files(canvas, files, (_STRIP_SIDE, _STRIP_FOOT), width - 2 * _STRIP_SIDE, _STRIP_SIZE)


def _files(canvas: Canvas, files: str, at: tuple[float, float], room: float, size: float) -> None:
    """The file numbers beside the page number; many of them run on downwards, and become smaller before they fall off
    the page: none is left out."""
    x, y = at
    while True:
        lines = simpleSplit(files, fonts.REGULAR, size, room * _FILES_SHARE)
        if size <= _LEAST_SIZE or (len(lines) - 1) * size * _LEADING <= y - _EDGE:
            break
        size -= 0.5
    canvas.setFont(fonts.REGULAR, size)
    for number, line in enumerate(lines):
        canvas.drawString(x, y - number * size * _LEADING, line)
