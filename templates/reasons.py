# mypy: allow-untyped-calls
"""Reasons that come as Markdown, typeset: headings, numbered paragraphs, quotations, lists, tables, footnotes.

Nothing is added but the edge of the pages and a heading above the notes; the words are the member's.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from markdown_it.tree import SyntaxTreeNode
from reportlab.platypus.flowables import Flowable, Spacer

from gateway.domain.parties import Language
from gateway.ports.papers import SourceDocument
from templates.catalogue import text
from templates.markdown import Notes, inline_runs, item_numbers, paragraph_number, parse
from templates.matter import Matter
from templates.pdf import styles
from templates.pdf.document import Inlaid, Inlay, Section, lay_in
from templates.pdf.flowables import Rule
from templates.pdf.furniture import UNFURNISHED, Furniture
from templates.pdf.paragraph import Paragraph
from templates.pdf.structure import Element
from templates.pdf.styles import Style
from templates.pdf.tables import GRID, table
from templates.pdf.text import BULLET, BULLETED, LINE_BREAK, NUMBERED, Run, Typesetter
from templates.words import tag

_NOTE_WIDTH = 22.0
_DEEPEST_HEADING = 6


def reasons(matter: Matter, source: SourceDocument) -> Section:
    """The reasons as a section, in the language they are written in.

    Raises InputRefused (document.unreadable, document.missing-glyph) with the document's path.
    """
    return _section(source, matter.furniture(source.document.language))


def reasons_at_end(matter: Matter, sources: Sequence[SourceDocument]) -> Inlaid:
    """The reasons as the last pages of a paper. They are laid out once for all participants of a dispatch, whose papers
    are made one after the other; only the edge of the pages is each paper's own.

    Raises InputRefused (document.unreadable, document.missing-glyph) with the document's path.
    """
    return Inlaid(
        inlay=laid_in(tuple(sources)), furniture=[matter.furniture(source.document.language) for source in sources]
    )


@lru_cache(maxsize=2)
def laid_in(sources: tuple[SourceDocument, ...]) -> Inlay:
    """The reasons laid out, without the edge of their pages. Raises as `reasons`."""
    return lay_in([_section(source, UNFURNISHED) for source in sources])


def _section(source: SourceDocument, furniture: Furniture) -> Section:
    document = source.document
    root, numbers = parse(source.content, document.path)
    words = partial(_note_words, document.language)
    setter = _Setter(Typesetter(document.path), Notes(numbers=numbers, words=words, prefix=f"{document.path}/"))
    flowables = [*setter.blocks(root.children, _Place(styles.BODY))]
    if setter.notes:
        heading = text("papers", "reasons.notes", document.language)
        flowables += [Rule(space_before=14, space_after=4), *setter.set_notes(heading)]
    return Section(
        flowables=flowables or [Spacer(1, 1)],
        furniture=furniture,
        language=tag(document.language),
    )


def _note_words(language: Language, number: str) -> str:
    return text("papers", "reasons.note", language, number=number)


class _Place:
    """Where blocks are set: in which style, how far in (`depth`, in steps of an indent), and within which element."""

    def __init__(self, style: Style, depth: int = 0, within: Element | None = None) -> None:
        self.style = style
        self.depth = depth
        self.within = within

    def new(self, role: str) -> Element:
        """An element of that role at this place."""
        return self.within.new(role) if self.within else Element(role)

    @property
    def indent(self) -> float:
        """In points; beyond a depth nothing is set further in."""
        return min(self.depth, styles.DEEPEST_INDENT) * styles.INDENT


class _Setter:
    """Walks the tree."""

    def __init__(self, set_text: Typesetter, notes: Notes) -> None:
        self._set = set_text
        self._notes = notes
        self._level = 0
        self.notes: list[SyntaxTreeNode] = []

    def blocks(self, nodes: Sequence[SyntaxTreeNode], place: _Place) -> Iterator[Flowable]:
        """The flowables of block nodes."""
        for node in nodes:
            match node.type:
                case "heading":
                    yield self._heading(node, place)
                case "paragraph":
                    yield self._paragraph(node, place)
                case "blockquote":
                    quoted = _Place(styles.QUOTE, place.depth + 1, place.new("BlockQuote"))
                    yield from self.blocks(node.children, quoted)
                case "bullet_list":
                    yield from self._list(node, [BULLET] * len(node.children), BULLETED, place)
                case "ordered_list":
                    numbers = zip(item_numbers(node), node.children, strict=True)
                    yield from self._list(node, [f"{number}{item.markup}" for number, item in numbers], NUMBERED, place)
                case "table":
                    yield self._table(node, place)
                case "hr":
                    yield Rule(space_before=6, space_after=12)
                case "footnote_reference":
                    self.notes.append(node)
                case _:
                    yield self._verbatim(node, place)

    def set_notes(self, heading: str) -> Iterator[Flowable]:
        """The footnotes, in the order of their numbers, as notes at the end."""
        yield self._set.paragraph(heading, self._as_heading(2, styles.HEADINGS[2]))
        for note in sorted(self.notes, key=lambda one: int(self._notes.numbers[one.meta["label"]])):
            label = note.meta["label"]
            element = Element("Note", name=self._notes.name(label))
            place = _Place(styles.SMALL, 0, element)
            yield from self._item(note.children, self._notes.numbers[label], element.new("Lbl"), place, _NOTE_WIDTH)

    def _runs(self, node: SyntaxTreeNode) -> list[Run]:
        return [run for child in node.children for run in inline_runs(child, self._notes)]

    def _heading(self, node: SyntaxTreeNode, place: _Place) -> Flowable:
        level = int(node.tag[1:])
        style = self._as_heading(level, styles.HEADINGS[min(level, len(styles.HEADINGS)) - 1])
        return self._set.paragraph(self._runs(node), style, element=place.new(style.role))

    def _as_heading(self, level: int, style: Style) -> Style:
        """In the structure no level is left out, whatever the author did (ISO 14289-1, 7.4.2); the look is theirs."""
        self._level = min(level, self._level + 1, _DEEPEST_HEADING)
        return styles.as_heading(style, self._level)

    def _paragraph(self, node: SyntaxTreeNode, place: _Place) -> Flowable:
        number, runs = paragraph_number(self._runs(node))
        if number is None:
            return self._set.paragraph(runs, styles.indented(place.style, place.indent), element=place.new("P"))
        style = styles.indented(place.style, place.indent + styles.INDENT, place.indent)
        return self._set.paragraph(runs, style, number, element=place.new("P"))

    def _list(self, node: SyntaxTreeNode, labels: Sequence[str], attributes: str, place: _Place) -> Iterator[Flowable]:
        whole = place.new("L")
        whole.attributes = attributes
        for label, item in zip(labels, node.children, strict=True):
            entry = whole.new("LI")
            mark = entry.new("Lbl")
            inner = _Place(place.style, place.depth, entry.new("LBody"))
            yield from self._item(item.children, label, mark, inner, styles.INDENT)

    def _item(
        self, nodes: Sequence[SyntaxTreeNode], label: str, mark: Element, place: _Place, width: float
    ) -> Iterator[Flowable]:
        """The label stands at the first paragraph; an item that begins with something else has a line for it."""
        style = styles.indented(place.style, place.indent + width, place.indent)
        rest = list(nodes)
        runs = self._runs(rest.pop(0)) if rest and rest[0].type == "paragraph" else []
        yield self._set.paragraph(runs, style, label, element=place.new("P"), label_element=mark)
        yield from self.blocks(rest, _Place(place.style, place.depth + 1, place.within))

    def _verbatim(self, node: SyntaxTreeNode, place: _Place) -> Flowable:
        """Code blocks: their lines and leading spaces are kept."""
        runs: list[Run] = []
        for line in node.content.rstrip("\n").split("\n"):
            kept = line.expandtabs(4).lstrip(" ")
            spaces = len(line.expandtabs(4)) - len(kept)
            runs += [LINE_BREAK, Run("\u00a0" * spaces + kept)] if runs else [Run("\u00a0" * spaces + kept)]
        indent = _Place(place.style, place.depth + 1).indent
        return self._set.paragraph(runs, styles.indented(place.style, indent), element=place.new("P"))

    def _table(self, node: SyntaxTreeNode, place: _Place) -> Flowable:
        lines = [row for part in node.children for row in part.children]
        heads, *rows = [[self._cell(cell) for cell in row.children] for row in lines]
        widths = _column_widths([[cell.children for cell in row.children] for row in lines])
        made = table(heads, [[[cell] for cell in row] for row in rows], widths, GRID)
        if place.within:
            place.within.adopt(made.element)
        return made

    def _cell(self, cell: SyntaxTreeNode) -> Paragraph:
        style = styles.CELL_HEAD if cell.type == "th" else styles.CELL
        asked = str(cell.attrs.get("style", "")).removeprefix("text-align:")
        return self._set.paragraph(self._runs(cell), styles.aligned(style, asked) if asked else style)


def _column_widths(rows: Sequence[Sequence[Sequence[SyntaxTreeNode]]]) -> list[float]:
    """Shares of the text's width by the length of the longest cell of each column, none below a fair minimum."""
    columns = max(len(row) for row in rows)
    longest = [1] * columns
    for row in rows:
        for column, inlines in enumerate(row):
            longest[column] = max(longest[column], sum(len(inline.content) for inline in inlines))
    least = styles.TEXT_WIDTH / columns / 2
    shared = styles.TEXT_WIDTH - least * columns
    weights = [min(length, 60) for length in longest]
    return [least + shared * weight / sum(weights) for weight in weights]
