# mypy: allow-untyped-calls
"""The label of one sealed envelope, four by six inches.

A single sealed envelope without security marking: no file number, nothing of what is in it, no word of the Board's
business but the sender a returned letter needs.
"""

from dataclasses import replace

from reportlab.platypus.flowables import Spacer

from gateway.ports.registry_papers import MailingLabel
from templates.catalogue import text
from templates.pdf import styles
from templates.pdf.barcodes import BarCode
from templates.pdf.document import Description, Paper, Section, build
from templates.pdf.flowables import Rule
from templates.pdf.furniture import Furniture
from templates.pdf.text import Typesetter
from templates.postal import envelope_lines
from templates.sheet import WHERE
from templates.words import tag

_SIZE = (288.0, 432.0)
_SENDER = replace(styles.TIGHT, size=8.5, leading=10.5)
_SERVICE = replace(styles.TITLE, size=16, leading=20, space_before=10, space_after=10, outline=None)
_TO = replace(styles.TIGHT, size=14.5, leading=19)
_PIECE = replace(styles.TIGHT, size=11, leading=14, space_before=4)


def mailing_label(paper: MailingLabel) -> Paper:
    """The label."""
    language = paper.language
    set_text = Typesetter(WHERE)
    words = text("sheets", "common.barcode", language, value=paper.piece)
    flowables = [
        set_text.paragraph(text("sheets", "label.from", language), styles.LABEL),
        *(set_text.paragraph(line, _SENDER) for line in paper.sender),
        Rule(space_before=10, weight=0.9),
        set_text.paragraph(text("sheets", f"label.service.{paper.service.value}", language), _SERVICE),
        set_text.paragraph(text("sheets", "label.to", language), styles.LABEL),
        *(set_text.paragraph(line, _TO) for line in envelope_lines(paper.envelope, language)),
        Spacer(1, 30),
        Rule(space_after=12),
        BarCode(paper.piece, words, height=72),
        set_text.paragraph(paper.piece, _PIECE),
    ]
    furniture = Furniture(head="", files="", number=lambda _page, _pages: "", bare=True)
    section = Section(flowables=flowables, furniture=furniture, size=_SIZE, language=tag(language))
    description = Description(
        title=paper.piece, author=text("papers", "board", language), language=tag(language), date=paper.made_on
    )
    return build([section], description)
