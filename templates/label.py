# mypy: allow-untyped-calls
"""The label of one sealed envelope, four by six inches.

A single sealed envelope without security marking: no file number, nothing of what is in it, no word of the Board's
business but the sender a returned letter needs.
"""

from collections.abc import Sequence
from dataclasses import replace

from reportlab.platypus.flowables import Spacer

from gateway.ports.registry_papers import MailingLabel
from templates.catalogue import text
from templates.pdf import styles
from templates.pdf.barcodes import BarCode
from templates.pdf.document import Description, Paper, Section, build
from templates.pdf.flowables import Rule
from templates.pdf.fonts import face
from templates.pdf.furniture import Furniture
from templates.pdf.paragraph import Paragraph
from templates.pdf.text import Typesetter
from templates.postal import envelope_lines, grouped
from templates.sheet import WHERE
from templates.words import tag

_SIZE = (288.0, 432.0)
_SENDER = replace(styles.TIGHT, size=8.5, leading=10.5)
_SERVICE = replace(styles.TITLE, size=16, leading=20, space_before=10, space_after=10, outline=None)
_TO = tuple(replace(styles.TIGHT, size=size, leading=size * 1.3) for size in (14.5, 12.5, 11.0, 9.5, 8.5))
_PIECE = replace(styles.TIGHT, size=11, leading=14, space_before=4)


def mailing_labels(papers: Sequence[MailingLabel]) -> Paper:
    """The labels, a page each."""
    first = papers[0]
    description = Description(
        title=", ".join(dict.fromkeys((first.piece, papers[-1].piece))),
        author=text("papers", "board", first.language),
        language=tag(first.language),
        date=first.made_on,
    )
    return build([_label(one) for one in papers], description)


def _label(paper: MailingLabel) -> Section:
    language = paper.language
    set_text = Typesetter(WHERE)
    words = text("sheets", "common.barcode", language, value=paper.piece)
    flowables = [
        set_text.paragraph(text("sheets", "label.from", language), styles.LABEL),
        *(set_text.paragraph(line.upper(), _SENDER) for line in paper.sender),
        Rule(space_before=10, weight=0.9),
        set_text.paragraph(text("sheets", f"label.service.{paper.service.value}", language), _SERVICE),
        set_text.paragraph(text("sheets", "label.to", language), styles.LABEL),
        *_fitted(set_text, envelope_lines(paper.envelope, language)),
        Spacer(1, 26),
        Rule(space_after=12),
        BarCode(paper.piece, words, height=64),
        set_text.paragraph(grouped(paper.piece), _PIECE),
    ]
    furniture = Furniture(head="", files="", number=lambda _page, _pages: "", bare=True)
    return Section(flowables=flowables, furniture=furniture, size=_SIZE, language=tag(language))


def _fitted(set_text: Typesetter, lines: Sequence[str]) -> list[Paragraph]:
    """The lines in the largest type in which each stays one line: a broken one is read as two."""
    style = next(one for one in _TO if one is _TO[-1] or all(_fits(line, one) for line in lines))
    return [set_text.paragraph(line, style) for line in lines]


def _fits(line: str, style: styles.Style) -> bool:
    return face(style.font).measure(line) * style.size <= _SIZE[0] - 2 * styles.BARE_MARGIN
