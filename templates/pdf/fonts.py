# mypy: allow-untyped-calls
"""The fonts of the papers: registered once a process, embedded as subsets, asked for what they cover.

The files are in `templates/fonts`, with how they were made and their licences.
"""

from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "RegistrySerif-Regular"
BOLD = "RegistrySerif-Bold"
ITALIC = "RegistrySerif-Italic"
BOLD_ITALIC = "RegistrySerif-BoldItalic"
SIGNS = "RegistrySigns-Regular"
"""For signs that the text font lacks: ballot boxes, superscript figures, Canadian syllabics."""

_NAMES = (REGULAR, BOLD, ITALIC, BOLD_ITALIC, SIGNS)
_MOST_WORDS_REMEMBERED = 20_000


class RegistryFont(TTFont):
    """A TrueType font that remembers the widths of words: line breaking asks for the same ones again and again."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(name, BytesIO(content), shapable=False)
        self._widths: dict[str, float] = {}

    def stringWidth(self, text: str, size: float, encoding: str = "utf8") -> float:  # noqa: N802
        """The width of the text at `size`, in points."""
        widths = self._widths
        width = widths.get(text)
        if width is None:
            if len(widths) >= _MOST_WORDS_REMEMBERED:
                widths.clear()
            width = widths[text] = super().stringWidth(text, 1, encoding)
        return width * size


@lru_cache(maxsize=1)
def register() -> None:
    """Makes the fonts known to reportlab. Again: does nothing."""
    for name in _NAMES:
        content = (files("templates") / "fonts" / f"{name}.ttf").read_bytes()
        pdfmetrics.registerFont(RegistryFont(name, content))


def face(*, bold: bool, italic: bool) -> str:
    """The name of the text face."""
    if bold:
        return BOLD_ITALIC if italic else BOLD
    return ITALIC if italic else REGULAR


@lru_cache(maxsize=len(_NAMES))
def coverage(name: str) -> frozenset[str]:
    """The characters that a font can show."""
    register()
    return frozenset(map(chr, pdfmetrics.getFont(name).face.charToGlyph))


def width(text: str, name: str, size: float) -> float:
    """The width of the text in points."""
    register()
    return float(pdfmetrics.stringWidth(text, name, size))
