# mypy: allow-untyped-calls
"""The styles of the papers: one family, few sizes, much white. Lengths are points (1/72 inch)."""

from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus.tables import TableStyle

from templates.pdf.fonts import BOLD, ITALIC, REGULAR

PAGE_SIZE: tuple[float, float] = letter
SIDE_MARGIN = 82.0
TOP_MARGIN = 86.0
BOTTOM_MARGIN = 84.0
TEXT_WIDTH = PAGE_SIZE[0] - 2 * SIDE_MARGIN

INK = Color(0, 0, 0)
QUIET_INK = Color(0.27, 0.27, 0.27)
LINE = Color(0.55, 0.55, 0.55)

INDENT = 34.0
DEEPEST_INDENT = 6
"""Nesting beyond this many levels is set no further in, so that a column of text always remains."""


class Style(ParagraphStyle):
    """A paragraph style, its properties known to the type checker."""

    fontName: str  # noqa: N815
    fontSize: float  # noqa: N815
    textColor: Color  # noqa: N815


def _style(name: str, parent: Style | None = None, **properties: object) -> Style:
    return Style(name, parent=parent, **properties)


BODY = _style(
    "body",
    fontName=REGULAR,
    fontSize=11.5,
    leading=15.5,
    spaceAfter=8,
    textColor=INK,
    alignment=TA_LEFT,
    bulletFontName=REGULAR,
    bulletFontSize=11.5,
    bulletColor=INK,
    allowWidows=0,
    allowOrphans=0,
    splitLongWords=1,
)
QUOTE = _style("quote", BODY, fontSize=10.5, leading=14, rightIndent=INDENT, bulletFontSize=10.5)
SMALL = _style("small", BODY, fontSize=9.5, leading=12.5, spaceAfter=4, textColor=QUIET_INK, bulletFontSize=9.5)
TIGHT = _style("tight", BODY, spaceAfter=0)
TIGHT_RIGHT = _style("tight-right", TIGHT, alignment=TA_RIGHT)
LABEL = _style("label", TIGHT, fontSize=9.5, leading=13.5, spaceBefore=2, textColor=QUIET_INK)
"""Its baseline is that of TIGHT beside it."""
SUBJECT = _style("subject", BODY, fontName=BOLD, fontSize=12.5, leading=16, spaceBefore=6, spaceAfter=10)

LETTERHEAD = _style("letterhead", TIGHT, fontName=BOLD, fontSize=10.5, leading=13)
LETTERHEAD_DIVISION = _style("letterhead-division", TIGHT, fontSize=10, leading=13, spaceBefore=2)

TITLE = _style("title", BODY, fontName=BOLD, fontSize=20, leading=25, spaceAfter=4, keepWithNext=1)
SUBTITLE = _style("subtitle", BODY, fontName=ITALIC, fontSize=10.5, leading=14, spaceAfter=14, textColor=QUIET_INK)
STATEMENT = _style("statement", BODY, fontName=BOLD, fontSize=13, leading=18, spaceAfter=10, leftIndent=INDENT)

_HEADING = _style("heading", BODY, fontName=BOLD, keepWithNext=1)
HEADINGS = (
    _style("heading-1", _HEADING, fontSize=15, leading=19, spaceBefore=16, spaceAfter=7),
    _style("heading-2", _HEADING, fontSize=13, leading=17, spaceBefore=13, spaceAfter=6),
    _style("heading-3", _HEADING, fontSize=11.5, leading=15.5, spaceBefore=10, spaceAfter=5),
    _style("heading-4", _HEADING, fontName=ITALIC, fontSize=11.5, leading=15.5, spaceBefore=8, spaceAfter=4),
)
"""By level; deeper levels look like the last."""

CELL = _style("cell", BODY, fontSize=10.5, leading=13.5, spaceAfter=0)
CELL_HEAD = _style("cell-head", CELL, fontName=BOLD)
CELL_SMALL = _style("cell-small", CELL, fontSize=9, leading=11.5, textColor=QUIET_INK)
ALIGNMENTS = {"left": TA_LEFT, "center": TA_CENTER, "right": TA_RIGHT}


def table_style(*commands: tuple[object, ...]) -> TableStyle:
    """A table's style. reportlab sets Helvetica in every cell, which would then stand in the file unembedded."""
    whole = ((0, 0), (-1, -1))
    return TableStyle([("FONT", *whole, REGULAR), ("VALIGN", *whole, "TOP"), *commands])


_indented: dict[tuple[str, float, float | None], Style] = {}


def indented(style: Style, by: float, bullet_at: float | None = None) -> Style:
    """The style set in by `by` points, with its number or bullet at `bullet_at`."""
    key = (style.name, by, bullet_at)
    if key not in _indented:
        _indented[key] = _style(
            f"{style.name}+{by}+{bullet_at}", style, leftIndent=by, bulletIndent=0 if bullet_at is None else bullet_at
        )
    return _indented[key]


def aligned(style: Style, alignment: str) -> Style:
    """The style with another alignment: `left`, `center` or `right`."""
    key = (f"{style.name}/{alignment}", 0.0, None)
    if key not in _indented:
        _indented[key] = _style(key[0], style, alignment=ALIGNMENTS[alignment])
    return _indented[key]
