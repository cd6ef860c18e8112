# mypy: allow-untyped-calls
"""The fonts of the papers: read once a process, asked for widths and for what they cover.

The files are in `templates/fonts`, with how they were made and their licences. A text face comes in two files: a small
one with the signs of WinAnsiEncoding, embedded as it is, and a wide one, of which a paper embeds what it uses.
"""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from importlib.resources import files
from io import BytesIO

from reportlab.pdfbase.ttfonts import TTFontFace

REGULAR = "RegistrySerif-Regular"
BOLD = "RegistrySerif-Bold"
ITALIC = "RegistrySerif-Italic"
BOLD_ITALIC = "RegistrySerif-BoldItalic"
SIGNS = "RegistrySigns-Regular"
"""For signs that the text font lacks: ballot boxes, superscript figures, Canadian syllabics."""

NAMES = (REGULAR, BOLD, ITALIC, BOLD_ITALIC, SIGNS)
_MOST_WORDS_REMEMBERED = 5_000
"""Of each face: more than a decision of fifty pages has, and half a megabyte."""


class Face:
    """One face. `common` is the name of its small file; the face of signs has none."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.common = None if name == SIGNS else name.replace("Serif", "Common")
        self.wide = load(name)
        self._of_signs = {chr(code): float(width) / 1000 for code, width in self.wide.charWidths.items()}
        self._of_words: dict[str, float] = {}

    @cached_property
    def coverage(self) -> frozenset[str]:
        """The characters it can show."""
        return frozenset(map(chr, self.wide.charToGlyph))

    @cached_property
    def space(self) -> float:
        """The width of a space at size 1."""
        return self._of_signs[" "]

    def width(self, text: str) -> float:
        """The width of a word at size 1. Words are remembered: line breaking asks for the same ones again."""
        width = self._of_words.get(text)
        if width is None:
            if len(self._of_words) >= _MOST_WORDS_REMEMBERED:
                self._of_words.clear()
            width = self._of_words[text] = self.measure(text)
        return width

    def widths(self, words: Iterable[str]) -> list[float]:
        """The width of each word at size 1."""
        known = self._of_words
        return [known[word] if word in known else self.width(word) for word in words]

    def measure(self, text: str) -> float:
        """The width of a line at size 1."""
        return sum(map(self._of_signs.__getitem__, text))


def load(name: str) -> TTFontFace:
    """The parsed file `templates/fonts/name.ttf`."""
    return TTFontFace(BytesIO((files("templates") / "fonts" / f"{name}.ttf").read_bytes()))


@lru_cache(maxsize=len(NAMES))
def face(name: str) -> Face:
    """The face of that name."""
    return Face(name)


def variant(*, bold: bool, italic: bool) -> str:
    """The name of the text face."""
    if bold:
        return BOLD_ITALIC if italic else BOLD
    return ITALIC if italic else REGULAR
