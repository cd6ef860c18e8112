"""Closing a batch: first what will happen, then the manifest."""

from fastapi import Response

from gateway.application.mail_room.taking_out import Unfit
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.manifest import Manifest
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Problem
from gateway.web.console.door import Door
from gateway.web.console.mail_room.waiting import batch_line
from gateway.web.console.visit import Fields, Visit


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/mail-room/batches/{office}/{channel}", shown, needs=Permission.RESOLVE)
    door.does("/mail-room/batches/{office}/{channel}", close, needs=Permission.RESOLVE)


def shown(at: Visit) -> Response:
    """What closing it would do. Raises NoSuchThing (request.not-found) where nothing waits there."""
    return _page(at)


def close(at: Visit, fields: Fields) -> Response:
    """The manifest is closed over what was gathered."""
    channel, office = _batch(at)
    codes = tuple(fields.get("codes", "").split())
    last, seen = at.console.mail_desk.last_closed(channel, office, viewer=at.actor), fields.get("seen", "")
    if last is not None and last.number != seen:
        return _already(at, last)
    unfit = Unfit(codes=codes, why=fields.get("reason", ""), anew=bool(fields.get("anew"))) if codes else None
    try:
        closing = at.gateway.mail_room.close(
            channel, office, actor=at.actor, late=bool(fields.get("late")), unfit=unfit
        )
    except (InputRefused, NoSuchThing) as problem:
        return _page(at, problem=problem, typed=fields)
    except Conflict as conflict:
        if conflict.code is not Code.MANIFEST_NOTHING_GATHERED:
            raise
        last = at.console.mail_desk.last_closed(channel, office, viewer=at.actor)
        if last is None or last.number == seen:  # all that waits lies there after the cut-off
            return _page(at, problem=conflict)
        return _already(at, last)
    aside = len(closing.set_aside)
    if closing.manifest is None:
        return at.to("/mail-room", aside=str(aside))
    return at.to(f"/mail-room/manifests/{closing.manifest.number}", done="closed", aside=str(aside))


def _already(at: Visit, last: Manifest) -> Response:
    """It was closed since the page was made: a double click is told that it is done, everybody else who was quicker,
    and what was gathered since is for a page that shows it."""
    if last.closed_by == at.actor:
        return at.to(f"/mail-room/manifests/{last.number}", done="closed")
    _, office = _batch(at)
    nothing = Conflict(Code.MANIFEST_NOTHING_GATHERED, office=office, last=last.number)
    return _page(at, problem=nothing, quicker=last)


def _page(
    at: Visit, *, problem: Problem | None = None, typed: Fields | None = None, quicker: Manifest | None = None
) -> Response:
    channel, office = _batch(at)
    batch = at.gateway.mail_room.views.batch(channel, office, viewer=at.actor)
    if batch is None and problem is None:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND)
    last = at.console.mail_desk.last_closed(channel, office, viewer=at.actor)
    where = _where(problem) if problem else ""
    return at.page(
        "batch",
        status=problem.http_status if problem else 200,
        batch=batch_line(at.words, batch) if batch else None,
        channel=channel,
        office=office,
        seen=last.number if last else "",
        wrong=at.words.wrong(problem, where, area="mail-room") if problem else "",
        wrong_where=where,
        typed=dict(typed or {}),
        quicker=_told(at, quicker) if quicker else "",
        quicker_number=quicker.number if quicker else "",
    )


def _told(at: Visit, manifest: Manifest) -> str:
    moment = at.words.moment(manifest.closed_at)
    return at.words.text("mail-room.quicker", who=manifest.closed_by, number=manifest.number, moment=moment)


def _where(problem: Problem) -> str:
    return "codes" if problem.code is Code.MANIFEST_CODE_UNKNOWN else problem.where or ""


def _batch(at: Visit) -> tuple[str, str]:
    return str(at.request.path_params["channel"]), str(at.request.path_params["office"])
