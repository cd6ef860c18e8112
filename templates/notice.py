# mypy: allow-untyped-calls
"""The notice of decision of RPD, RAD and IAD (RPD rule 67, RAD rule 50, IAD rule 102).

No rule prescribes a layout. It names only the persons its recipient stands for. At the Immigration Division the member
signs the notice, which comes in the package; an interlocutory decision has a letter and no notice.
"""

from reportlab.platypus.flowables import Flowable, KeepTogether, Spacer

from gateway.domain.package import DECISION, Decision, DecisionPackage, Heard, Member, Person, RelationKind
from gateway.domain.parties import Language
from templates.catalogue import text
from templates.formats import format_date
from templates.matter import Matter, full_name
from templates.pdf import styles
from templates.pdf.document import Section
from templates.pdf.flowables import Rule
from templates.pdf.particulars import particulars
from templates.pdf.tables import Row, table
from templates.pdf.text import Typesetter
from templates.words import division_name, outcome_sentence, removal_order_phrase, tag, word

_LABEL_WIDTH = 118.0
_AMENDED = frozenset({RelationKind.AMENDMENT, RelationKind.ERRATUM})
_COLUMNS = (_LABEL_WIDTH, styles.TEXT_WIDTH - _LABEL_WIDTH)


def notice(matter: Matter, language: Language) -> Section:
    """The notice in one language."""
    set_text = Typesetter(DECISION)
    package = matter.package
    amended = package.relation is not None and package.relation.kind in _AMENDED
    title = text("papers", "notice.title-amended" if amended else "notice.title", language)
    flowables: list[Flowable] = [
        set_text.paragraph(title, styles.TITLE),
        set_text.paragraph(text("papers", f"notice.rule.{package.division.value}", language), styles.SUBTITLE),
        Rule(space_after=12, weight=0.9),
        *_particulars(set_text, matter, language),
        set_text.paragraph(text("papers", "notice.decision", language), styles.HEADINGS[1]),
        *_decision(set_text, matter, language),
        *_issued(set_text, matter, language),
    ]
    return Section(flowables=flowables, furniture=matter.furniture(language), language=tag(language))


def _particulars(set_text: Typesetter, matter: Matter, language: Language) -> list[Flowable]:
    package = matter.package
    decision = package.decision
    rows: list[tuple[str, list[str]]] = [
        (text("papers", "notice.file", language, count=len(matter.files)), [matter.file_list]),
        (text("papers", "notice.proceeding", language), [word("proceeding", package.proceeding.type.value, language)]),
    ]
    if decision.heard:
        rows.append((text("papers", "notice.heard", language), [_sitting(one, language) for one in decision.heard]))
    rows.append((text("papers", "notice.decision-date", language), [_made(decision, language)]))
    members = [_member(one, language) for one in decision.members]
    rows.append((text("papers", "notice.members", language, count=len(members)), members))
    if package.private_proceeding:
        rows.append((text("papers", "notice.publicity", language), [_private(package, language)]))
    return particulars(set_text, rows, _COLUMNS, space_after=5)


def _sitting(heard: Heard, language: Language) -> str:
    key = f"notice.sitting.{heard.mode}-place" if heard.place else f"notice.sitting.{heard.mode}"
    return text("papers", key, language, date=format_date(heard.date, language), place=heard.place or "")


def _made(decision: Decision, language: Language) -> str:
    signed = format_date(decision.signed_at.date(), language)
    if decision.form == "oral" and decision.rendered_at:
        rendered = format_date(decision.rendered_at.date(), language)
        return text("papers", "notice.form.oral-signed", language, rendered=rendered, date=signed)
    return text("papers", f"notice.form.{decision.form}", language, date=signed)


def _member(member: Member, language: Language) -> str:
    if member.signed_at is None:
        return member.name
    signed = format_date(member.signed_at.date(), language)
    return text("papers", "notice.member-signed", language, member=member.name, date=signed)


def _private(package: DecisionPackage, language: Language) -> str:
    return text("papers", f"notice.private.{package.private_basis or 'any'}", language)


def _decision(set_text: Typesetter, matter: Matter, language: Language) -> list[Flowable]:
    """One sentence where all persons have the same outcome, else a table of persons."""
    division = division_name(matter.package.division, language)
    if len({person.outcome for person in matter.persons}) > 1:
        intro = text("papers", "notice.statement-mixed", language, division=division)
        return [set_text.paragraph(intro, styles.BODY), _table(set_text, matter, language)]
    person = matter.persons[0]
    intro = text("papers", "notice.statement", language, division=division)
    rows = _persons(text("papers", "notice.person", language, count=len(matter.persons)), matter, language)
    order = person.outcome.removal_order
    if order:
        rows.append((text("papers", "notice.removal-order", language), [removal_order_phrase(order, language)]))
    paragraphs = [
        set_text.paragraph(intro, styles.BODY),
        set_text.paragraph(_outcome(matter, person, language), styles.STATEMENT),
    ]
    return [*paragraphs, *particulars(set_text, rows, _COLUMNS, space_after=5)]


def _persons(label: str, matter: Matter, language: Language) -> list[tuple[str, list[str]]]:
    """A row for each person, so that a long list breaks across pages; the label stands at the first."""
    return [
        ("" if number else label, [full_name(person), *_identifiers(matter, person, language)])
        for number, person in enumerate(matter.persons)
    ]


def _identifiers(matter: Matter, person: Person, language: Language) -> list[str]:
    lines = [text("papers", "notice.uci", language, uci=person.uci)] if person.uci else []
    if len(matter.files) > 1:
        lines.append(text("papers", "notice.file-of-person", language, files=matter.files_of(person)))
    return lines


def _outcome(matter: Matter, person: Person, language: Language) -> str:
    package = matter.package
    return outcome_sentence(package.division, package.proceeding.type, person.outcome.code, language)


def _table(set_text: Typesetter, matter: Matter, language: Language) -> Flowable:
    with_orders = any(person.outcome.removal_order for person in matter.persons)
    heads = [text("papers", "notice.person", language, count=1), text("papers", "notice.decision", language)]
    widths = [0.36, 0.64]
    if with_orders:
        heads.append(text("papers", "notice.removal-order", language))
        widths = [0.3, 0.4, 0.3]
    named = [set_text.paragraph(head, styles.CELL_HEAD) for head in heads]
    rows: list[Row] = []
    for person in matter.persons:
        who = [set_text.paragraph(full_name(person), styles.CELL)]
        who += [set_text.paragraph(one, styles.CELL_SMALL) for one in _identifiers(matter, person, language)]
        row = [who, [set_text.paragraph(_outcome(matter, person, language), styles.CELL)]]
        if with_orders:
            order = person.outcome.removal_order
            phrase = removal_order_phrase(order, language) if order else text("papers", "notice.none", language)
            row.append([set_text.paragraph(phrase, styles.CELL)])
        rows.append(row)
    return table(named, rows, [styles.TEXT_WIDTH * part for part in widths], row_heads=True)


def _issued(set_text: Typesetter, matter: Matter, language: Language) -> list[Flowable]:
    issued = text("papers", "notice.issued", language, date=format_date(matter.papers.provided_on, language))
    return [
        Spacer(1, 26),
        KeepTogether(
            [
                set_text.paragraph(issued, styles.TIGHT),
                set_text.paragraph(division_name(matter.package.division, language), styles.TIGHT),
            ]
        ),
    ]
