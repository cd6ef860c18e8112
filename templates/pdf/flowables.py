# mypy: allow-untyped-calls
"""Flowables that platypus lacks: columns side by side, a rule, and the place of a page that comes as PDF."""

from collections.abc import Sequence

from reportlab.platypus.flowables import Flowable

from templates.pdf import styles


class Columns(Flowable):
    """Flowables side by side, aligned at the top. No table: it has no rows that a reader should hear of."""

    def __init__(
        self, columns: Sequence[Sequence[Flowable]], widths: Sequence[float], *, space_after: float = 0
    ) -> None:
        super().__init__()
        self._columns = columns
        self._widths = widths
        self.spaceAfter = space_after

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """The width and the height of the tallest column."""
        self._heights = [
            [one.wrap(width, available_height)[1] for one in column]
            for column, width in zip(self._columns, self._widths, strict=True)
        ]
        self._tallest = max(
            sum(
                one.getSpaceBefore() + height + one.getSpaceAfter() for one, height in zip(column, heights, strict=True)
            )
            for column, heights in zip(self._columns, self._heights, strict=True)
        )
        return available_width, self._tallest

    def draw(self) -> None:
        """Draws each column from the top."""
        x = 0.0
        for column, width, heights in zip(self._columns, self._widths, self._heights, strict=True):
            y = self._tallest
            for one, height in zip(column, heights, strict=True):
                y -= one.getSpaceBefore() + height
                one.drawOn(self.canv, x, y)
                y -= one.getSpaceAfter()
            x += width


class Rule(Flowable):
    """A thin line across the column, an artifact."""

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
        canvas = self.canv
        canvas.addLiteral("/Artifact BMC")
        canvas.setStrokeColor(styles.LINE)
        canvas.setLineWidth(self._weight)
        canvas.line(0, 0, self._across, 0)
        canvas.addLiteral("EMC")


class StandIn(Flowable):
    """Holds the place of a page that comes as PDF; only its furniture is drawn."""

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        """Takes no room."""
        return 0.0, 0.0

    def draw(self) -> None:
        """Draws nothing."""
