# mypy: allow-untyped-calls
"""Tables: a head that is repeated on each page, cells with headers a reader for the blind can name.

Rows that are taller than what is left of a page are split within their cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.platypus.flowables import Flowable

from templates.pdf import styles
from templates.pdf.canvas import PaperCanvas
from templates.pdf.paragraph import Paragraph
from templates.pdf.structure import Element

Cell = Sequence[Paragraph]
Row = Sequence[Cell]

_HEAD_RULE, _ROW_RULE = 0.9, 0.5


@dataclass(frozen=True, kw_only=True)
class Spacing:
    """How a table looks: the space within its cells (points), and whether columns are ruled too."""

    left: float = 0
    right: float = 12
    top: float = 5
    bottom: float = 6
    grid: bool = False


OPEN = Spacing()
"""Rules between the rows alone."""
GRID = Spacing(left=6, right=6, top=4, bottom=5, grid=True)


class Table(Flowable):
    """Rows of cells; the first `heads` rows are the head."""

    canv: PaperCanvas

    def __init__(
        self,
        rows: Sequence[Row],
        widths: Sequence[float],
        spacing: Spacing,
        element: Element,
        *,
        heads: int,
        after: float,
    ) -> None:
        super().__init__()
        self._rows = rows
        self._widths = widths
        self._spacing = spacing
        self.element = element
        self._heads = heads
        self.spaceAfter = after

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        """Width and height."""
        self._heights = [self._height(row) for row in self._rows]
        return sum(self._widths), sum(self._heights)

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """The rows that fit, and the rest under the head again; nothing when not even one row fits under the head."""
        self.wrap(available_width, available_height)
        fitting, used = 0, 0.0
        while fitting < len(self._rows) and used + self._heights[fitting] <= available_height:
            used += self._heights[fitting]
            fitting += 1
        if fitting == len(self._rows):
            return [self]
        above, below = list(self._rows[:fitting]), list(self._rows[fitting:])
        if fitting >= self._heads:
            parts = self._split_row(self._rows[fitting], available_height - used)
            if parts and not self._fits_a_page(fitting):
                above.append(parts[0])
                below[0] = parts[1]
        if len(above) <= self._heads:
            return []
        return [self._part(above, 0), self._part([*self._rows[: self._heads], *below], self.spaceAfter)]

    def draw(self) -> None:
        """Draws the cells row by row, then the rules."""
        y = sum(self._heights)
        for row, height in zip(self._rows, self._heights, strict=True):
            x = 0.0
            for cell, width in zip(row, self._widths, strict=True):
                self._draw_cell(cell, x, y, width)
                x += width
            y -= height
        self._draw_rules()

    def _draw_cell(self, cell: Cell, x: float, y: float, width: float) -> None:
        y -= self._spacing.top
        for one in cell:
            height = one.wrap(self._column(width), y)[1]
            y -= height
            one.drawOn(self.canv, x + self._spacing.left, y)

    def _draw_rules(self) -> None:
        across, total = sum(self._widths), sum(self._heights)
        y = total
        with self.canv.artifact():
            self.canv.setStrokeGray(styles.LINE)
            self.canv.setLineWidth(_ROW_RULE)
            if self._spacing.grid:
                self.canv.rect(0, 0, across, total)
                x = 0.0
                for width in self._widths[:-1]:
                    x += width
                    self.canv.line(x, 0, x, total)
            for number, height in enumerate(self._heights, start=1):
                y -= height
                if number == self._heads:
                    self.canv.setStrokeGray(styles.INK)
                    self.canv.setLineWidth(_HEAD_RULE)
                self.canv.line(0, y, across, y)
                if number == self._heads:
                    self.canv.setStrokeGray(styles.LINE)
                    self.canv.setLineWidth(_ROW_RULE)

    def _height(self, row: Row) -> float:
        tallest = max(
            sum(one.wrap(self._column(width), 0)[1] for one in cell)
            for cell, width in zip(row, self._widths, strict=True)
        )
        return tallest + self._spacing.top + self._spacing.bottom

    def _column(self, width: float) -> float:
        return width - self._spacing.left - self._spacing.right

    def _fits_a_page(self, row: int) -> bool:
        page = styles.PAGE_SIZE[1] - styles.TOP_MARGIN - styles.BOTTOM_MARGIN
        return sum(self._heights[: self._heads]) + self._heights[row] <= page

    def _split_row(self, row: Row, room: float) -> tuple[Row, Row] | None:
        """The row in two, the first no taller than `room`; None when nothing of it fits."""
        room -= self._spacing.top + self._spacing.bottom
        first: list[Cell] = []
        rest: list[Cell] = []
        for cell, width in zip(row, self._widths, strict=True):
            above, below = _split_cell(cell, self._column(width), room)
            first.append(above)
            rest.append(below)
        return (first, rest) if any(first) and any(rest) else None

    def _part(self, rows: Sequence[Row], after: float) -> "Table":
        return Table(rows, self._widths, self._spacing, self.element, heads=self._heads, after=after)


def _split_cell(cell: Cell, width: float, room: float) -> tuple[Cell, Cell]:
    above: list[Paragraph] = []
    for number, one in enumerate(cell):
        height = one.wrap(width, room)[1]
        if height <= room:
            above.append(one)
            room -= height
            continue
        parts = [part for part in one.split(width, room) if isinstance(part, Paragraph)]
        below = cell[number:] if not parts else [parts[1], *cell[number + 1 :]]
        return [*above, *parts[:1]], below
    return above, []


def table(
    heads: Sequence[Paragraph],
    rows: Sequence[Row],
    widths: Sequence[float],
    spacing: Spacing = OPEN,
    *,
    row_heads: bool = False,
    after: float = 10,
) -> Table:
    """A table under one row of column headers; `row_heads` when the first cell of each row is its header."""
    whole = Element("Table")
    head = whole.new("THead").new("TR")
    for one in heads:
        head.new("TH", attributes="<</O/Table/Scope/Column>>").adopt(one.element)
    body = whole.new("TBody")
    for row in rows:
        line = body.new("TR")
        for number, cell in enumerate(row):
            if row_heads and number == 0:
                holder = line.new("TH", attributes="<</O/Table/Scope/Row>>")
            else:
                holder = line.new("TD")
            for one in cell:
                holder.adopt(one.element)
    return Table([[[one] for one in heads], *rows], widths, spacing, whole, heads=1, after=after)
