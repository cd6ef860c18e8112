"""Signing in and out."""

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from gateway.domain.problem import NotAuthenticated, Problem
from gateway.web.console.cookies import SESSION
from gateway.web.console.door import Door, place_within
from gateway.web.console.visit import SEE_OTHER, At, Fields, Visit
from gateway.web.safety import form, guard

_REFUSED = 403
_DONE = frozenset({"set", "out"})


def add_to(door: Door) -> None:
    """Its routes."""
    door.routes.add_api_route("/{language}/sign-in", shown, methods=["GET"])
    door.routes.add_api_route("/{language}/sign-in", entered, methods=["POST"])
    door.does("/sign-out", left, needs=None)


def shown(at: At, then: str = "", done: str = "") -> Response:
    """The form. then: where to go afterwards. done: what was just done."""
    return at.page("sign-in", then=place_within(then), name="", wrong=False, done=done if done in _DONE else "")


async def entered(at: At) -> Response:
    """Signs in who has both."""
    try:
        fields = await form(at.request)
    except Problem as problem:
        return await run_in_threadpool(at.refused, problem)
    return await run_in_threadpool(_enter, at, fields)


def _enter(at: Visit, fields: Fields) -> Response:
    name, then = fields.get("account", "").strip(), place_within(fields.get("then", ""))
    try:
        signed_in = at.console.sign_in.enter(name, fields.get("password", ""), fields.get("code", ""), before=at.secret)
    except NotAuthenticated:
        return at.page("sign-in", status=_REFUSED, then=then, name=name, wrong=True, done="")
    response = guard(RedirectResponse(then, SEE_OTHER), secure=at.console.secure) if then else at.to()
    SESSION.give(response, signed_in.secret)
    return response


def left(at: Visit, _fields: Fields) -> Response:
    """Ends the session."""
    at.console.sign_in.leave(at.secret)
    response = at.to("/sign-in", done="out")
    SESSION.take(response)
    return response
