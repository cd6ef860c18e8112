"""The three papers the rules know as proof (RAD rule 34): statement, confirmation, and why there is no proof.

The statement and the explanation are an officer's word, drafts until signed; the confirmation rests on the carrier's
evidence. The rule is named where it binds, at the Refugee Appeal Division; elsewhere the paper says the same.
"""

from gateway.domain.outcomes import Division
from gateway.ports.registry_papers import Concern, NoProofExplanation, ReceiptConfirmation, ServiceStatement
from templates.catalogue import has, text
from templates.pdf.document import Paper
from templates.provision import (
    Rows,
    case_rows,
    documents_table,
    officer_words,
    opened,
    receipts_table,
    recipient_rows,
    to_be_signed,
)
from templates.sheet import Sheet
from templates.words import office_name


def statement(paper: ServiceStatement) -> Paper:
    """The statement of service: the officer's name, how and when (RAD rule 34(2))."""
    concern = paper.concern
    sheet = opened("statement", concern, under=_rule(concern))
    opening = "opening" if paper.received_at is None else "opening-received"
    sheet.paragraph(sheet.say(opening, officer=officer_words(sheet, paper.officer)))
    rows = [
        *case_rows(sheet, concern),
        *recipient_rows(sheet, paper.provision),
        *_how(sheet, paper.method),
        *_when(sheet, paper),
    ]
    sheet.rows(rows)
    mark = sheet.mark()
    documents_table(sheet, paper.provision.documents)
    to_be_signed(sheet, paper.officer, paper.signed_at)
    sheet.keep_together(mark)
    return sheet.finish(concern.files, concern.made_on)


def explanation(paper: NoProofExplanation) -> Paper:
    """Why proof cannot be given, in the officer's words (RAD rule 34(3))."""
    concern = paper.concern
    sheet = opened("explanation", concern, under=_rule(concern))
    sheet.paragraph(sheet.say("opening", officer=officer_words(sheet, paper.officer)))
    rows = [
        *case_rows(sheet, concern),
        *recipient_rows(sheet, paper.provision),
        *_how(sheet, paper.method),
        (sheet.common("when"), sheet.moment(paper.provided_at)),
    ]
    sheet.rows(rows)
    documents_table(sheet, paper.provision.documents)
    mark = sheet.mark()
    sheet.heading(sheet.say("reason"))
    for part in paper.explanation.split("\n\n"):
        sheet.paragraph(part)
    to_be_signed(sheet, paper.officer, paper.signed_at)
    sheet.keep_together(mark)
    return sheet.finish(concern.files, concern.made_on)


def confirmation(paper: ReceiptConfirmation) -> Paper:
    """That the recipient has it, and what says so (RAD rule 34(1)(b))."""
    concern = paper.concern
    sheet = opened("confirmation", concern, under=_rule(concern))
    sheet.paragraph(sheet.say("opening"))
    rows = [
        *case_rows(sheet, concern),
        *recipient_rows(sheet, paper.provision),
        *_how(sheet, paper.method),
        (sheet.common("sent"), sheet.moment(paper.sent_at)),
        (sheet.common("received"), sheet.moment(paper.received_at)),
    ]
    if paper.reference:
        rows.append((sheet.say("carrier-reference"), paper.reference))
    sheet.rows([*rows, (sheet.common("made"), sheet.date(concern.made_on))])
    documents_table(sheet, paper.provision.documents)
    sheet.heading(sheet.common("evidence"))
    receipts_table(sheet, paper.receipts)
    return sheet.finish(concern.files, concern.made_on)


def _when(sheet: Sheet, paper: ServiceStatement) -> Rows:
    """What was handed over or mailed has a place; what went another way was sent, and received."""
    if paper.received_at is not None:
        return [
            (sheet.common("sent"), sheet.moment(paper.provided_at)),
            (sheet.common("received"), sheet.moment(paper.received_at)),
        ]
    return [
        (sheet.common("when"), sheet.moment(paper.provided_at)),
        (sheet.common("where"), paper.place or office_name(paper.concern.office, sheet.language)),
    ]


def _rule(concern: Concern) -> str | None:
    return "rule" if concern.division is Division.RAD else None


def _how(sheet: Sheet, method: str) -> Rows:
    """A third party's channel goes by its own name."""
    key = f"method.{method}"
    known = has("sheets", key, sheet.language)
    return [(sheet.common("how"), text("sheets", key, sheet.language) if known else method)]
