# mypy: allow-untyped-calls
"""Flowables that platypus lacks: columns side by side, a rule, and the place of a page that comes as PDF."""

from collections.abc import Iterator, Sequence

from reportlab.platypus.flowables import Flowable, KeepTogether

from templates.pdf import styles
from templates.pdf.canvas import PaperCanvas
from templates.pdf.structure import Element


class Columns(Flowable):
    """Flowables side by side, aligned at the top. No table: it has no rows that a reader should hear of."""

    def __init__(
        self,
        columns: Sequence[Sequence[Flowable]],
        widths: Sequence[float],
        *,
        space_before: float = 0,
        space_after: float = 0,
    ) -> None:
        super().__init__()
        self.columns = columns
        self._widths = widths
        self.spaceBefore, self.spaceAfter = space_before, space_after

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """The width and the height of the tallest column."""
        self._heights = [
            [one.wrap(width, available_height)[1] for one in column]
            for column, width in zip(self.columns, self._widths, strict=True)
        ]
        self._tallest = max(
            sum(
                one.getSpaceBefore() + height + one.getSpaceAfter() for one, height in zip(column, heights, strict=True)
            )
            for column, heights in zip(self.columns, self._heights, strict=True)
        )
        return available_width, self._tallest

    def draw(self) -> None:
        """Draws each column from the top."""
        x = 0.0
        for column, width, heights in zip(self.columns, self._widths, self._heights, strict=True):
            y = self._tallest
            for one, height in zip(column, heights, strict=True):
                y -= one.getSpaceBefore() + height
                one.drawOn(self.canv, x, y)
                y -= one.getSpaceAfter()
            x += width


class Rule(Flowable):
    """A thin line across the column, an artifact."""

    canv: PaperCanvas

    def __init__(self, *, space_before: float = 0, space_after: float = 0, weight: float = 0.5) -> None:
        super().__init__()
        self.spaceBefore, self.spaceAfter = space_before, space_after
        self._weight = weight

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        """As wide as the column."""
        self._across = available_width
        return available_width, self._weight

    def draw(self) -> None:
        """Draws the line."""
        self.canv.setStrokeGray(styles.LINE)
        self.canv.setLineWidth(self._weight)
        self.canv.line(0, 0, self._across, 0)


class Blank(Flowable):
    """A line to be filled in by hand, an artifact: what belongs there is said by the label beside it."""

    canv: PaperCanvas

    def __init__(self, width: float) -> None:
        super().__init__()
        self._across = width

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        """A line of text tall."""
        return self._across, styles.LABEL.leading

    def draw(self) -> None:
        """Draws the line a little below the label's baseline."""
        self.canv.setStrokeGray(styles.LINE)
        self.canv.setLineWidth(0.7)
        self.canv.line(0, 0, self._across, 0)


class StandIn(Flowable):
    """Holds the place of a page that comes as PDF; only its furniture is drawn."""

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        """Takes no room."""
        return 0.0, 0.0

    def draw(self) -> None:
        """Draws nothing."""


def elements_of(flowables: Sequence[Flowable]) -> Iterator[Element]:
    """The elements of flowables and of what they hold, in reading order."""
    for one in flowables:
        if isinstance(one, Columns):
            for column in one.columns:
                yield from elements_of(column)
        elif isinstance(one, KeepTogether):
            yield from elements_of(one._content)
        else:
            element = getattr(one, "element", None)
            if isinstance(element, Element):
                yield element
