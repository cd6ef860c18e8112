# mypy: allow-untyped-calls
"""The canvas of the papers: all that is drawn on it is either marked content of an element or an artifact.

Text goes through `text`, figures through `figure`; lines and boxes that platypus or a paper draws are artifacts by
themselves. The edges of the pages are drawn by `templates.pdf.furniture`, and the file is written by
`templates.pdf.writing`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from templates.pdf.embedding import FontUse
from templates.pdf.fonts import face
from templates.pdf.lines import Look
from templates.pdf.structure import Annotated, Element, Mark


@dataclass(frozen=True, kw_only=True)
class PageOf:
    """Which page it is: of which section (its index), whether that section's first, and its size in points."""

    section: int
    first: bool
    size: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class DrawnPage:
    """A page: its operators without furniture, and the element of each mark."""

    of: PageOf
    code: str
    marks: list[Element]


@dataclass(frozen=True, kw_only=True)
class Link:
    """A stretch of a page that leads to a named place of the same paper. `what` says so to a reader for the blind."""

    page: int
    box: tuple[float, float, float, float]
    name: str
    what: str
    element: Element


@dataclass(frozen=True, kw_only=True)
class Place:
    """A point of a page."""

    page: int
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Bookmark:
    """A heading among the bookmarks; levels begin at 0."""

    level: int
    title: str
    place: Place


@dataclass(kw_only=True)
class Drawn:
    """All that was drawn, ready to be written."""

    fonts: FontUse = field(default_factory=FontUse)
    pages: list[DrawnPage] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    bookmarks: list[Bookmark] = field(default_factory=list)


class PaperCanvas(Canvas):
    """What platypus draws on. One paper, one canvas."""

    def __init__(self, *args: Any, fonts: FontUse | None = None, **properties: Any) -> None:
        """fonts: what is used already in the file that this is to be part of."""
        super().__init__(*args, **properties)
        self.drawn = Drawn(fonts=fonts or FontUse())
        self.section_starts: list[int] = []
        """The index of the first page of each section begun so far."""
        self._marks: list[Element] = []
        self._within_mark = False

    def begin_section(self) -> None:
        """The pages from here on are of another section."""
        self.section_starts.append(len(self.drawn.pages))

    def mark(self, element: Element) -> int:
        """Gives the element the next marked content of this page; its number."""
        number = len(self._marks)
        self._marks.append(element)
        element.kids.append(Mark(len(self.drawn.pages), number))
        return number

    @contextmanager
    def text(self, ink: float, *, artifact: bool = False) -> Iterator["TextDrawing"]:
        """A text object in which elements are drawn; `artifact` when it repeats what was drawn before."""
        drawing = TextDrawing(self, ink, artifact=artifact)
        yield drawing
        self._code.append(drawing.finish())

    @contextmanager
    def figure(self, element: Element) -> Iterator[None]:
        """What is drawn within belongs to the element, lines and boxes too."""
        self._code.append(f"/Figure <</MCID {self.mark(element)}>> BDC")
        self._within_mark = True
        yield
        self._within_mark = False
        self._code.append("EMC")

    @contextmanager
    def artifact(self, kind: str = "") -> Iterator[None]:
        """What is drawn within is passed over by readers for the blind (ISO 32000-1, 14.8.2.2)."""
        if self._within_mark:
            yield
            return
        self._code.append(f"/Artifact <</Type /{kind}>> BDC" if kind else "/Artifact BMC")
        self._within_mark = True
        yield
        self._within_mark = False
        self._code.append("EMC")

    def line(self, *args: Any, **properties: Any) -> None:
        """A line; an artifact unless it is part of a figure."""
        with self.artifact():
            super().line(*args, **properties)

    def rect(self, *args: Any, **properties: Any) -> None:
        """A box; an artifact unless it is part of a figure."""
        with self.artifact():
            super().rect(*args, **properties)

    def words(self, text: str, x: float, y: float, font: str, size: float) -> None:
        """Text of the furniture, within an artifact."""
        shown, _ = self.drawn.fonts.show(text, face(font), size, "")
        self._code.append(f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm {shown} ET")

    def link(self, element: Element, box: tuple[float, float, float, float], name: str, what: str) -> None:
        """A link over the box (in the current coordinates) to a named place."""
        left, bottom = self.absolutePosition(*box[:2])
        right, top = self.absolutePosition(*box[2:])
        page = len(self.drawn.pages)
        element.kids.append(Annotated(page, len(self.drawn.links)))
        self.drawn.links.append(Link(page=page, box=(left, bottom, right, top), name=name, what=what, element=element))

    def name_place(self, name: str, x: float, y: float) -> None:
        """Names the point, which a link may lead to."""
        self.drawn.places.setdefault(name, self._place(x, y))

    def bookmark(self, level: int, title: str, y: float) -> None:
        """A bookmark that leads to the height."""
        self.drawn.bookmarks.append(Bookmark(level=level, title=title, place=self._place(0, y)))

    def _place(self, x: float, y: float) -> Place:
        left, top = self.absolutePosition(x, y)
        return Place(page=len(self.drawn.pages), x=left, y=top)

    def showPage(self) -> None:  # noqa: N802
        """Ends the page."""
        if not self.section_starts:
            raise RuntimeError("a page without a section")
        size = (float(self._pagesize[0]), float(self._pagesize[1]))
        first = self.section_starts[-1] == len(self.drawn.pages)
        of = PageOf(section=len(self.section_starts) - 1, first=first, size=size)
        self.drawn.pages.append(DrawnPage(of=of, code="\n".join(self._code), marks=self._marks))
        self._marks = []
        self._startPage()

    def save(self) -> None:
        """Nothing: a paper is written by `templates.pdf.writing`."""

    @contextmanager
    def beside(self) -> Iterator[list[str]]:
        """What is drawn within comes onto no page: its operators are the caller's."""
        self._code: list[str] = []
        yield self._code

    def setFont(self, *_args: Any, **_properties: Any) -> None:  # noqa: N802
        """Nothing: reportlab's own fonts never come into a paper; text carries its font with it."""


class TextDrawing:
    """A text object. Its marked content ends and begins where the element changes."""

    def __init__(self, canvas: PaperCanvas, ink: float, *, artifact: bool) -> None:
        self._canvas = canvas
        self._fonts = canvas.drawn.fonts
        self._artifact = artifact
        self._code = ["BT", f"{ink:g} g"]
        if artifact:
            self._code.insert(0, "/Artifact BMC")
        self._font = ""
        self._rise = 0.0
        self._open: tuple[Element, str | None, str | None] | None = None
        self._at = (0.0, 0.0)
        self._shown: list[tuple[Look, str]] = []

    def move_to(self, x: float, y: float) -> None:
        """The next text begins here."""
        self._at = (x, y)
        self._shown.clear()
        self._code.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")

    def show(self, element: Element, look: Look, text: str) -> None:
        """Shows text that belongs to the element, or to a passage of it in another language or that leads to a note."""
        if not self._artifact and self._open != (element, look.language, look.note):
            self._begin(element, look)
        if self._rise != look.rise:
            self._rise = look.rise
            self._code.append(f"{look.rise:g} Ts")
        shown, self._font = self._fonts.show(text, look.face, look.size, self._font)
        self._code.append(shown)
        self._shown.append((look, text))
        if look.note and not self._artifact:
            self._link(look, text)

    def _begin(self, element: Element, look: Look) -> None:
        self.end_mark()
        self._open = (element, look.language, look.note)
        owner = element
        if look.note:
            owner = element.new("Reference").new("Link")
        elif look.language:
            owner = element.new("Span", language=look.language)
        self._owner = owner
        self._code.append(f"/{owner.role} <</MCID {self._canvas.mark(owner)}>> BDC")

    def _link(self, look: Look, text: str) -> None:
        y = self._at[1] + look.rise
        end = self._at[0] + sum(one.face.measure(shown) * one.size for one, shown in self._shown)
        box = (end - look.face.measure(text) * look.size, y - 1, end, y + look.size)
        self._canvas.link(self._owner, box, str(look.note), str(look.note_words))

    def end_mark(self) -> None:
        """Ends the open marked content."""
        if self._open is not None:
            self._open = None
            self._code.append("EMC")

    def finish(self) -> str:
        """The operators."""
        self.end_mark()
        if self._rise:
            self._code.append("0 Ts")
        self._code.append("ET")
        if self._artifact:
            self._code.append("EMC")
        return " ".join(self._code)
