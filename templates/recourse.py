# mypy: allow-untyped-calls
"""Information on recourse: from what event time runs, how long, and where the law says so. No date is computed.

The forum is the one the Registry set for each person; its clocks are the rules' (`Papers.clocks`).
"""

from collections.abc import Sequence

from reportlab.platypus.flowables import Flowable

from gateway.domain.package import DECISION, Person, Recourse
from gateway.domain.parties import Language
from gateway.domain.recourse_clock import RecourseClock, clocks_for
from templates.catalogue import text
from templates.formats import format_list
from templates.matter import Matter, names
from templates.pdf import styles
from templates.pdf.document import Section
from templates.pdf.flowables import Rule
from templates.pdf.particulars import particulars
from templates.pdf.tables import table
from templates.pdf.text import Typesetter
from templates.words import capitalized, citation, tag

_LABEL_WIDTH = 118.0
_COLUMNS = (_LABEL_WIDTH, styles.TEXT_WIDTH - _LABEL_WIDTH)
_SHARES = (0.4, 0.36, 0.24)

_Group = tuple[Recourse, tuple[RecourseClock, ...]]


def recourse_information(matter: Matter, language: Language) -> Section:
    """The information in one language, a part for each recourse."""
    set_text = Typesetter(DECISION)
    flowables: list[Flowable] = [
        set_text.paragraph(text("recourse", "title", language), styles.TITLE),
        Rule(space_before=8, space_after=12, weight=0.9),
        set_text.paragraph(text("recourse", "opening", language), styles.BODY),
    ]
    for (recourse, clocks), persons in _groups(matter).items():
        flowables += _part(set_text, recourse, persons, language)
        running = [clock for clock in clocks if clock.forum != "removal"]
        removal = [clock for clock in clocks if clock.forum == "removal"]
        flowables += _clocks(set_text, running, language)
        if removal:
            heading = text("recourse", "removal", language)
            flowables += [set_text.paragraph(heading, styles.HEADINGS[1]), *_clocks(set_text, removal, language)]
    return Section(flowables=flowables, furniture=matter.furniture(language), language=tag(language))


def told_clocks(matter: Matter) -> tuple[RecourseClock, ...]:
    """Every clock that the information names, once; none where the papers bring no such information."""
    groups = _groups(matter) if matter.brings_recourse_information else {}
    return tuple(dict.fromkeys(clock for _, clocks in groups for clock in clocks))


def _groups(matter: Matter) -> dict[_Group, list[Person]]:
    """The persons for whom the same recourse and the same clocks stand."""
    groups: dict[_Group, list[Person]] = {}
    for recourse, persons in matter.by_recourse.items():
        for person in persons:
            clocks = clocks_for(matter.papers.clocks, matter.package, person)
            groups.setdefault((recourse, clocks), []).append(person)
    return groups


def _part(set_text: Typesetter, recourse: Recourse, persons: Sequence[Person], language: Language) -> list[Flowable]:
    if recourse.forum == "none":
        words = text("recourse", "none-noted", language, persons=format_list(names(persons), language))
        return [set_text.paragraph(words, styles.BODY)]
    heading = set_text.paragraph(text("recourse", f"forum.{recourse.forum}", language), styles.HEADINGS[1])
    label = text("recourse", "persons", language, count=len(persons))
    rows = [("" if number else label, [name]) for number, name in enumerate(names(persons))]
    if recourse.basis:
        rows.append((text("recourse", "noted", language), [citation(recourse.basis, language)]))
    return [heading, *particulars(set_text, rows, _COLUMNS, space_after=5)]


def _clocks(set_text: Typesetter, clocks: Sequence[RecourseClock], language: Language) -> list[Flowable]:
    if not clocks:
        return []
    heads = [
        set_text.paragraph(text("recourse", part, language), styles.CELL_HEAD)
        for part in ("trigger", "period", "provision")
    ]
    rows = [
        [
            [set_text.paragraph(capitalized(words), styles.CELL)]
            for words in (clock.trigger(language), clock.period(language), clock.provision(language))
        ]
        for clock in clocks
    ]
    return [table(heads, rows, [styles.TEXT_WIDTH * share for share in _SHARES])]
