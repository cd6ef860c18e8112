# mypy: allow-untyped-calls
"""Reasons that come as Markdown, typeset: headings, numbered paragraphs, quotations, lists, tables, footnotes.

Nothing is added but the edge of the pages and a heading above the notes; the words are the member's.
"""

from collections.abc import Iterator, Sequence

from markdown_it.tree import SyntaxTreeNode
from reportlab.platypus.flowables import Flowable, Spacer
from reportlab.platypus.tables import Table

from gateway.ports.papers import SourceDocument
from templates.catalogue import text
from templates.markdown import NoteNumbers, inline_runs, item_numbers, paragraph_number, parse
from templates.matter import Matter
from templates.pdf import styles
from templates.pdf.document import Section
from templates.pdf.flowables import Rule
from templates.pdf.styles import Style
from templates.pdf.text import LINE_BREAK, Run, Typesetter

_BULLET = "•"
_NOTE_WIDTH = 22.0
_GRID = styles.table_style(
    ("GRID", (0, 0), (-1, -1), 0.5, styles.LINE),
    ("LINEBELOW", (0, 0), (-1, 0), 0.9, styles.INK),
    ("LEFTPADDING", (0, 0), (-1, -1), 6),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("TOPPADDING", (0, 0), (-1, -1), 4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
)


def reasons(matter: Matter, source: SourceDocument) -> Section:
    """The reasons as a section, in the language they are written in.

    Raises InputRefused (document.unreadable, document.missing-glyph) with the document's path.
    """
    document = source.document
    root, numbers = parse(source.content, document.path)
    setter = _Setter(Typesetter(document.path), numbers)
    flowables = [*setter.blocks(root.children, styles.BODY, 0)]
    if setter.notes:
        heading = text("papers", "reasons.notes", document.language)
        flowables += [Rule(space_before=14, space_after=4), *setter.set_notes(heading)]
    return Section(flowables=flowables or [Spacer(1, 1)], furniture=matter.furniture(document.language))


class _Setter:
    """Walks the tree. `depth` counts how far in the text is set, in steps of an indent."""

    def __init__(self, set_text: Typesetter, numbers: NoteNumbers) -> None:
        self._set = set_text
        self._numbers = numbers
        self.notes: list[SyntaxTreeNode] = []

    def blocks(self, nodes: Sequence[SyntaxTreeNode], style: Style, depth: int) -> Iterator[Flowable]:
        """The flowables of block nodes."""
        for node in nodes:
            match node.type:
                case "heading":
                    yield self._heading(node)
                case "paragraph":
                    yield self._paragraph(node, style, depth)
                case "blockquote":
                    yield from self.blocks(node.children, styles.QUOTE, depth + 1)
                case "bullet_list":
                    yield from self._list(node, [_BULLET] * len(node.children), style, depth)
                case "ordered_list":
                    numbers = zip(item_numbers(node), node.children, strict=True)
                    marks = [f"{number}{item.markup}" for number, item in numbers]
                    yield from self._list(node, marks, style, depth)
                case "table":
                    yield self._table(node)
                case "hr":
                    yield Rule(space_before=6, space_after=12)
                case "footnote_reference":
                    self.notes.append(node)
                case _:
                    yield self._verbatim(node, style, depth)

    def set_notes(self, heading: str) -> Iterator[Flowable]:
        """The footnotes, in the order of their numbers, as notes at the end."""
        yield self._set.paragraph(heading, styles.HEADINGS[2])
        for note in sorted(self.notes, key=lambda one: int(self._numbers[one.meta["label"]])):
            yield from self._item(note.children, self._numbers[note.meta["label"]], styles.SMALL, 0, _NOTE_WIDTH)

    def _runs(self, node: SyntaxTreeNode) -> list[Run]:
        return [run for child in node.children for run in inline_runs(child, self._numbers)]

    def _heading(self, node: SyntaxTreeNode) -> Flowable:
        level = min(int(node.tag[1:]), len(styles.HEADINGS))
        return self._set.paragraph(self._runs(node), styles.HEADINGS[level - 1])

    def _paragraph(self, node: SyntaxTreeNode, style: Style, depth: int) -> Flowable:
        number, runs = paragraph_number(self._runs(node))
        indent = _indent(depth)
        if number is None:
            return self._set.paragraph(runs, styles.indented(style, indent))
        return self._set.paragraph(runs, styles.indented(style, indent + styles.INDENT, indent), number)

    def _list(self, node: SyntaxTreeNode, marks: Sequence[str], style: Style, depth: int) -> Iterator[Flowable]:
        for mark, item in zip(marks, node.children, strict=True):
            yield from self._item(item.children, mark, style, depth, styles.INDENT)

    def _item(
        self, nodes: Sequence[SyntaxTreeNode], mark: str, style: Style, depth: int, width: float
    ) -> Iterator[Flowable]:
        """The mark stands at the first paragraph; an item that begins with something else has a line for it."""
        indent = _indent(depth)
        inner = styles.indented(style, indent + width, indent)
        rest = list(nodes)
        if rest and rest[0].type == "paragraph":
            yield self._set.paragraph(self._runs(rest.pop(0)), inner, mark)
        else:
            yield self._set.paragraph("\u00a0", inner, mark)
        yield from self.blocks(rest, style, depth + 1)

    def _verbatim(self, node: SyntaxTreeNode, style: Style, depth: int) -> Flowable:
        """Code blocks: their lines and leading spaces are kept."""
        runs: list[Run] = []
        for line in node.content.rstrip("\n").split("\n"):
            kept = line.expandtabs(4).lstrip(" ")
            spaces = len(line.expandtabs(4)) - len(kept)
            runs += [LINE_BREAK, Run("\u00a0" * spaces + kept)] if runs else [Run("\u00a0" * spaces + kept)]
        return self._set.paragraph(runs, styles.indented(style, _indent(depth + 1)))

    def _table(self, node: SyntaxTreeNode) -> Flowable:
        rows = [row for part in node.children for row in part.children]
        cells = [[self._cell(cell) for cell in row.children] for row in rows]
        widths = _column_widths([[cell.children for cell in row.children] for row in rows])
        return Table(cells, colWidths=widths, style=_GRID, repeatRows=1, splitInRow=1, hAlign="LEFT", spaceAfter=10)

    def _cell(self, cell: SyntaxTreeNode) -> Flowable:
        style = styles.CELL_HEAD if cell.type == "th" else styles.CELL
        asked = str(cell.attrs.get("style", "")).removeprefix("text-align:")
        return self._set.paragraph(self._runs(cell), styles.aligned(style, asked) if asked else style)


def _indent(depth: int) -> float:
    return min(depth, styles.DEEPEST_INDENT) * styles.INDENT


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
