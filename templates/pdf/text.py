# mypy: allow-untyped-calls
"""From text to paragraphs: signs are made ready for the fonts, and none is ever lost.

Paragraphs are built from runs, never from markup: what stands in a decision can therefore not be taken for an
instruction (an image to load, a link to follow).
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from templates.pdf import fonts
from templates.pdf.lines import Look, Piece
from templates.pdf.paragraph import Label, Paragraph
from templates.pdf.structure import Element
from templates.pdf.styles import INDENT, Style, indented

_SUPERSCRIPT_SIZE, _SUPERSCRIPT_RISE = 0.68, 0.36

_NO_BREAK_SPACES = {0x202F: "\u00a0", 0x2007: "\u00a0"}
"""Of another width, but no line breaks at them either."""
_WHITE_SPACE = dict.fromkeys((0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), " ")
_WITHOUT_LOOK = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFE0E, 0xFE0F, 0xFEFF))
"""Hints to a program about breaks, joins and looks: nothing of them is seen on paper. Marks that turn the direction
of text are not among them: text that needs them is refused rather than shown in the wrong order."""
_READY = {**_NO_BREAK_SPACES, **_WHITE_SPACE, **_WITHOUT_LOOK}

BULLET = "•"
NUMBERED, BULLETED = "<</O/List/ListNumbering/Decimal>>", "<</O/List/ListNumbering/Disc>>"
"""Attributes of a list (ISO 32000-1, 14.8.5.5)."""
UNNUMBERED = "<</O/List/ListNumbering/None>>"


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one look. `language` is a BCP 47 tag where it is foreign to its surroundings; `note` and `note_words`
    name the note that it leads to, and say so to a reader for the blind."""

    text: str
    bold: bool = False
    italic: bool = False
    superscript: bool = False
    language: str | None = None
    note: str | None = None
    note_words: str | None = None

    def saying(self, text: str) -> "Run":
        """Other text in the same look."""
        return Run(text, self.bold, self.italic, self.superscript, self.language, self.note, self.note_words)


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


class Typesetter:
    """Makes paragraphs of what stands at one place of the package, which is named when a sign cannot be shown."""

    def __init__(self, where: str) -> None:
        self._where = where

    def paragraph(
        self,
        content: Content,
        style: Style,
        label: str | None = None,
        *,
        element: Element | None = None,
        label_element: Element | None = None,
        language: str | None = None,
    ) -> Paragraph:
        """A paragraph; `label` is its number or sign. It becomes an element of the style's role, unless given one.

        Raises InputRefused (document.missing-glyph) when no font has a sign of it.
        """
        owner = element or Element(style.role, language=language)
        pieces = list(self._pieces(content, style))
        if label is None:
            return Paragraph(pieces, style, owner)
        marked = Label(pieces=list(self._pieces(label, style)), element=label_element or owner)
        return Paragraph(pieces, style, owner, marked)

    def enumeration(self, items: Sequence[Content], style: Style, labels: Sequence[str]) -> list[Paragraph]:
        """A list: each item with its number or sign in front."""
        whole = Element("L", attributes=NUMBERED)
        set_in = indented(style, INDENT)
        return [self.item(whole, content, set_in, label) for content, label in zip(items, labels, strict=True)]

    def bullets(self, items: Sequence[Content], style: Style) -> list[Paragraph]:
        """A list: each item with a bullet in front."""
        whole = Element("L", attributes=BULLETED)
        return [self.item(whole, content, indented(style, INDENT / 2), BULLET) for content in items]

    def item(self, whole: Element, content: Content, style: Style, label: str) -> Paragraph:
        """The next item of a list."""
        item = whole.new("LI")
        mark = item.new("Lbl")
        return self.paragraph(content, style, label, element=item.new("LBody"), label_element=mark)

    def _pieces(self, content: Content, style: Style) -> Iterator[Piece]:
        for run in (Run(content),) if isinstance(content, str) else content:
            if run is LINE_BREAK:
                yield Piece("", None)
                continue
            look = _look(run, style)
            for part, face in self._by_font(ready(run.text), look.face):
                yield Piece(part, look if face is look.face else replace(look, face=face))

    def _by_font(self, text: str, wanted: fonts.Face) -> Iterator[tuple[str, fonts.Face]]:
        if wanted.coverage.issuperset(text):
            yield text, wanted
            return
        part, face = "", wanted
        for sign in text:
            needed = wanted if sign in wanted.coverage else self._fallback(sign)
            if needed is not face:
                if part:
                    yield part, face
                part, face = "", needed
            part += sign
        yield part, face

    def _fallback(self, sign: str) -> fonts.Face:
        signs = fonts.face(fonts.SIGNS)
        if sign in signs.coverage:
            return signs
        raise InputRefused(Code.DOCUMENT_MISSING_GLYPH, where=self._where, character=f"U+{ord(sign):04X}")


def _look(run: Run, style: Style) -> Look:
    look = _plain_look(style, run.bold, run.italic, run.superscript)
    if run.language or run.note:
        return replace(look, language=run.language, note=run.note, note_words=run.note_words)
    return look


@lru_cache(maxsize=512)
def _plain_look(style: Style, bold: bool, italic: bool, superscript: bool) -> Look:  # noqa: FBT001
    bold = bold or style.font in (fonts.BOLD, fonts.BOLD_ITALIC)
    italic = italic != (style.font in (fonts.ITALIC, fonts.BOLD_ITALIC))
    face = fonts.face(fonts.variant(bold=bold, italic=italic))
    if superscript:
        size, rise = round(style.size * _SUPERSCRIPT_SIZE, 2), round(style.size * _SUPERSCRIPT_RISE, 2)
        return Look(face=face, size=size, rise=rise)
    return Look(face=face, size=style.size)
