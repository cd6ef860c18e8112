# mypy: allow-untyped-calls
"""From text to paragraphs: signs are made ready for the fonts, and none is ever lost.

Paragraphs are built from runs, never from reportlab's markup: what stands in a decision can therefore not be taken for
an instruction (an image to load, a link to follow).
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportlab.platypus.paragraph import Paragraph
from reportlab.platypus.paraparser import ParaFrag

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.pdf import fonts
from templates.pdf.styles import Style

_SUPERSCRIPT_SIZE, _SUPERSCRIPT_RISE = 0.68, 0.36

_NO_BREAK_SPACES = {0x202F: "\u00a0", 0x2007: "\u00a0"}
"""reportlab breaks lines at them; it does not at U+00A0."""
_WHITE_SPACE = dict.fromkeys((0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), " ")
_WITHOUT_LOOK = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFE0E, 0xFE0F, 0xFEFF))
"""Hints to a program about breaks, joins and looks: nothing of them is seen on paper. Marks that turn the direction
of text are not among them: text that needs them is refused rather than shown in the wrong order."""
_READY = {**_NO_BREAK_SPACES, **_WHITE_SPACE, **_WITHOUT_LOOK}


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one look."""

    text: str
    bold: bool = False
    italic: bool = False
    superscript: bool = False


LINE_BREAK = Run("\n")
"""A run that ends the line."""

Content = str | Sequence[Run]


def lines(text: str) -> list[Run]:
    """The text with its line ends kept."""
    first, *rest = text.split("\n")
    return [Run(first), *(run for line in rest for run in (LINE_BREAK, Run(line)))]


def ready(text: str) -> str:
    """The text as it can be set: composed (NFC), its spaces and invisible hints normalised."""
    return unicodedata.normalize("NFC", text).translate(_READY)


class _Paragraph(Paragraph):
    """A paragraph that breaks its lines once for a width: platypus asks again for each thing it keeps together."""

    _broken_for: float | None = None
    _size: tuple[float, float] = (0, 0)

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """Width and height at that width."""
        if self._broken_for != available_width or not hasattr(self, "blPara"):
            self._size = super().wrap(available_width, available_height)
            self._broken_for = available_width
        return self._size


class Typesetter:
    """Makes paragraphs of what stands at one place of the package, which is named when a sign cannot be shown."""

    def __init__(self, where: str) -> None:
        self._where = where

    def paragraph(self, content: Content, style: Style, bullet: str | None = None) -> Paragraph:
        """A paragraph; `bullet` is its number or sign.

        Raises InputRefused (document.missing-glyph) when no font has a sign of it.
        """
        runs = (Run(content),) if isinstance(content, str) else content
        frags = [frag for run in runs for frag in self._frags(run, style)] or [_frag("", style, style.fontName)]
        bullets = list(self._frags(Run(bullet), style)) if bullet else None
        return _Paragraph(None, style, frags=frags, bulletText=bullets)

    def _frags(self, run: Run, style: Style) -> Iterator[ParaFrag]:
        if run is LINE_BREAK:
            yield _frag("", style, style.fontName, lineBreak=True)
            return
        name = _face(run, style)
        for part, font in self._by_font(ready(run.text), name):
            if run.superscript:
                size = style.fontSize * _SUPERSCRIPT_SIZE
                yield _frag(part, style, font, fontSize=size, rise=style.fontSize * _SUPERSCRIPT_RISE)
            else:
                yield _frag(part, style, font)

    def _by_font(self, text: str, name: str) -> Iterator[tuple[str, str]]:
        covered = fonts.coverage(name)
        if covered.issuperset(text):
            yield text, name
            return
        part, font = "", name
        for sign in text:
            needed = name if sign in covered else self._fallback(sign)
            if needed != font:
                if part:
                    yield part, font
                part, font = "", needed
            part += sign
        yield part, font

    def _fallback(self, sign: str) -> str:
        if sign in fonts.coverage(fonts.SIGNS):
            return fonts.SIGNS
        raise InputRefused(Code.DOCUMENT_MISSING_GLYPH, where=self._where, character=f"U+{ord(sign):04X}")


def _face(run: Run, style: Style) -> str:
    bold = run.bold or style.fontName in (fonts.BOLD, fonts.BOLD_ITALIC)
    italic = run.italic != (style.fontName in (fonts.ITALIC, fonts.BOLD_ITALIC))
    return fonts.face(bold=bold, italic=italic)


def _frag(text: str, style: Style, font: str, **changes: object) -> ParaFrag:
    properties: dict[str, object] = {
        "text": text,
        "fontName": font,
        "fontSize": style.fontSize,
        "textColor": style.textColor,
        "rise": 0,
        "us_lines": [],
        "link": [],
    }
    return ParaFrag(**(properties | changes))
