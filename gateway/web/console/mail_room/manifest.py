"""A manifest: what stands on it, what is printed of it, and the carrier's signature."""

from collections.abc import Iterator
from itertools import chain, islice

from fastapi import Response
from fastapi.responses import StreamingResponse

from gateway.application.console.mail_desk import ManifestLook, Printed
from gateway.application.exchange.bundle import zipped
from gateway.application.mail_room.files import MailFile
from gateway.application.mail_room.handover import MOST_OCTETS
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Problem
from gateway.web.console.door import Brings, Door
from gateway.web.console.moments import moment_of, within_the_minute
from gateway.web.console.visit import Fields, Visit
from gateway.web.safety import guard
from templates.words import capitalized

_DONE = frozenset({"closed", "handed-over", "withdrawn"})
_MOST_DIGITS = 6


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/mail-room/manifests/{number}", shown)
    door.does("/mail-room/manifests/{number}/prints/{what}", printed, needs=Permission.RESOLVE)
    door.does(
        "/mail-room/manifests/{number}/handover", hand_over, needs=Permission.RESOLVE, brings=Brings(octets=MOST_OCTETS)
    )
    door.does("/mail-room/manifests/{number}/withdraw", withdraw, needs=Permission.RESOLVE)


def shown(at: Visit) -> Response:
    """The manifest as it stands."""
    done = at.request.query_params.get("done", "")
    return _page(at, done=done if done in _DONE else "")


def printed(at: Visit, _fields: Fields) -> Response:
    """One PDF where it is one; several files as a ZIP, made while it is read."""
    try:
        what = Printed(at.request.path_params["what"])
    except ValueError:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND) from None
    files = at.console.mail_desk.printed(_number(at), what, at.language, actor=at.actor)
    first = list(islice(files, 2))
    if len(first) == 1:
        headers = {"Content-Disposition": f'attachment; filename="{first[0].name}"'}
        response = Response(first[0].content, headers=headers, media_type="application/pdf")
        return guard(response, secure=at.console.secure)
    return guard(_archive(f"{_number(at)}-{what.value}.zip", chain(first, files)), secure=at.console.secure)


def hand_over(at: Visit, fields: Fields) -> Response:
    """The carrier signed for it. A second click finds it done."""
    desk, number = at.console.mail_desk, _number(at)
    try:
        closed_at = desk.look(number, after=0, viewer=at.actor).manifest.closed_at
        told = fields.get("at", "")
        taken_at = moment_of(told, at.words.zone, field="at") if told else at.gateway.clock.now()
        done = at.gateway.mail_room.hand_over(
            number,
            at=within_the_minute(taken_at, closed_at),
            signed=at.files.get("file", b""),
            actor=at.actor,
            counted=_number_in(fields.get("counted", "")),
            stated=fields.get("stated", ""),
        )
    except InputRefused as problem:
        return _page(at, problem=problem, typed=fields)
    except Conflict as conflict:
        if desk.look(number, after=0, viewer=at.actor).manifest.recorded_by == at.actor:
            return at.to(f"/mail-room/manifests/{number}", done="handed-over")
        return _page(at, problem=conflict, typed=fields)
    return at.to(f"/mail-room/manifests/{number}", done="handed-over", aside=str(len(done.left_out)))


def withdraw(at: Visit, fields: Fields) -> Response:
    """Nobody took it, and its carrier does not deliver. A second click finds nothing left to take off."""
    number = _number(at)
    try:
        done = at.gateway.mail_room.withdraw(number, actor=at.actor, reason=fields.get("reason", ""))
    except (InputRefused, Conflict) as problem:
        return _page(at, problem=problem, typed=fields, asked="withdraw")
    told = {"credit": "yes"} if done.carrier_told else {}
    return at.to(f"/mail-room/manifests/{number}", done="withdrawn", **told)


def _page(
    at: Visit,
    *,
    done: str = "",
    problem: Problem | None = None,
    typed: Fields | None = None,
    asked: str = "hand-over",
) -> Response:
    look = at.console.mail_desk.look(_number(at), after=_counted(at, "after"), viewer=at.actor)
    where = problem.where or "" if problem else ""
    return at.page(
        "manifest",
        status=problem.http_status if problem else 200,
        **_facts(at, look),
        done=done,
        aside=_counted(at, "aside"),
        may_act=at.may(Permission.RESOLVE),
        wrong=at.words.wrong(problem, where, area="mail-room") if problem else "",
        wrong_where=where,
        stale=isinstance(problem, Conflict),
        typed=dict(typed or {}),
        prints=[one.value for one in Printed],
        asked=asked,
        suspended=look.manifest.channel in at.gateway.calendar.suspended_channels(),
        credit="credit" in at.request.query_params,
    )


def _facts(at: Visit, look: ManifestLook) -> dict[str, object]:
    manifest, words = look.manifest, at.words
    handed, by = manifest.handed_over_at, manifest.recorded_by or ""
    return {
        "number": manifest.number,
        "name": capitalized(words.word("channel", manifest.channel)),
        "office": words.word("office", manifest.office),
        "carrier": words.word("carrier", manifest.carrier),
        "count": look.count,
        "closed": words.text("mail-room.by", moment=words.moment(manifest.closed_at), who=manifest.closed_by),
        "handed": words.text("mail-room.by", moment=words.moment(handed), who=by) if handed else "",
        "carrier_service": words.word("carriage-state", look.carriage.state.value) if look.carriage else "",
        "carrier_waits": words.reason(look.carriage.reason.value, "meaning")
        if look.carriage and look.carriage.reason
        else "",
        "vendor": words.word("print-state", look.printing.state.value) if look.printing else "",
        "items": [
            {
                "place": one.place,
                "piece": one.piece,
                "delivery": one.delivery,
                "pages": words.number(one.pages),
                "sheets": words.number(one.sheets),
                "state": state.value,
            }
            for one, state in look.items
        ],
        "next": look.next,
    }


def _archive(name: str, files: Iterator[MailFile]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    parts = zipped((one, [one.content]) for one in files)
    return StreamingResponse(parts, headers=headers, media_type="application/zip")


def _number_in(typed: str) -> int | None:
    """What was counted; None: that is no number."""
    return int(typed) if typed.strip().isdecimal() else None


def _counted(at: Visit, name: str) -> int:
    text = at.request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0


def _number(at: Visit) -> str:
    return str(at.request.path_params["number"])
