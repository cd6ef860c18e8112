"""The cover of a fax: who it is for, how many pages, and an acknowledgement of receipt to sign and send back.

It stands open on a machine, so it names the recipient and the file and nobody else. Its code tells which sending it is
about when it comes back signed, and nothing to anybody else.
"""

from gateway.ports.registry_papers import FaxCover
from templates.pdf.document import Paper
from templates.provision import case_rows, document_words, opened, recipient_rows


def fax_cover(paper: FaxCover) -> Paper:
    """The cover, one page."""
    concern, documents = paper.concern, paper.provision.documents
    sheet = opened("fax-cover", concern)
    sheet.rows(
        [
            *recipient_rows(sheet, paper.provision),
            (sheet.say("number"), dialled(paper.number)),
            (sheet.say("from"), sheet.place(concern.office)),
            (sheet.say("date"), sheet.date(concern.made_on)),
            *case_rows(sheet, concern),
            (sheet.say("count"), sheet.say("pages", count=paper.pages)),
            (sheet.common("documents"), [document_words(sheet, one) for one in documents]),
        ]
    )
    sheet.small(sheet.say("confidential"))
    sheet.rule()
    sheet.heading(sheet.say("acknowledgement"))
    if paper.return_to:
        sheet.paragraph(sheet.say("please", number=dialled(paper.return_to)))
    else:
        sheet.paragraph(sheet.say("please-registry"))
    sheet.paragraph(sheet.say("received", count=len(documents)))
    labels = [sheet.common("name"), sheet.common("signature"), sheet.say("date-received")]
    sheet.blanks_beside_code(labels, paper.code)
    return sheet.finish(concern.files, concern.made_on)


def dialled(number: str) -> str:
    """An E.164 number as it is read: '+1 416-555-0123', its spaces unbreakable."""
    import phonenumbers  # a process that draws no cover does without every country's numbering plan

    parsed = phonenumbers.parse(number)
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return shown.replace(" ", "\u00a0")
