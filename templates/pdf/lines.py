"""Breaking text into lines: at U+0020 alone, so that neither U+00A0, U+202F nor a hyphen ever ends a line.

A word wider than the column is broken between its signs: nothing is left out and nothing overruns the margin.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from templates.pdf.fonts import Face


@dataclass(frozen=True, slots=True)
class Look:
    """How a stretch of text looks and what it is. `language` is foreign to the paragraph's; `note` is a note's name
    and `note_words` what leads there is called."""

    face: Face
    size: float
    rise: float = 0
    language: str | None = None
    note: str | None = None
    note_words: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in one look, or the end of a line (`look` is None)."""

    text: str
    look: Look | None


@dataclass(slots=True)
class Line:
    """A line: stretches of text, the width taken, and whether it ends within a word."""

    stretches: list[tuple[Look, str]] = field(default_factory=list)
    width: float = 0
    within_word: bool = False


_Word = list[tuple[Look, str]]
_ROUNDING = 1e-6


class Breaker:
    """Fills lines one after the other; `first` is the width of the first, `width` that of all others."""

    def __init__(self, first: float, width: float) -> None:
        self._limit = first
        self._width = width
        self._line = Line()
        self._space: tuple[Look, float] | None = None
        self.lines: list[Line] = []

    def words(self, look: Look, words: list[str]) -> None:
        """Adds words in one look, a space before and after each: all that fit on a line are found at once."""
        size, space = look.size, look.face.space
        ends = list(accumulate(width + space for width in look.face.widths(words)))
        taken, done = 0, 0.0
        while taken < len(words):
            line = self._line
            before = self._space[1] if self._space and line.stretches else 0.0
            room = (self._limit - line.width - before) / size + space + done + _ROUNDING
            fitting = bisect_right(ends, room, taken)
            if fitting > taken:
                if before and self._space:
                    self._append(self._space[0], " ", before)
                width = (ends[fitting - 1] - done - space) * size
                self._append(look, " ".join(words[taken:fitting]), width)
                taken = fitting
                if taken < len(words):
                    self.end_line()
            elif line.stretches:
                self.end_line()
            else:
                self._long([(look, words[taken])])
                taken += 1
                self.space(look)
            done = ends[taken - 1] if taken else 0.0
        self.space(look)

    def word(self, word: _Word) -> None:
        """Adds a word of several looks to this line or the next."""
        width = sum(look.face.width(text) * look.size for look, text in word)
        before = self._space[1] if self._space and self._line.stretches else 0
        if self._line.stretches and self._line.width + before + width > self._limit + _ROUNDING:
            self.end_line()
            before = 0
        if width > self._limit + _ROUNDING:
            self._long(word)
            return
        if before and self._space:
            self._append(self._space[0], " ", before)
        for look, text in word:
            self._append(look, text, look.face.width(text) * look.size)

    def space(self, look: Look) -> None:
        """A space, which is set only if a word follows on the same line."""
        self._space = (look, look.face.space * look.size)

    def end_line(self, *, within_word: bool = False) -> None:
        """Ends the line."""
        self._line.within_word = within_word
        self.lines.append(self._line)
        self._line = Line()
        self._limit = self._width
        self._space = None

    def finish(self) -> list[Line]:
        """All lines."""
        if self._line.stretches:
            self.end_line()
        return self.lines

    def _append(self, look: Look, text: str, width: float) -> None:
        stretches = self._line.stretches
        if stretches and stretches[-1][0] is look:
            stretches[-1] = (look, stretches[-1][1] + text)
        else:
            stretches.append((look, text))
        self._line.width += width

    def _long(self, word: _Word) -> None:
        for look, text in word:
            for sign in text:
                width = look.face.width(sign) * look.size
                if self._line.stretches and self._line.width + width > self._limit:
                    self.end_line(within_word=True)
                self._append(look, sign, width)


def break_lines(pieces: Sequence[Piece], first: float, width: float) -> list[Line]:
    """The lines of the pieces, the first in a column of `first` points, the others of `width`."""
    breaker = Breaker(first, width)
    begun: _Word = []
    for piece in pieces:
        look = piece.look
        if look is None:
            _flush(breaker, begun)
            breaker.end_line()
            continue
        ending, *whole = piece.text.split(" ")
        if ending:
            begun.append((look, ending))
        if whole:
            _flush(breaker, begun)
            breaker.space(look)
            beginning = whole.pop()
            if "" in whole:
                whole = [word for word in whole if word]
            if whole:
                breaker.words(look, whole)
            if beginning:
                begun.append((look, beginning))
    _flush(breaker, begun)
    return breaker.finish()


def _flush(breaker: Breaker, word: _Word) -> None:
    if word:
        breaker.word(word)
        word.clear()


def pieces_of(lines: Iterable[Line]) -> list[Piece]:
    """The pieces of lines that are broken already, so that they can be broken anew for another width."""
    pieces: list[Piece] = []
    for line in lines:
        pieces += [Piece(text, look) for look, text in line.stretches]
        if not line.within_word and line.stretches:
            pieces.append(Piece(" ", line.stretches[-1][0]))
    return pieces
