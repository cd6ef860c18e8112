"""The manifest of what a courier or the post takes away at once, with the place for the carrier's signature."""

from gateway.ports.registry_papers import Manifest
from templates.catalogue import text
from templates.formats import format_number
from templates.pdf.document import Paper
from templates.sheet import Sheet

_ITEMS = (0.1, 0.34, 0.4, 0.16)


def manifest(paper: Manifest) -> Paper:
    """The manifest. It names places, never recipients: the driver needs no more."""
    sheet = Sheet("manifest", paper.division, paper.language)
    sheet.letterhead()
    sheet.title()
    rows: list[tuple[str, str]] = [
        (sheet.say("number"), paper.number),
        (sheet.say("carrier"), paper.carrier),
        (sheet.say("service"), text("sheets", f"label.service.{paper.service.value}", paper.language)),
        (sheet.say("closed"), sheet.date(paper.closed_on)),
        (sheet.say("pieces"), format_number(len(paper.items), paper.language)),
    ]
    known = [item.weight_grams for item in paper.items if item.weight_grams is not None]
    if len(known) == len(paper.items):
        rows.append((sheet.say("total-weight"), _grams(sheet, sum(known))))
    sheet.rows(rows)
    sheet.bar_code(paper.number)
    heads = [sheet.say(key) for key in ("line", "piece", "destination", "weight")]
    sheet.table(heads, [_line(sheet, paper, number) for number in range(len(paper.items))], _ITEMS)
    labels = [sheet.say("driver"), sheet.say("taken"), sheet.common("signature"), sheet.say("counted")]
    sheet.to_fill_in([sheet.say("not-yet")], labels, heading=sheet.say("handover"))
    return sheet.finish((), paper.closed_on)


def _line(sheet: Sheet, paper: Manifest, number: int) -> list[str]:
    item = paper.items[number]
    weight = "—" if item.weight_grams is None else _grams(sheet, item.weight_grams)
    return [str(number + 1), item.piece, item.destination, weight]


def _grams(sheet: Sheet, grams: int) -> str:
    return sheet.say("grams", grams=format_number(grams, sheet.language))
