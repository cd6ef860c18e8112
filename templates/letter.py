# mypy: allow-untyped-calls
"""The covering letter: what happened, what is enclosed, whom it concerns, what recourse the Registry noted."""

from collections.abc import Sequence

from reportlab.platypus.flowables import Flowable, KeepTogether, Spacer

from gateway.domain.package import DECISION, Document, DocumentKind
from gateway.domain.parties import Language
from gateway.ports.papers import Addressee
from templates.catalogue import text
from templates.formats import format_date, format_list
from templates.matter import Matter, names
from templates.pdf import styles
from templates.pdf.document import Section
from templates.pdf.flowables import Columns, Rule
from templates.pdf.particulars import particulars
from templates.pdf.text import Typesetter, lines
from templates.words import citation, division_name, office_name, tag, word

_RIGHT = 210.0
_COLUMNS = (styles.TEXT_WIDTH - _RIGHT, _RIGHT)
_LABEL_WIDTH = 76.0


def letter(matter: Matter, language: Language, enclosures: Sequence[str]) -> Section:
    """The letter in one language. `enclosures` are titles in reading order."""
    set_text = Typesetter(DECISION)
    flowables: list[Flowable] = [
        *_letterhead(set_text, matter, language),
        _addressee_and_references(set_text, matter, language),
        set_text.paragraph(_subject(matter, language), styles.SUBJECT),
        *_body(set_text, matter, language),
        *_enclosures(set_text, enclosures, language),
        *_recourse(set_text, matter, language),
        *_closing(set_text, matter, language),
    ]
    return Section(
        flowables=flowables, furniture=matter.furniture(language, head_on_first=False), language=tag(language)
    )


def enclosure(document: Document, language: Language) -> str:
    """The title of a document of the package in the list of enclosures, with its language where it is another one."""
    return enclosure_title(document.kind, document.language, document.version, language)


def enclosure_title(kind: DocumentKind, written_in: Language, version: str, language: Language) -> str:
    """'Reasons for decision, redacted version, in French'."""
    parts = [version if version != "full" else "", "language" if written_in is not language else ""]
    key = "-".join(part for part in parts if part) or "plain"
    return text(
        "papers",
        f"letter.enclosure.{key}",
        language,
        document=word("document", kind.value, language),
        written_in=word("language", written_in.value, language),
    )


def _letterhead(set_text: Typesetter, matter: Matter, language: Language) -> list[Flowable]:
    other = Language.FR if language is Language.EN else Language.EN
    left, right = (
        [
            set_text.paragraph(lines(text("papers", "letterhead", one)), styles.LETTERHEAD, language=foreign),
            set_text.paragraph(
                division_name(matter.package.division, one), styles.LETTERHEAD_DIVISION, language=foreign
            ),
        ]
        for one, foreign in ((language, None), (other, tag(other)))
    )
    return [Columns([left, right], _COLUMNS), Rule(space_before=9, space_after=26)]


def _addressee_and_references(set_text: Typesetter, matter: Matter, language: Language) -> Flowable:
    address = [set_text.paragraph(line, styles.TIGHT) for line in _address_lines(matter.papers.addressee, language)]
    rows = [(label, [value]) for label, value in _references(matter, language)]
    references = particulars(set_text, rows, (_LABEL_WIDTH, _RIGHT - _LABEL_WIDTH))
    return Columns([address, references], _COLUMNS, space_after=22)


def _address_lines(addressee: Addressee, language: Language) -> list[str]:
    """Canada Post wants two spaces before a postal code: they are kept."""
    found = [addressee.name] if addressee.name else []
    if addressee.organization and addressee.organization != addressee.name:
        found.append(addressee.organization)
    if addressee.attention:
        found.append(text("papers", "letter.attention", language, attention=addressee.attention))
    return [*found, *(line.replace("  ", "\u00a0\u00a0") for line in addressee.lines)]


def _references(matter: Matter, language: Language) -> list[tuple[str, str]]:
    rows = [
        (text("papers", "letter.date", language), format_date(matter.papers.provided_on, language)),
        (text("papers", "letter.our-files", language, count=len(matter.files)), matter.file_list),
    ]
    if matter.papers.addressee.reference:
        rows.append((text("papers", "letter.your-file", language), matter.papers.addressee.reference))
    return rows


def _subject(matter: Matter, language: Language) -> str:
    division = division_name(matter.package.division, language)
    return text("papers", f"letter.subject.{matter.stage}", language, division=division)


def _body(set_text: Typesetter, matter: Matter, language: Language) -> list[Flowable]:
    package = matter.package
    opening = text(
        "papers",
        f"letter.opening.{matter.stage}",
        language,
        division=division_name(package.division, language),
        files=format_list(matter.files, language),
        date=format_date(package.decision.signed_at.date(), language),
        count=len(matter.files),
    )
    capacity = text(
        "papers",
        f"letter.capacity.{matter.papers.participant.roles[0].value}",
        language,
        persons=format_list(names(matter.persons), language),
        count=len(matter.persons),
    )
    paragraphs = [text("papers", "letter.salutation", language), opening, capacity]
    if package.relation and package.relation.note:
        paragraphs.append(package.relation.note.fr if language is Language.FR else package.relation.note.en)
    return [set_text.paragraph(one, styles.BODY) for one in [*paragraphs, *_about_reasons(matter, language)]]


def _about_reasons(matter: Matter, language: Language) -> list[str]:
    """Whether reasons follow or must be asked for; nothing where they are enclosed or the papers are not a decision."""
    enclosed = any(source.document.kind is DocumentKind.REASONS for source in matter.papers.documents)
    if enclosed or (not matter.brings_notice and matter.stage != "final"):
        return []
    when = matter.package.decision.reasons
    if when == "on-request":
        return [text("papers", f"letter.reasons-on-request.{matter.package.division.value}", language)]
    return [text("papers", "letter.reasons-to-follow", language)] if when == "to-follow" else []


def _enclosures(set_text: Typesetter, enclosures: Sequence[str], language: Language) -> list[Flowable]:
    if not enclosures:
        return []
    heading = _heading(set_text, "letter.enclosures", language)
    numbers = [f"{number}." for number in range(1, len(enclosures) + 1)]
    return [heading, *set_text.enumeration(enclosures, styles.TIGHT, numbers), Spacer(1, 10)]


def _recourse(set_text: Typesetter, matter: Matter, language: Language) -> list[Flowable]:
    """Forum and provision as the Registry set them. No date: when time runs is for the law to say."""
    groups = matter.by_recourse if matter.brings_notice or matter.stage == "final" else {}
    if not groups:
        return []
    lines = [
        text(
            "papers",
            f"recourse.{one.forum}-basis" if one.basis else f"recourse.{one.forum}",
            language,
            persons=format_list(names(persons), language),
            basis=citation(one.basis, language) if one.basis else "",
        )
        for one, persons in groups.items()
    ]
    heading = _heading(set_text, "letter.recourse", language)
    paragraphs = [set_text.paragraph(one, styles.BODY) for one in lines]
    if any(one.forum != "none" for one in groups):
        paragraphs.append(set_text.paragraph(text("papers", "recourse.time-limits", language), styles.BODY))
    return [heading, *paragraphs]


def _closing(set_text: Typesetter, matter: Matter, language: Language) -> list[Flowable]:
    package = matter.package
    place = text(
        "papers",
        "letter.signature-place",
        language,
        division=division_name(package.division, language),
        office=office_name(package.office, language),
    )
    paragraphs = [text("papers", "letter.private", language)] if package.private_proceeding else []
    paragraphs.append(text("papers", "letter.closing", language))
    *before, last = [set_text.paragraph(one, styles.BODY) for one in paragraphs]
    signature = [
        last,
        Spacer(1, 20),
        set_text.paragraph(text("papers", "letter.signature", language), styles.CELL_HEAD),
        set_text.paragraph(place, styles.TIGHT),
    ]
    return [*before, KeepTogether(signature)]


def _heading(set_text: Typesetter, key: str, language: Language) -> Flowable:
    return set_text.paragraph(text("papers", key, language), styles.SUBHEADING)
