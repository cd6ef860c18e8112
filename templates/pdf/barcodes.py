# mypy: allow-untyped-calls
"""Bar codes of papers that come back to us: Code 128 for what a scanner in the mail room reads, QR beside signatures.

Both are read from a fax of 204 by 98 lines an inch: no bar or module is thinner than a scan line. A QR code has more to
bear, for its page is faxed, signed, and faxed back, askew and speckled.
"""

from functools import lru_cache

from reportlab.platypus.flowables import Flowable

from templates.pdf.canvas import PaperCanvas
from templates.pdf.structure import Element

_BAR = 1.06
"""Points: three dots of a fax."""
_MODULE = 3.0
"""Points: four lines of a coarse fax. At 2.25 one page in twenty needs its specks removed first (`make fax-codes`)."""
_QUIET_ZONE = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


class Figure(Flowable):
    """A drawing of fixed size with words in its place for readers for the blind."""

    canv: PaperCanvas

    def __init__(self, width: float, height: float, words: str, *, space_after: float = 0) -> None:
        super().__init__()
        self.size = (width, height)
        self.spaceAfter = space_after
        self.element = Element("Figure", alternative=words)

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        """Its size."""
        return self.size

    def draw(self) -> None:
        """Draws it as marked content, and notes where it stands on the page (ISO 14289-1, 7.3)."""
        left, bottom = self.canv.absolutePosition(0, 0)
        box = f"{left:.2f} {bottom:.2f} {left + self.size[0]:.2f} {bottom + self.size[1]:.2f}"
        self.element.attributes = f"<</O/Layout/Placement/Block/BBox[{box}]>>"
        with self.canv.figure(self.element):
            self.canv.setFillGray(0)
            self._draw_figure()

    def _draw_figure(self) -> None:
        raise NotImplementedError


class BarCode(Figure):
    """Code 128 of printable ASCII, `height` points tall."""

    def __init__(self, value: str, words: str, *, height: float = 40, space_after: float = 0) -> None:
        from reportlab.graphics.barcode.code128 import Code128  # 2 MB with what it draws in, which few papers need

        self._code = Code128(value, barWidth=_BAR, barHeight=height, quiet=True, humanReadable=False)
        super().__init__(self._code.width, height, words, space_after=space_after)

    def _draw_figure(self) -> None:
        self._code.canv = self.canv
        self._code.draw()


class QrCode(Figure):
    """A QR code of ASCII text, error correction H: a third of it may be lost."""

    def __init__(self, value: str, words: str, *, space_after: float = 0) -> None:
        self._rows = _modules(value)
        side = (len(self._rows) + 2 * _QUIET_ZONE) * _MODULE
        super().__init__(side, side, words, space_after=space_after)

    def _draw_figure(self) -> None:
        for number, row in enumerate(self._rows):
            y = self.size[1] - (number + 1 + _QUIET_ZONE) * _MODULE
            for start, length in row:
                x = (start + _QUIET_ZONE) * _MODULE
                self.canv.rect(x, y, length * _MODULE, _MODULE, stroke=0, fill=1)


@lru_cache(maxsize=64)
def _modules(value: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    """For each row the runs of black: where they begin and how long they are."""
    import segno  # as above

    code = segno.make_qr(value.encode("ascii"), error="h", boost_error=False)
    rows: list[tuple[tuple[int, int], ...]] = []
    for row in code.matrix:
        runs: list[tuple[int, int]] = []
        for column, black in enumerate(row):
            if not black:
                continue
            if runs and sum(runs[-1]) == column:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((column, 1))
        rows.append(tuple(runs))
    return tuple(rows)
