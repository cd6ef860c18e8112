"""The styles of the papers: one family, few sizes, much white. Lengths are points (1/72 inch)."""

from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from templates.pdf.fonts import BOLD, ITALIC, REGULAR

PAGE_SIZE: tuple[float, float] = (612.0, 792.0)
"""Letter."""
SIDE_MARGIN = 82.0
TOP_MARGIN = 86.0
BOTTOM_MARGIN = 84.0
BARE_MARGIN = 22.0
"""All around a paper that has nothing at its edges."""
TEXT_WIDTH = PAGE_SIZE[0] - 2 * SIDE_MARGIN

INK = 0.0
QUIET_INK = 0.27
LINE = 0.55
"""Greys, from black (0) to white (1): paper and fax know no colour."""

INDENT = 34.0
DEEPEST_INDENT = 6
"""Nesting beyond this many levels is set no further in, so that a column of text always remains."""


class Alignment(Enum):
    """Where the lines of a paragraph stand in their column."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, kw_only=True, eq=False)
class Style:
    """How a paragraph looks, and what it is: `role` is its structure type, `outline` its level among the bookmarks.

    `label_at` is where the paragraph's number or sign stands, `left` where its text does.
    """

    font: str = REGULAR
    size: float = 11.5
    leading: float = 15.5
    space_before: float = 0
    space_after: float = 8
    left: float = 0
    right: float = 0
    label_at: float = 0
    alignment: Alignment = Alignment.LEFT
    ink: float = INK
    keep_with_next: bool = False
    role: str = "P"
    outline: int | None = None


BODY = Style()
QUOTE = replace(BODY, size=10.5, leading=14, right=INDENT)
SMALL = replace(BODY, size=9.5, leading=12.5, space_after=4, ink=QUIET_INK)
TIGHT = replace(BODY, space_after=0)
TIGHT_RIGHT = replace(TIGHT, alignment=Alignment.RIGHT)
LABEL = replace(TIGHT, size=9.5, leading=13.5, space_before=2, ink=QUIET_INK)
"""Its baseline is that of TIGHT beside it."""
SUBJECT = replace(
    BODY, font=BOLD, size=12.5, leading=16, space_before=6, space_after=10, keep_with_next=True, role="H1", outline=0
)

LETTERHEAD = replace(TIGHT, font=BOLD, size=10.5, leading=13)
LETTERHEAD_DIVISION = replace(TIGHT, size=10, leading=13, space_before=2)

TITLE = replace(BODY, font=BOLD, size=20, leading=25, space_after=4, keep_with_next=True, role="H1", outline=0)
SUBTITLE = replace(BODY, font=ITALIC, size=10.5, leading=14, space_after=14, ink=QUIET_INK)
STATEMENT = replace(BODY, font=BOLD, size=13, leading=18, space_after=10, left=INDENT)

_HEADING = replace(BODY, font=BOLD, keep_with_next=True)
HEADINGS = (
    replace(_HEADING, size=15, leading=19, space_before=16, space_after=7, role="H1", outline=0),
    replace(_HEADING, size=13, leading=17, space_before=13, space_after=6, role="H2", outline=1),
    replace(_HEADING, space_before=10, space_after=5, role="H3", outline=2),
    replace(_HEADING, font=ITALIC, space_before=8, space_after=4, role="H4"),
)
"""By level; deeper levels look like the last."""
SUBHEADING = replace(HEADINGS[2], role="H2", outline=1)
"""Looks like a heading of the third level where a paper has only two."""

CELL = replace(BODY, size=10.5, leading=13.5, space_after=0)
CELL_HEAD = replace(CELL, font=BOLD)
CELL_SMALL = replace(CELL, size=9, leading=11.5, ink=QUIET_INK)

CELL_FINE = replace(CELL, size=7.5, leading=10, ink=QUIET_INK)
"""For digests: one of SHA-256 fits on a line."""


@lru_cache(maxsize=256)
def indented(style: Style, by: float, label_at: float = 0) -> Style:
    """The style set in by `by` points, with its number or sign at `label_at`."""
    return replace(style, left=by, label_at=label_at)


@lru_cache(maxsize=64)
def aligned(style: Style, alignment: str) -> Style:
    """The style with another alignment: `left`, `center` or `right`."""
    return replace(style, alignment=Alignment(alignment))


@lru_cache(maxsize=64)
def as_heading(style: Style, level: int) -> Style:
    """The style as a heading of that level in the structure, whatever it looks like."""
    return replace(style, role=f"H{level}", outline=level - 1 if style.outline is not None else None)
