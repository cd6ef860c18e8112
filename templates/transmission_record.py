"""The transmission record, which the machine alone vouches for, and the dossier that attaches the evidence for it."""

from gateway.ports.registry_papers import Dossier, TransmissionRecord
from templates.pdf.document import Attachment, Paper
from templates.provision import case_rows, documents_table, known_lines, opened, receipts_table, recipient_rows
from templates.sheet import Sheet
from templates.words import channel_entry, entry

_ATTEMPTS = (0.22, 0.4, 0.38)
_FILES = (0.68, 0.32)


def record(paper: TransmissionRecord) -> Paper:
    """The record of one delivery."""
    sheet = opened("record", paper.concern)
    sheet.paragraph(sheet.say("opening"))
    _write(sheet, paper)
    return sheet.finish(paper.concern.files, paper.concern.made_on)


def dossier(paper: Dossier) -> Paper:
    """The record for a court, with the files it rests on attached (PDF/A-3a)."""
    concern = paper.record.concern
    sheet = opened("dossier", concern)
    sheet.paragraph(sheet.say("opening", count=len(paper.files)))
    sheet.rows([*case_rows(sheet, concern), *recipient_rows(sheet, paper.record.provision)])
    sheet.heading(sheet.say("attached"))
    rows = [[[one.name, one.digest], one.what] for one in paper.files]
    sheet.table([sheet.say("file"), sheet.say("what")], rows, _FILES)
    sheet.small(sheet.say("check"))
    told = Sheet("record", concern.division, concern.language, concern.zone)
    told.title()
    told.paragraph(told.say("opening"))
    _write(told, paper.record)
    attachments = [
        Attachment(name=one.name, media_type=one.media_type, content=one.content, relationship="Data", what=one.what)
        for one in paper.files
    ]
    return sheet.finish(concern.files, concern.made_on, attachments, then=[told])


def _write(sheet: Sheet, paper: TransmissionRecord) -> None:
    concern = paper.concern
    made = (sheet.common("made"), sheet.date(concern.made_on))
    sheet.rows([*case_rows(sheet, concern), *recipient_rows(sheet, paper.provision), made])
    sheet.heading(sheet.say("attempts"))
    if paper.attempts:
        _attempts(sheet, paper)
    else:
        sheet.paragraph(sheet.say("no-attempts"))
    sheet.heading(sheet.say("receipts"))
    if paper.receipts:
        receipts_table(sheet, paper.receipts)
    else:
        sheet.paragraph(sheet.say("no-receipts"))
    documents_table(sheet, paper.provision.documents)


def _attempts(sheet: Sheet, paper: TransmissionRecord) -> None:
    rows = []
    for one in paper.attempts:
        result = entry("attempt-result", one.result.value, sheet.language)
        rows.append(
            [
                channel_entry(one.channel, sheet.language),
                sheet.moment(one.started_at),
                [
                    result,
                    *([one.reference] if one.reference else []),
                    *([sheet.say("instead"), *known_lines(one.instead)] if one.instead else []),
                ],
            ]
        )
    sheet.table([sheet.say("channel"), sheet.say("started"), sheet.say("result")], rows, _ATTEMPTS)
