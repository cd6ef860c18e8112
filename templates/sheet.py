# mypy: allow-untyped-calls
"""A sheet of the Registry's own: letterhead, title, particulars, text, tables, and the place where somebody signs.

The papers of proof and carriage are written with it; each says what stands on it and nothing of how it is drawn.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from reportlab.platypus.flowables import Flowable, KeepTogether, Spacer

from gateway.domain.outcomes import Division
from gateway.domain.parties import Language
from gateway.domain.return_code import ReturnCode
from templates.catalogue import text
from templates.formats import format_date, format_time, format_zone
from templates.pdf import styles
from templates.pdf.barcodes import BarCode, QrCode
from templates.pdf.document import Attachment, Description, Paper, Section, build
from templates.pdf.flowables import Blank, Columns, Rule
from templates.pdf.furniture import Furniture
from templates.pdf.paragraph import Paragraph
from templates.pdf.particulars import particulars
from templates.pdf.tables import table
from templates.pdf.text import Content, Typesetter, lines
from templates.words import division_name, office_name, tag

LABEL_WIDTH = 128.0
_HALF = styles.TEXT_WIDTH / 2
_BLANK_GAP, _BETWEEN_BLANKS = 21.0, 20.0
_BELOW_LETTERHEAD = 10.0
_BETWEEN_ROWS = 3.0
_LABEL_SHARE = 0.42
_CODE = replace(styles.SMALL, size=7.5, leading=9, left=12)
Words = str | Sequence[str]

WHERE = "registry-paper"
"""The place named when no font has a sign: the paper is made from records, not from a document of the package."""


class Sheet:
    """One paper being written, top to bottom, in one language. `area` is the table of `sheets.toml` with its texts."""

    def __init__(self, area: str, division: Division | None, language: Language, zone: dt.tzinfo = dt.UTC) -> None:
        """division: None of what belongs to several."""
        self.language = language
        self.set_text = Typesetter(WHERE)
        self._area = area
        self._division = division
        self._zone = zone
        self._flowables: list[Flowable] = []

    def say(self, key: str, **facts: str | int) -> str:
        """The text `key` of this paper."""
        return text("sheets", f"{self._area}.{key}", self.language, **facts)

    def common(self, key: str, **facts: str | int) -> str:
        """The text `key` that papers share."""
        return text("sheets", f"common.{key}", self.language, **facts)

    def date(self, date: dt.date) -> str:
        """The date in words."""
        return format_date(date, self.language)

    def moment(self, moment: dt.datetime) -> str:
        """Date and time on the office's clock."""
        local = moment.astimezone(self._zone)
        return self.common(
            "moment",
            date=format_date(local.date(), self.language),
            time=format_time(local.time(), self.language),
            zone=format_zone(local, self.language),
        )

    def add(self, *flowables: Flowable) -> None:
        """Adds what was made elsewhere."""
        self._flowables += flowables

    def mark(self) -> int:
        """Where the sheet stands, for `keep_together`."""
        return len(self._flowables)

    def keep_together(self, mark: int) -> None:
        """What was added since the mark stands on one page, if a page holds it: nobody signs a page of its own."""
        self._flowables[mark:] = [KeepTogether(self._flowables[mark:])]

    def letterhead(self) -> None:
        """The Board's name in both languages, that of the paper first."""
        columns: list[list[Flowable]] = []
        for one in (self.language, *(other for other in Language if other is not self.language)):
            foreign = None if one is self.language else tag(one)
            board = lines(text("papers", "letterhead", one))
            column: list[Flowable] = [self.set_text.paragraph(board, styles.LETTERHEAD, language=foreign)]
            if self._division is not None:
                name = division_name(self._division, one)
                column.append(self.set_text.paragraph(name, styles.LETTERHEAD_DIVISION, language=foreign))
            columns.append(column)
        self.add(Columns(columns, (_HALF, _HALF)), Rule(space_before=9, space_after=_BELOW_LETTERHEAD))

    def title(self, *, under: str | None = None) -> None:
        """The paper's title, and the rule it rests on."""
        self.add(self.set_text.paragraph(self.say("title"), styles.TITLE))
        if under:
            self.add(self.set_text.paragraph(under, styles.SUBTITLE))
        self.add(Rule(space_before=0 if under else 8, space_after=12, weight=0.9))

    def heading(self, words: str) -> None:
        """A heading."""
        self.add(self.set_text.paragraph(words, styles.HEADINGS[1]))

    def paragraph(self, words: str) -> None:
        """A paragraph."""
        self.add(self.set_text.paragraph(words, styles.BODY))

    def small(self, words: str) -> None:
        """A remark."""
        self.add(self.set_text.paragraph(words, styles.SMALL))

    def rows(self, rows: Sequence[tuple[str, str | Sequence[str]]]) -> None:
        """Particulars."""
        given: list[tuple[str, Sequence[Content]]] = [
            (label, [value] if isinstance(value, str) else list(value)) for label, value in rows
        ]
        widths = (LABEL_WIDTH, styles.TEXT_WIDTH - LABEL_WIDTH)
        self.add(*particulars(self.set_text, given, widths, space_after=_BETWEEN_ROWS))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[Words]], shares: Sequence[float]) -> None:
        """A table; `shares` are of the width of the text. Of several words in a cell, all but the first are small."""
        named = [self.set_text.paragraph(head, styles.CELL_HEAD) for head in heads]
        cells = [[self._cell(words) for words in row] for row in rows]
        self.add(table(named, cells, [share * styles.TEXT_WIDTH for share in shares]))

    def _cell(self, words: Words) -> list[Paragraph]:
        first, *small = (words,) if isinstance(words, str) else words
        return [
            self.set_text.paragraph(first, styles.CELL),
            *(self.set_text.paragraph(one, styles.CELL_FINE) for one in small),
        ]

    def bullets(self, items: Sequence[str]) -> None:
        """A list."""
        self.add(*self.set_text.bullets(items, styles.TIGHT), Spacer(1, styles.BODY.space_after))

    def rule(self) -> None:
        """A line across the page."""
        self.add(Rule(space_before=8, space_after=2))

    def space(self, points: float) -> None:
        """White space."""
        self.add(Spacer(1, points))

    def to_fill_in(self, above: Sequence[str], labels: Sequence[str], *, heading: str | None = None) -> None:
        """Lines to be filled in by hand, two beside each other, on one page with the words above them."""
        kept: list[Flowable] = [self.set_text.paragraph(heading, styles.HEADINGS[1])] if heading else []
        kept += [self.set_text.paragraph(words, styles.TIGHT) for words in above]
        half = (styles.TEXT_WIDTH - _BETWEEN_BLANKS) / 2
        for number in range(0, len(labels), 2):
            pair = [self._blank(label, half) for label in labels[number : number + 2]]
            if len(pair) == 1:
                kept += pair
            else:
                kept.append(Columns([pair[:1], [], pair[1:]], (half, _BETWEEN_BLANKS, half)))
        self.add(KeepTogether(kept))

    def _blank(self, label: str, across: float) -> Flowable:
        named = self.set_text.paragraph(label, styles.LABEL)
        own = min(LABEL_WIDTH, across * _LABEL_SHARE)
        widths = (own, across - own)
        return Columns([[named], [Blank(widths[1])]], widths, space_before=_BLANK_GAP)

    def blanks_beside_code(self, labels: Sequence[str], code: ReturnCode) -> None:
        """Lines to be filled in, and the code by which the paper is found again when it comes back; below it the same
        in letters, for a person to type where a machine cannot read it."""
        drawn = QrCode(code.text, self.common("qr", value=code.grouped))
        across = styles.TEXT_WIDTH - drawn.size[0] - _BLANK_GAP
        blanks = [self._blank(label, across) for label in labels]
        typed = self.set_text.paragraph(code.grouped, _CODE)
        self.add(KeepTogether([Columns([blanks, [drawn, typed]], (across + _BLANK_GAP, drawn.size[0]))]))

    def bar_code(self, value: str) -> None:
        """A bar code of the value."""
        self.add(Spacer(1, 6), BarCode(value, self.common("barcode", value=value), space_after=14))

    def section(self, files: Sequence[str], *, head_on_first: bool = False) -> Section:
        """The paper as a section; `files` stand at the foot of each page."""
        return Section(
            flowables=self._flowables,
            furniture=Furniture(
                head=self._head,
                files=text("papers", "page.files", self.language, files=", ".join(files), count=len(files))
                if files
                else "",
                number=lambda page, pages: text("papers", "page.number", self.language, page=page, pages=pages),
                head_on_first=head_on_first,
            ),
            language=tag(self.language),
        )

    @property
    def _head(self) -> str:
        """The division, else the Board."""
        if self._division is None:
            return text("papers", "board", self.language)
        return division_name(self._division, self.language)

    def finish(
        self,
        files: Sequence[str],
        made_on: dt.date,
        attachments: Sequence[Attachment] = (),
        then: Sequence["Sheet"] = (),
    ) -> Paper:
        """The paper as a file, other sheets behind it. Its title names the file numbers and no person."""
        description = describe(self.say("title"), files, self.language, made_on)
        sections = [self.section(files), *(one.section(files, head_on_first=True) for one in then)]
        return build(sections, description, attachments)

    def place(self, office: str) -> str:
        """'Refugee Protection Division, Toronto'."""
        return text(
            "papers",
            "letter.signature-place",
            self.language,
            division=self._head,
            office=office_name(office, self.language),
        )


def describe(title: str, files: Sequence[str], language: Language, made_on: dt.date) -> Description:
    """What the file of such a paper says of itself."""
    return Description(
        title=", ".join([*files, title]),
        author=text("papers", "board", language),
        language=tag(language),
        date=made_on,
    )
