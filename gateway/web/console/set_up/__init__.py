"""Setting how one signs in: the custodian's link, then the account's own token, and a password with a first
code or a passkey."""

from types import MappingProxyType

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from segno import make

from gateway.application.console.set_up import Begun
from gateway.domain.codes import Code
from gateway.domain.console import LONGEST_NAME
from gateway.domain.problem import NoSuchThing, NotAuthenticated, Overloaded, Problem
from gateway.web.console.cookies import TICKET
from gateway.web.console.door import Does, Door
from gateway.web.console.visit import At, Fields, Visit
from gateway.web.safety import MOST_ANSWER, MOST_FORM, form, with_script

_FORM_WRONG = 422
_GROUP = 4
_FIELDS = ("token", "password", "passkey_token", "passkey_name", "passkey_answer")
_NOTHING: Fields = MappingProxyType({})


def add_to(door: Door) -> None:
    """Its routes."""
    door.routes.add_api_route("/{language}/set-up", shown, methods=["GET"])
    door.routes.add_api_route("/{language}/set-up", begun, methods=["POST"])
    door.routes.add_api_route("/{language}/set-up/passkey", finished_by_passkey, methods=["POST"])
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


async def finished_by_passkey(at: At) -> Response:
    """Set, once an authenticator made one."""
    return await _posted(at, _finish_by_passkey, most=MOST_ANSWER)


async def _posted(at: Visit, act: Does, *, most: int = MOST_FORM) -> Response:
    try:
        fields = await form(at.request, most=most)
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


def _finish_by_passkey(at: Visit, fields: Fields) -> Response:
    link, ticket, token = fields.get("link", ""), at.request.cookies.get(TICKET.name, ""), fields.get("token", "")
    account, asking = at.console.set_up.account_of(link), at.console.set_up_passkey
    if asking is None:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND)
    name, answer = fields.get("name", ""), fields.get("answer", "")
    try:
        with at.console.tries.of(at.address):
            asking.finish(link, token=token, ticket=ticket, answer=answer, name=name)
    except (NoSuchThing, Overloaded):
        raise
    except Problem as problem:
        told = at.words.text("my-sign-in.name-wrong", most=LONGEST_NAME) if problem.where == "name" else ""
        wrong = {f"passkey_{problem.where or 'answer'}": told or at.words.told(problem)[1]}
        return _asking(at, link, account, wrong=wrong, typed={"passkey_name": name})
    return at.to("/sign-in", done="set-passkey")


def _finish(at: Visit, fields: Fields) -> Response:
    ticket = fields.get("ticket", "")
    try:
        with at.console.tries.of(at.address):
            at.console.set_up.finish(ticket, fields.get("code", ""))
    except NotAuthenticated:
        return _device(at, at.console.set_up.again(ticket), wrong=True)
    return at.to("/sign-in", done="set")


def _asking(at: Visit, link: str, name: str, *, wrong: Fields = _NOTHING, typed: Fields = _NOTHING) -> Response:
    asked = at.console.set_up_passkey.ask(link) if at.console.set_up_passkey is not None else None
    response = at.page(
        "set-up",
        status=_FORM_WRONG if wrong else 200,
        link=link,
        name=name,
        wrong=dict.fromkeys(_FIELDS, "") | dict(wrong),
        typed=dict.fromkeys(_FIELDS, "") | dict(typed),
        most=LONGEST_NAME,
        asked=asked.options if asked else None,
    )
    if asked is None:
        return response
    TICKET.give(response, asked.ticket)
    return with_script(response)


def _device(at: Visit, made: Begun, *, wrong: bool = False) -> Response:
    groups = [made.secret[start : start + _GROUP] for start in range(0, len(made.secret), _GROUP)]
    picture = make(made.address, error="m").svg_inline(scale=5, border=4, light="white")
    status = _FORM_WRONG if wrong else 200
    return at.page(
        "set-up-code", status=status, picture=picture, secret=" ".join(groups), ticket=made.ticket, wrong=wrong
    )
