"""The envelope check: the first sheet, then the label, both by a scanner that types and presses Enter.

The sheet's code alone is asked for first, so that the Enter of a scanner brings the next field and not an error. Where
both are held together, the page is ready for the next envelope; no script is needed.
"""

from fastapi import Response

from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.problem import Conflict, NoSuchThing, Problem
from gateway.web.console.door import Door
from gateway.web.console.visit import Fields, Visit

_LONGEST = 64
"""Signs of a code, with what scanners leave beside it."""


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/mail-room/check", shown, needs=Permission.RESOLVE)
    door.does("/mail-room/check", check, needs=Permission.RESOLVE)


def shown(at: Visit) -> Response:
    """Ready for a first sheet; above it what came of the envelope before."""
    manifest, place = (at.request.query_params.get(name, "") for name in ("manifest", "place"))
    known = manifest.replace("-", "").isalnum() and place.isdecimal()
    return _page(at, together=at.words.text("check.together", manifest=manifest, place=place) if known else "")


def check(at: Visit, fields: Fields) -> Response:
    """The second code is held against the first."""
    sheet, label = (" ".join(fields.get(name, "").split())[:_LONGEST] for name in ("sheet", "label"))
    if not sheet or not label:
        return _page(at, sheet=sheet)
    try:
        item = at.gateway.mail_room.check(sheet, label, actor=at.actor)
    except (NoSuchThing, Conflict) as problem:
        return _page(at, problem=problem)
    return at.to("/mail-room/check", manifest=item.manifest or "", place=str(item.place or 0))


def _page(at: Visit, *, sheet: str = "", together: str = "", problem: Problem | None = None) -> Response:
    swapped = problem is not None and problem.code is Code.MANIFEST_ENVELOPE_SWAPPED
    return at.page(
        "check",
        status=problem.http_status if problem else 200,
        sheet=sheet,
        together=together,
        wrong=at.words.wrong(problem, "") if problem else "",
        swapped=swapped,
    )
