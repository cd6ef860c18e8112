"""Recalling a dispatch: contained at once; then what it came to for each delivery, and whom to call."""

from typing import cast

from fastapi import Response

from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Problem
from gateway.web.console.door import Door
from gateway.web.console.recall.looks import report_of
from gateway.web.console.visit import Fields, Visit

_DONE = frozenset({"recalled", "called"})
_MOST_DIGITS = 6


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/dispatches/{dispatch}/recall", shown, needs=Permission.RECALL)
    door.does("/dispatches/{dispatch}/recall", recall, needs=Permission.RECALL)
    door.does("/dispatches/{dispatch}/calls", called, needs=Permission.RECALL)


def shown(at: Visit) -> Response:
    """The form that recalls it; once it was recalled, what that came to."""
    done = at.request.query_params.get("done", "")
    return _page(at, done=done if done in _DONE else "")


def recall(at: Visit, fields: Fields) -> Response:
    """Contains it. Again, it stops what could not be stopped before and has not left since; by a double click, it was
    recalled."""
    known = _seen(fields)
    try:
        at.gateway.recalls.recall(_id(at), actor=at.actor, reason=fields.get("reason", ""), seen=known)
    except InputRefused as problem:
        return _page(at, problem=problem, asked="recall", typed=fields)
    except Conflict as problem:
        recalls = cast("list[dict[str, str]]", at.gateway.recalls.report(_id(at), viewer=at.actor)["recalls"])
        if [one["by"] for one in recalls[known:]] != [at.actor]:
            return _page(at, problem=problem, asked="recall", typed=fields)
    return at.to(f"/dispatches/{_id(at)}/recall", done="recalled")


def called(at: Visit, fields: Fields) -> Response:
    """Somebody was called: what they answered."""
    delivery, known = fields.get("delivery", ""), _seen(fields)
    try:
        at.gateway.recalls.called(_id(at), delivery, actor=at.actor, answer=fields.get("reason", ""), seen=known)
    except InputRefused as problem:
        return _page(at, problem=problem, asked=delivery, typed=fields)
    return at.to(f"/dispatches/{_id(at)}/recall", done="called")


def _page(
    at: Visit, *, done: str = "", problem: Problem | None = None, asked: str = "", typed: Fields | None = None
) -> Response:
    try:
        report = report_of(at.words, at.gateway.recalls.report(_id(at), viewer=at.actor))
    except NoSuchThing as missing:
        if missing.code is not Code.DISPATCH_NOT_RECALLED:
            raise
        report = None
    files = cast("list[str]", at.gateway.views.dispatch(_id(at))["files"])
    return at.page(
        "recall",
        status=problem.http_status if problem else 200,
        dispatch=_id(at),
        files=", ".join(files),
        report=report,
        done=done,
        wrong=at.words.wrong(problem, "reason") if problem else "",
        wrong_where="reason",
        asked=asked,
        typed=dict(typed or {}),
    )


def _seen(fields: Fields) -> int | None:
    """How many there were when the page was made; None where it does not say."""
    seen = fields.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) <= _MOST_DIGITS else None


def _id(at: Visit) -> str:
    return str(at.request.path_params["dispatch"])
