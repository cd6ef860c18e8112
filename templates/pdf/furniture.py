# mypy: allow-untyped-calls
"""What stands on every page beside its text: the division at the head, file number and page number at the foot.

All of it is an artifact, which readers for the blind pass over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from templates.pdf import styles
from templates.pdf.canvas import PageOf, PaperCanvas
from templates.pdf.fonts import REGULAR, face
from templates.pdf.lines import Look, Piece, break_lines

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

    `strip` is for a page that came as PDF: file and page number in its lower margin and nothing else. `bare` is for a
    paper that must have nothing at its edges, such as a label.
    """

    head: str
    files: str
    number: Callable[[int, int], str]
    head_on_first: bool = True
    strip: bool = False
    bare: bool = False


UNFURNISHED = Furniture(head="", files="", number=lambda _page, _pages: "")
"""Of pages whose furniture is given later, with the usual margins."""


def draw_edges(canvas: PaperCanvas, pages: Sequence[PageOf], furniture: Sequence[Furniture]) -> list[str]:
    """The operators that draw the furniture of each page, given by section: 'page x of y' is known now."""
    codes = []
    for number, page in enumerate(pages, start=1):
        of_section = furniture[page.section]
        with canvas.beside() as code:
            if not of_section.bare:
                _draw(canvas, of_section, page, of_section.number(number, len(pages)))
        codes.append("\n".join(code))
    return codes


def _draw(canvas: PaperCanvas, furniture: Furniture, page: PageOf, number: str) -> None:
    width, height = page.size
    with canvas.artifact("Pagination"):
        canvas.saveState()
        if furniture.strip:
            _strip(canvas, furniture.files, number, width)
        else:
            _foot(canvas, furniture.files, number, width)
            if furniture.head_on_first or not page.first:
                canvas.setFillGray(styles.QUIET_INK)
                canvas.words(furniture.head, styles.SIDE_MARGIN, height - _HEAD_FROM_TOP, REGULAR, _SIZE)
        canvas.restoreState()


def _foot(canvas: PaperCanvas, files: str, number: str, width: float) -> None:
    canvas.setStrokeGray(styles.LINE)
    canvas.setLineWidth(0.5)
    canvas.line(styles.SIDE_MARGIN, _FOOT + _RULE_GAP, width - styles.SIDE_MARGIN, _FOOT + _RULE_GAP)
    canvas.setFillGray(styles.QUIET_INK)
    _at_right(canvas, number, width - styles.SIDE_MARGIN, _FOOT, _SIZE)
    _files(canvas, files, (styles.SIDE_MARGIN, _FOOT), width - 2 * styles.SIDE_MARGIN, _SIZE)


def _strip(canvas: PaperCanvas, files: str, number: str, width: float) -> None:
    canvas.setFillGray(styles.INK)
    _at_right(canvas, number, width - _STRIP_SIDE, _STRIP_FOOT, _STRIP_SIZE)
    _files(canvas, files, (_STRIP_SIDE, _STRIP_FOOT), width - 2 * _STRIP_SIDE, _STRIP_SIZE)


def _at_right(canvas: PaperCanvas, text: str, x: float, y: float, size: float) -> None:
    canvas.words(text, x - face(REGULAR).width(text) * size, y, REGULAR, size)


def _files(canvas: PaperCanvas, files: str, at: tuple[float, float], room: float, size: float) -> None:
    """The file numbers beside the page number; many of them run on downwards, and become smaller before they fall off
    the page: none is left out."""
    x, y = at
    room *= _FILES_SHARE
    while True:
        found = break_lines([Piece(files, Look(face(REGULAR), size))], room, room)
        if size <= _LEAST_SIZE or (len(found) - 1) * size * _LEADING <= y - _EDGE:
            break
        size -= 0.5
    for number, line in enumerate(found):
        text = "".join(stretch for _, stretch in line.stretches)
        canvas.words(text, x, y - number * size * _LEADING, REGULAR, size)
