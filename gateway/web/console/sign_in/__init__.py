"""Signing in and out."""

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from gateway.application.console.sign_in import SignedIn
from gateway.domain.problem import NotAuthenticated, Problem
from gateway.web.console.cookies import SESSION, TICKET
from gateway.web.console.door import Does, Door, place_within
from gateway.web.console.sign_in import provider
from gateway.web.console.visit import SEE_OTHER, At, Fields, Visit
from gateway.web.safety import MOST_ANSWER, MOST_FORM, form, guard, with_script

_REFUSED = 403
_DONE = frozenset({"set", "set-passkey", "out"})


def add_to(door: Door) -> None:
    """Its routes."""
    door.routes.add_api_route("/{language}/sign-in", shown, methods=["GET"])
    door.routes.add_api_route("/{language}/sign-in", entered, methods=["POST"])
    door.routes.add_api_route("/{language}/sign-in/passkey", entered_by_passkey, methods=["POST"])
    provider.add_to(door)
    door.does("/sign-out", left, needs=None)


def shown(at: At, then: str = "", done: str = "") -> Response:
    """The form. then: where to go afterwards. done: what was just done."""
    return _page(at, then=place_within(then), done=done if done in _DONE else "")


async def entered(at: At) -> Response:
    """Signs in who has both."""
    return await _posted(at, _enter, most=MOST_FORM)


async def entered_by_passkey(at: At) -> Response:
    """Signs in who holds a passkey of an account."""
    return await _posted(at, _enter_by_passkey, most=MOST_ANSWER)


async def _posted(at: Visit, act: Does, *, most: int) -> Response:
    try:
        fields = await form(at.request, most=most)
        return await run_in_threadpool(act, at, fields)
    except Problem as problem:
        return await run_in_threadpool(at.refused, problem)


def _enter(at: Visit, fields: Fields) -> Response:
    name, then = fields.get("account", "").strip(), place_within(fields.get("then", ""))
    try:
        with at.console.tries.of(at.address):
            signed_in = at.console.sign_in.enter(
                name, fields.get("password", ""), fields.get("code", ""), before=at.secret
            )
    except NotAuthenticated:
        return _page(at, then=then, name=name, wrong="wrong")
    return _led_on(at, signed_in, then)


def _enter_by_passkey(at: Visit, fields: Fields) -> Response:
    then, ticket = place_within(fields.get("then", "")), at.request.cookies.get(TICKET.name, "")
    try:
        with at.console.tries.of(at.address):
            signed_in = at.passkeys.enter(ticket, fields.get("answer", ""), before=at.secret)
    except NotAuthenticated:
        return _page(at, then=then, wrong="passkey-wrong")
    return _led_on(at, signed_in, then)


def _led_on(at: Visit, signed_in: SignedIn, then: str) -> Response:
    response = guard(RedirectResponse(then, SEE_OTHER), secure=at.console.secure) if then else at.to()
    SESSION.give(response, signed_in.secret)
    return response


def _page(at: Visit, *, then: str, name: str = "", wrong: str = "", done: str = "") -> Response:
    """wrong: what did not work, as its text is called."""
    asked = at.console.passkeys.to_sign_in() if at.console.passkeys is not None else None
    response = at.page(
        "sign-in",
        status=_REFUSED if wrong else 200,
        then=then,
        name=name,
        wrong=wrong,
        done=done,
        asked=asked.options if asked else None,
        passwords=at.console.passwords,
        provider=at.console.provider is not None,
    )
    if asked is None:
        return response
    TICKET.give(response, asked.ticket)
    return with_script(response)


def left(at: Visit, _fields: Fields) -> Response:
    """Ends the session."""
    at.console.sign_in.leave(at.secret)
    response = at.to("/sign-in", done="out")
    # Pages are not stored; what a browser holds in memory for its back button goes too.
    response.headers["Clear-Site-Data"] = '"cache"'
    SESSION.take(response)
    return response
