# mypy: allow-untyped-calls
"""Information on recourse: from what event time runs, how long, and where the law says so. No date is computed.

The forum is the one the Registry set for each person; what the law says of it stands in `recourse.toml`.
"""

from collections.abc import Sequence

from reportlab.platypus.flowables import Flowable

from gateway.domain.package import DECISION, Person, Recourse
from gateway.domain.parties import Language
from templates.catalogue import has, text
from templates.formats import format_list
from templates.matter import Matter, names
from templates.pdf import styles
from templates.pdf.document import Section
from templates.pdf.flowables import Rule
from templates.pdf.particulars import particulars
from templates.pdf.text import Typesetter
from templates.words import citation, tag

_LABEL_WIDTH = 118.0
_COLUMNS = (_LABEL_WIDTH, styles.TEXT_WIDTH - _LABEL_WIDTH)


def recourse_information(matter: Matter, language: Language) -> Section:
    """The information in one language, a part for each recourse."""
    set_text = Typesetter(DECISION)
    flowables: list[Flowable] = [
        set_text.paragraph(text("recourse", "title", language), styles.TITLE),
        Rule(space_before=8, space_after=12, weight=0.9),
        set_text.paragraph(text("recourse", "opening", language), styles.BODY),
    ]
    for recourse, persons in matter.by_recourse.items():
        flowables += _part(set_text, matter, recourse, persons, language)
    return Section(flowables=flowables, furniture=matter.furniture(language), language=tag(language))


def _part(
    set_text: Typesetter, matter: Matter, recourse: Recourse, persons: Sequence[Person], language: Language
) -> list[Flowable]:
    key = f"{matter.package.division.value}.{recourse.forum}"
    if recourse.forum == "none":
        words = text("recourse", "no-others", language, persons=format_list(names(persons), language))
        return [set_text.paragraph(words, styles.BODY)]
    label = text("recourse", "persons", language, count=len(persons))
    rows = [("" if number else label, [name]) for number, name in enumerate(names(persons))]
    if recourse.basis:
        rows.append((text("recourse", "noted", language), [citation(recourse.basis, language)]))
    if has("recourse", f"{key}.name", language):
        name = text("recourse", f"{key}.name", language)
        parts = ("trigger", "period", "provision")
        rows += [(text("recourse", part, language), [text("recourse", f"{key}.{part}", language)]) for part in parts]
    else:
        name = text("recourse", f"forum.{recourse.forum}", language)
    heading = set_text.paragraph(name, styles.HEADINGS[1])
    return [heading, *particulars(set_text, rows, _COLUMNS, space_after=5)]
