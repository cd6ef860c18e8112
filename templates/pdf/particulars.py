"""Particulars: a label in the margin, what it stands for beside it. To a reader for the blind, a list of both."""

from collections.abc import Sequence

from reportlab.platypus.flowables import Flowable

from templates.pdf import styles
from templates.pdf.flowables import Columns
from templates.pdf.structure import Element
from templates.pdf.text import UNNUMBERED, Content, Typesetter


def particulars(
    set_text: Typesetter,
    rows: Sequence[tuple[str, Sequence[Content]]],
    widths: tuple[float, float],
    *,
    space_after: float = 0,
) -> list[Flowable]:
    """One row for each label and its values, in two columns of those widths (points)."""
    whole = Element("L", attributes=UNNUMBERED)
    shown: list[Flowable] = []
    for label, values in rows:
        item = whole.new("LI")
        named = set_text.paragraph(label, styles.LABEL, element=item.new("Lbl"))
        body = item.new("LBody")
        beside = [set_text.paragraph(value, styles.TIGHT, element=body.new("P")) for value in values]
        shown.append(Columns([[named], beside], widths, space_after=space_after))
    return shown
