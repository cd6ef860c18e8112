"""The report of a privacy breach: what the head of the institution is told. It names no person affected."""

from gateway.ports.registry_papers import BreachReport
from templates.formats import format_number
from templates.pdf.document import Paper
from templates.provision import case_rows, opened, to_be_signed
from templates.sheet import Sheet


def breach_report(paper: BreachReport) -> Paper:
    """The report (TBS, Policy on Privacy Protection, appendix B)."""
    concern = paper.concern
    sheet = opened("breach", concern)
    happened = sheet.moment(paper.happened_at) if paper.happened_at else sheet.say("unknown")
    determined = paper.determined_material_at
    sheet.rows(
        [
            (sheet.say("number"), paper.number),
            *case_rows(sheet, concern),
            (sheet.say("discovered"), sheet.moment(paper.discovered_at)),
            (sheet.say("happened"), happened),
            (sheet.say("where"), paper.place),
            (sheet.say("affected"), format_number(paper.persons_affected, sheet.language)),
            (sheet.say("material"), sheet.moment(determined) if determined else sheet.say("not-material")),
            *([(sheet.say("reported"), _reported(sheet, paper))] if determined else []),
        ]
    )
    for heading, words in (
        ("description", paper.description),
        ("containment", paper.containment),
        ("persons-told", paper.persons_told),
    ):
        sheet.heading(sheet.say(heading))
        for part in words.split("\n\n"):
            sheet.paragraph(part)
    sheet.heading(sheet.say("data"))
    sheet.bullets(paper.data)
    if determined:
        sheet.small(sheet.say("duty"))
    to_be_signed(sheet, paper.officer, None)
    return sheet.finish(concern.files, concern.made_on)


def _reported(sheet: Sheet, paper: BreachReport) -> str:
    return sheet.moment(paper.reported_at) if paper.reported_at else sheet.say("not-reported")
