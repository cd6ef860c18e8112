"""Setting how one signs in: the custodian's link, then the account's own token and a password, then a first code."""

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from segno import make

from gateway.application.console.set_up import Begun
from gateway.domain.problem import NoSuchThing, NotAuthenticated, Overloaded, Problem
from gateway.web.console.door import Does, Door
from gateway.web.console.visit import At, Fields, Visit
from gateway.web.safety import form

_FORM_WRONG = 422
_GROUP = 4


def add_to(door: Door) -> None:
    """Its routes."""
    door.routes.add_api_route("/{language}/set-up", shown, methods=["GET"])
    door.routes.add_api_route("/{language}/set-up", begun, methods=["POST"])
    door.routes.add_api_route("/{language}/set-up/code", finished, methods=["POST"])


def shown(at: At, link: str = "") -> Response:
    """The form for token and password."""
    try:
        return _asking(at, link, at.console.set_up.account_of(link))
    except Problem as problem:
        return at.refused(problem)


async def begun(at: At) -> Response:
    """The secret for the person's device."""
    return await _posted(at, _begin)


async def finished(at: At) -> Response:
    """Set, once the device made a code that is right."""
    return await _posted(at, _finish)


async def _posted(at: Visit, act: Does) -> Response:
    try:
        fields = await form(at.request)
        return await run_in_threadpool(act, at, fields)
    except Problem as problem:
        return await run_in_threadpool(at.refused, problem)


def _begin(at: Visit, fields: Fields) -> Response:
    link = fields.get("link", "")
    name = at.console.set_up.account_of(link)
    try:
        with at.console.tries.of(at.address):
            made = at.console.set_up.begin(link, token=fields.get("token", ""), password=fields.get("password", ""))
    except (NoSuchThing, Overloaded):
        raise
    except Problem as problem:
        return _asking(at, link, name, wrong={problem.where or "token": at.words.told(problem)[1]})
    return _device(at, made)


def _finish(at: Visit, fields: Fields) -> Response:
    ticket = fields.get("ticket", "")
    try:
        with at.console.tries.of(at.address):
            at.console.set_up.finish(ticket, fields.get("code", ""))
    except NotAuthenticated:
        return _device(at, at.console.set_up.again(ticket), wrong=True)
    return at.to("/sign-in", done="set")


def _asking(at: Visit, link: str, name: str, *, wrong: dict[str, str] | None = None) -> Response:
    status = _FORM_WRONG if wrong else 200
    return at.page("set-up", status=status, link=link, name=name, wrong={"token": "", "password": ""} | (wrong or {}))


def _device(at: Visit, made: Begun, *, wrong: bool = False) -> Response:
    groups = [made.secret[start : start + _GROUP] for start in range(0, len(made.secret), _GROUP)]
    picture = make(made.address, error="m").svg_inline(scale=5, border=4, light="white")
    status = _FORM_WRONG if wrong else 200
    return at.page(
        "set-up-code", status=status, picture=picture, secret=" ".join(groups), ticket=made.ticket, wrong=wrong
    )
