"""The manifest of what a courier or the post takes away at once, with the place for the carrier's signature."""

from collections.abc import Sequence

from gateway.ports.registry_papers import Manifest
from templates.catalogue import text
from templates.formats import format_number
from templates.pdf.document import Paper
from templates.postal import grouped, place_lines
from templates.sheet import Sheet
from templates.words import carrier_name, office_name

_ITEMS = (0.1, 0.4, 0.38, 0.12)


def manifest(paper: Manifest) -> Paper:
    """The manifest. It names places, never recipients: the driver needs no more."""
    sheet = Sheet("manifest", None, paper.language, paper.zone)
    sheet.letterhead()
    sheet.title()
    sheet.rows(
        [
            (sheet.say("number"), paper.number),
            (sheet.say("carrier"), carrier_name(paper.carrier, paper.language)),
            (sheet.say("service"), text("sheets", f"label.service.{paper.service.value}", paper.language)),
            (sheet.say("office"), office_name(paper.office, paper.language)),
            (sheet.say("closed"), sheet.moment(paper.closed_at)),
            (sheet.say("pieces"), format_number(paper.pieces, paper.language)),
            *_which_lines(sheet, paper),
        ]
    )
    sheet.bar_code(paper.number)
    heads = [sheet.say(key) for key in ("line", "piece", "destination", "sheets")]
    sheet.table(heads, [_line(sheet, paper, number) for number in range(len(paper.items))], _ITEMS)
    if paper.first == 1:
        labels = [sheet.say("driver"), sheet.say("taken"), sheet.common("signature"), sheet.say("counted")]
        sheet.to_fill_in([sheet.say("not-yet")], labels, heading=sheet.say("handover"))
    return sheet.finish((), paper.closed_at.astimezone(paper.zone).date())


def _which_lines(sheet: Sheet, paper: Manifest) -> list[tuple[str, Sequence[str]]]:
    """Which lines stand here, where they are not all: so many go on several papers, one of which is signed for all."""
    if len(paper.items) == paper.lines:
        return []
    first, last, lines = (
        format_number(one, paper.language) for one in (paper.first, paper.first + len(paper.items) - 1, paper.lines)
    )
    signed = sheet.say("signed-here" if paper.first == 1 else "signed-elsewhere")
    return [(sheet.say("lines"), [sheet.say("lines-here", first=first, last=last, lines=lines), signed])]


def _line(sheet: Sheet, paper: Manifest, number: int) -> list[str]:
    item = paper.items[number]
    to = item.destination
    place = sheet.say("taken-out") if to is None else ", ".join(place_lines(to, sheet.language)).upper()
    return [str(paper.first + number), grouped(item.piece), place, format_number(item.sheets, sheet.language)]
