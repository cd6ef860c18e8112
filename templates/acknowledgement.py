"""The first page of a packet that is handed over: what was received, signed by whoever took it, and kept by us.

It is filled in at the door or in the hearing room. Its code tells which packet it is about when it comes back.
"""

from gateway.ports.registry_papers import Acknowledgement
from templates.pdf.document import Paper
from templates.provision import case_rows, document_words, opened, recipient_rows


def acknowledgement(paper: Acknowledgement) -> Paper:
    """The page to be signed."""
    concern, documents = paper.concern, paper.provision.documents
    sheet = opened("acknowledgement", concern)
    sheet.rows(
        [
            *recipient_rows(sheet, paper.provision),
            (sheet.say("from"), sheet.place(concern.office)),
            *case_rows(sheet, concern),
            (sheet.common("documents"), [document_words(sheet, one) for one in documents]),
        ]
    )
    sheet.rule()
    sheet.heading(sheet.say("by-recipient"))
    sheet.paragraph(sheet.say("received", count=len(documents)))
    labels = [sheet.common("name"), sheet.common("signature"), sheet.say("date-received"), sheet.common("where")]
    sheet.blanks_beside_code(labels, paper.code)
    sheet.space(10)
    above = [sheet.say("by-server-words")]
    sheet.to_fill_in(above, [sheet.common("name"), sheet.common("signature")], heading=sheet.say("by-server"))
    return sheet.finish(concern.files, concern.made_on)
