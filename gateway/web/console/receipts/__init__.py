"""What came back and waits for a person: the list, and one of them with what can be said of it."""

from fastapi import Response

from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, NotAllowed, Problem
from gateway.domain.report import Finding
from gateway.ports.incoming import Handling, Incoming
from gateway.web.console.door import Door
from gateway.web.console.moments import moment_of
from gateway.web.console.scans import scan_lines
from gateway.web.console.visit import Fields, Visit
from gateway.web.safety import guard, with_picture
from templates.words import capitalized

_DONE = frozenset({"matched", "confirmed", "closed"})
_MOST_DIGITS = 4
_BELOW = "/mail-room/receipts/{receipt}"


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/mail-room/receipts", listed)
    door.shows(_BELOW, shown, needs=Permission.RESOLVE)
    door.shows(f"{_BELOW}/pages/{{page}}", picture, needs=Permission.RESOLVE)
    door.does(f"{_BELOW}/raw", raw, needs=Permission.RESOLVE)
    door.does(f"{_BELOW}/match", match, needs=Permission.RESOLVE)
    door.does(f"{_BELOW}/confirm", confirm, needs=Permission.RESOLVE)
    door.does(f"{_BELOW}/close", close, needs=Permission.RESOLVE)


def listed(at: Visit) -> Response:
    """All that wait, the newest first."""
    done = at.request.query_params.get("done", "")
    found = [_line(at, one) for one in at.console.mail_desk.receipts(viewer=at.actor)]
    may_act = at.may(Permission.RESOLVE)
    return at.page("receipts", receipts=found, may_act=may_act, done=done if done in _DONE else "")


def shown(at: Visit) -> Response:
    """One of them; with `page`, that page of it as a picture."""
    done, page = (at.request.query_params.get(name, "") for name in ("done", "page"))
    return _page(at, done=done if done in _DONE else "", page=_place(page))


def picture(at: Visit) -> Response:
    """A page of it, drawn here: nobody opens what a stranger sent."""
    drawn = at.console.mail_desk.picture(_id(at), _place(str(at.request.path_params["page"])), actor=at.actor)
    return guard(Response(drawn.png, media_type="image/png"), secure=at.console.secure)


def raw(at: Visit, _fields: Fields) -> Response:
    """As it came, to be kept as a file and never opened by a browser."""
    content = at.console.mail_desk.raw(_id(at), actor=at.actor)
    headers = {"Content-Disposition": 'attachment; filename="as-it-came.bin"'}
    return guard(Response(content, headers=headers, media_type="application/octet-stream"), secure=at.console.secure)


def match(at: Visit, fields: Fields) -> Response:
    """Whose page it is."""
    named = "".join(fields.get("delivery", "").split())
    if not named:
        nothing = InputRefused(Code.REQUEST_INVALID, where="delivery", expected="minLength 1")
        return _refused(at, nothing, "match", fields)
    try:
        at.gateway.receive.match(_id(at), named, actor=at.actor, reason=fields.get("reason", ""))
    except (InputRefused, NoSuchThing, Conflict) as problem:
        return _refused(at, problem, "match", fields)
    return at.to(f"/mail-room/receipts/{_id(at)}", done="matched")


def confirm(at: Visit, fields: Fields) -> Response:
    """That it is signed, and when they had the papers."""
    try:
        moment = moment_of(fields.get("at", ""), at.words.zone, field="at")
        at.gateway.receive.confirm(_id(at), moment, actor=at.actor, reason=fields.get("reason", ""))
    except (InputRefused, Conflict, NotAllowed) as problem:
        return _refused(at, problem, "confirm", fields)
    return at.to("/mail-room/receipts", done="confirmed")


def close(at: Visit, fields: Fields) -> Response:
    """That it is dealt with."""
    try:
        at.gateway.receive.close(_id(at), actor=at.actor, reason=fields.get("reason", ""))
    except (InputRefused, Conflict) as problem:
        return _refused(at, problem, "close", fields)
    return at.to("/mail-room/receipts", done="closed")


def _refused(at: Visit, problem: Problem, asked: str, fields: Fields) -> Response:
    """With what was typed; whatever somebody dealt with meanwhile is shown as it stands now."""
    return _page(at, problem=problem, asked=asked, typed=fields)


def _page(
    at: Visit,
    *,
    done: str = "",
    page: int = 0,
    problem: Problem | None = None,
    asked: str = "",
    typed: Fields | None = None,
) -> Response:
    desk, receipt = at.console.mail_desk, at.console.mail_desk.receipt(_id(at), viewer=at.actor)
    more, undrawn = False, ""
    if page:
        try:
            more = desk.has_more(receipt.id, page, viewer=at.actor)
        except InputRefused as none:
            page, undrawn = 0, at.words.wrong(none, "page", area="receipts")
    unmatched = receipt.finding is Finding.SCANS_UNMATCHED
    offered = _offered(receipt)
    scans = desk.faulty_scans(receipt.digest, viewer=at.actor) if unmatched else ()
    where = _field_of(problem) if problem else ""
    response = at.page(
        "receipt",
        status=problem.http_status if problem else 200,
        receipt=_line(at, receipt),
        offered=offered,
        scans=scan_lines(at.words, scans),
        page=page,
        more=more,
        undrawn=undrawn,
        done=done,
        asked=asked if asked in offered else "",
        wrong=at.words.wrong(problem, where, area="receipts") if problem else "",
        wrong_where=where,
        typed=dict(typed or {}),
    )
    return with_picture(response) if page else response


_MAY_BE_PAGES = frozenset({Finding.PAGES_UNKNOWN, Finding.PERSONAL_REPLY, Finding.UNREADABLE})


def _offered(receipt: Incoming) -> list[str]:
    """What may be said of it as it stands."""
    if receipt.handling is not Handling.FOR_PERSON:
        return []
    match = ["match"] if receipt.finding in _MAY_BE_PAGES else []
    return [*match, *(["confirm"] if receipt.finding is Finding.PAGE_RETURNED else []), "close"]


def _field_of(problem: Problem) -> str:
    unknown = {Code.DELIVERY_UNKNOWN, Code.RECEIPT_OF_ANOTHER_DELIVERY}
    return "delivery" if problem.code in unknown else problem.where or ""


def _line(at: Visit, receipt: Incoming) -> dict[str, str]:
    words = at.words
    return {
        "id": receipt.id,
        "what": capitalized(words.word("finding", receipt.finding.value)) if receipt.finding else "",
        "source": words.word("channel", receipt.source),
        "moment": words.moment(receipt.received_at),
        "handling": words.word("handling", receipt.handling.value),
        "delivery": receipt.delivery or "",
        "matched": words.text("receipts.matched-by", who=receipt.matched_by) if receipt.matched_by else "",
    }


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0


def _id(at: Visit) -> str:
    return str(at.request.path_params["receipt"])
