"""What the papers of proof have in common: the file, the recipient, and the documents with their digests."""

import datetime as dt
from collections.abc import Sequence

from gateway.domain.receipt import Receipt
from gateway.ports.papers import Addressee
from gateway.ports.registry_papers import Concern, Officer, ProvidedDocument, Provision
from templates.sheet import Sheet
from templates.words import entry, word

_DOCUMENTS = (0.82, 0.18)
_RECEIPTS = (0.6, 0.4)

Rows = list[tuple[str, str | Sequence[str]]]


def opened(area: str, concern: Concern, *, under: str | None = None) -> Sheet:
    """A sheet of that kind, begun with letterhead and title; `under` is the text of the rule it rests on."""
    sheet = Sheet(area, concern.division, concern.language, concern.zone)
    sheet.letterhead()
    sheet.title(under=sheet.say(under) if under else None)
    return sheet


def case_rows(sheet: Sheet, concern: Concern) -> Rows:
    """The file numbers and our reference."""
    return [
        (sheet.common("file", count=len(concern.files)), ", ".join(concern.files)),
        (sheet.common("reference"), concern.delivery),
    ]


def known_lines(to: Addressee) -> list[str]:
    """What is known of an addressee, line by line."""
    return list(dict.fromkeys(part for part in (to.name, to.organization, *to.lines) if part))


def recipient_rows(sheet: Sheet, provision: Provision) -> Rows:
    """Who the recipient is, where, and as what they received it."""
    to = provision.to
    rows: Rows = [(sheet.common("recipient"), known_lines(to))]
    if to.attention:
        rows.append((sheet.common("attention"), to.attention))
    rows.append((sheet.common("capacity"), entry("role", provision.role.value, sheet.language)))
    return rows


def document_words(sheet: Sheet, document: ProvidedDocument) -> str:
    """'Reasons for decision, in French'; without the language where nobody noted it."""
    kind = word("document", document.kind.value, sheet.language)
    if document.language is None:
        return kind
    written_in = word("language", document.language.value, sheet.language)
    return sheet.common("document-in", document=kind, written_in=written_in)


def documents_table(sheet: Sheet, documents: Sequence[ProvidedDocument]) -> None:
    """The documents, each with its digest and pages."""
    sheet.heading(sheet.common("documents"))
    rows = [
        [
            [document_words(sheet, one), one.digest],
            sheet.common("pages-unknown") if one.pages is None else str(one.pages),
        ]
        for one in documents
    ]
    sheet.table([sheet.common("document"), sheet.common("pages")], rows, _DOCUMENTS)


def receipts_table(sheet: Sheet, receipts: Sequence[Receipt]) -> None:
    """What came back, each piece with where it came from and its digest."""
    rows = [
        [
            [entry("receipt-event", one.event.value, sheet.language), one.source, one.evidence],
            sheet.moment(one.at),
        ]
        for one in receipts
    ]
    sheet.table([sheet.common("event"), sheet.common("when")], rows, _RECEIPTS)


def officer_words(sheet: Sheet, officer: Officer) -> str:
    """The officer's name, with their title where it is known."""
    if officer.title is None:
        return officer.name
    return sheet.common("officer-title", name=officer.name, title=officer.title)


def to_be_signed(sheet: Sheet, officer: Officer, signed_at: dt.datetime | None) -> None:
    """By whom and when it was signed; or the place for the signature, and that the paper is a draft until then."""
    if signed_at is not None:
        sheet.heading(sheet.common("signature"))
        sheet.rows([(sheet.common("signed-by"), officer_words(sheet, officer))])
        sheet.rows([(sheet.common("date-signed"), sheet.moment(signed_at))])
        sheet.small(sheet.common("sealed"))
        return
    sheet.space(6)
    above = [officer_words(sheet, officer), sheet.common("draft")]
    sheet.to_fill_in(above, [sheet.common("signature"), sheet.common("date-signed")])
