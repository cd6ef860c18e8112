# mypy: allow-untyped-calls
"""A paragraph on a page: its lines are broken once, split between pages, and drawn as marked content."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reportlab.platypus.flowables import Flowable

from templates.pdf.canvas import PaperCanvas
from templates.pdf.lines import Line, Look, Piece, break_lines, pieces_of
from templates.pdf.structure import Element
from templates.pdf.styles import Alignment, Style

_GAP_AFTER_LABEL = 0.6
"""Of the font size, between a number or sign and the text behind it."""
_FEWEST_LINES = 2
"""No page begins or ends with less of a paragraph."""


@dataclass(frozen=True, kw_only=True)
class Label:
    """The number or sign a paragraph begins with, and the element that holds it."""

    pieces: Sequence[Piece]
    element: Element

    @property
    def width(self) -> float:
        """In points."""
        return sum(piece.look.face.width(piece.text) * piece.look.size for piece in self.pieces if piece.look)


class Paragraph(Flowable):
    """Text in one style that belongs to one element."""

    def __init__(self, pieces: Sequence[Piece], style: Style, element: Element, label: Label | None = None) -> None:
        super().__init__()
        self._pieces = pieces
        self._style = style
        self.element = element
        self._label = label
        self._lines: list[Line] | None = None
        self._across: float | None = None
        self._drawn = False
        self.spaceBefore, self.spaceAfter = style.space_before, style.space_after
        self.keepWithNext = int(style.keep_with_next)

    @property
    def label_element(self) -> Element | None:
        """The element of its number or sign."""
        return self._label.element if self._label else None

    @property
    def text(self) -> str:
        """Its text."""
        return "".join(piece.text if piece.look else " " for piece in self._pieces)

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        """Width and height. The same width is not broken twice: platypus asks for each thing it keeps together."""
        return available_width, len(self._broken(available_width)) * self._style.leading

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """What fits and the rest, neither with a lonely line; nothing when it must go on whole."""
        lines = self._broken(available_width)
        fitting = int(available_height / self._style.leading + 1e-6)
        if fitting >= len(lines):
            return [self]
        if len(lines) - fitting < _FEWEST_LINES:
            fitting = len(lines) - _FEWEST_LINES
        if fitting < _FEWEST_LINES:
            return []
        first = self._part(lines[:fitting], available_width, self._label)
        rest = self._part(lines[fitting:], available_width, None)
        rest._style = replace(self._style, outline=None)  # one bookmark is enough
        first.spaceAfter = rest.spaceBefore = 0
        return [first, rest]

    def drawOn(self, canvas: PaperCanvas, x: float, y: float, _sW: float = 0) -> None:  # noqa: N802, N803
        """Draws it with its lower left corner at x, y. A second drawing is a repetition: an artifact."""
        lines = self._broken(self._across or 0)
        baseline = y + len(lines) * self._style.leading - self._style.size
        if not self._drawn and self.element.place_name:
            canvas.name_place(self.element.place_name, x, baseline + self._style.leading)
        if not self._drawn and self._style.outline is not None:
            canvas.bookmark(self._style.outline, self.text, baseline + self._style.leading)
        with canvas.text(self._style.ink, artifact=self._drawn) as drawing:
            if self._label:
                drawing.move_to(x + self._style.label_at, baseline)
                for piece in self._label.pieces:
                    if piece.look:
                        drawing.show(self._label.element, piece.look, piece.text)
                if self._label.element is not self.element:
                    drawing.end_mark()
                elif lines and piece.look:
                    drawing.show(self.element, piece.look, " ")
            for number, line in enumerate(lines):
                drawing.move_to(x + self._left(line, first=number == 0), baseline)
                for look, text in _with_space(line, last=number == len(lines) - 1):
                    drawing.show(self.element, look, text)
                baseline -= self._style.leading
        self._drawn = True

    def _broken(self, width: float) -> list[Line]:
        if self._lines is None or self._across != width:
            self._across = width
            column = width - self._style.left - self._style.right
            self._lines = break_lines(self._pieces, column - self._behind_label(), column)
            if not self._lines and self._label:
                self._lines = [Line()]
        return self._lines

    def _behind_label(self) -> float:
        """How much further in the first line begins because its label is wide."""
        if self._label is None:
            return 0
        end = self._style.label_at + self._label.width + self._style.size * _GAP_AFTER_LABEL
        return max(0.0, end - self._style.left)

    def _left(self, line: Line, *, first: bool) -> float:
        style = self._style
        left = style.left + (self._behind_label() if first else 0)
        spare = (self._across or 0) - left - style.right - line.width
        match style.alignment:
            case Alignment.LEFT:
                return left
            case Alignment.CENTER:
                return left + spare / 2
            case Alignment.RIGHT:
                return left + spare

    def _part(self, lines: list[Line], width: float, label: Label | None) -> "Paragraph":
        part = Paragraph(pieces_of(lines), self._style, self.element, label)
        part._lines, part._across = lines, width
        return part


def _with_space(line: Line, *, last: bool) -> Iterator[tuple[Look, str]]:
    """The line's stretches; the last with the space that parts it from the next line in the extracted text."""
    for number, (look, text) in enumerate(line.stretches, start=1):
        ends = number == len(line.stretches) and not last and not line.within_word
        yield look, f"{text} " if ends else text
