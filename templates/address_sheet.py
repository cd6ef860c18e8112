# mypy: allow-untyped-calls
"""The first sheet of what goes into an envelope.

Folded or flat, its address stands where a window is, and nothing else does. Its bar code is our reference with a
letter that no label bears: it is held against the label before the envelope is closed. It names no file and says
nothing of what lies behind it.
"""

from dataclasses import replace

from reportlab.platypus.flowables import Spacer

from gateway.domain.manifest import sheet_code
from gateway.ports.mail import PacketOrder
from templates.catalogue import text
from templates.pdf import styles
from templates.pdf.barcodes import BarCode
from templates.pdf.document import Description, Paper, Section, build
from templates.pdf.flowables import Columns
from templates.pdf.furniture import Furniture
from templates.pdf.text import Typesetter
from templates.postal import envelope_lines, grouped
from templates.sheet import WHERE
from templates.words import tag

_ABOVE_WINDOW = 122.0
"""Points from the frame to the address: it begins two inches below the edge, within the window of a No. 10 envelope
whose sheet is folded in three, and of a flat one."""
_WINDOW = 96.0
_BELOW_FOLD = 120.0
_LEFT = 50.0
_QUIET_ZONE = 18.0
"""Of a bar code: its first bar stands below the text."""
_TO = tuple(
    replace(styles.TIGHT, size=size, leading=leading, left=_LEFT)
    for size, leading in ((12, 15), (10, 12.5), (9, 10.5), (8, 9.5), (7, 8.5))
)
_FINE = replace(styles.SMALL, left=_LEFT)


def address_sheet(order: PacketOrder) -> Paper:
    """The sheet, one page."""
    language = order.language
    set_text = Typesetter(WHERE)
    lines = envelope_lines(order.envelope, language)
    style = next((one for one in _TO if len(lines) * one.leading <= _WINDOW), _TO[-1])
    printed = sheet_code(order.code)
    code = BarCode(printed, text("sheets", "common.barcode", language, value=printed), height=44)
    typed = printed.replace(order.code, "\u00a0" + grouped(order.code))
    flowables = [
        Spacer(1, _ABOVE_WINDOW),
        *(set_text.paragraph(line, style) for line in lines),
        Spacer(1, max(_WINDOW - len(lines) * style.leading, 0) + _BELOW_FOLD),
        Columns([[], [code]], (_LEFT - _QUIET_ZONE, code.size[0]), space_after=6),
        set_text.paragraph(text("sheets", "address-sheet.code", language, code=typed), _FINE),
    ]
    furniture = Furniture(head="", files="", number=lambda _page, _pages: "", bare=True)
    description = Description(
        title=order.code, author=text("papers", "board", language), language=tag(language), date=order.made_on
    )
    return build([Section(flowables=flowables, furniture=furniture, language=tag(language))], description)
