"""Passkeys: signing in by one, and the page on which who is signed in adds and removes theirs."""

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from gateway.domain.exchange import ExchangeAccount
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.web import frame
from gateway.web.exchange.cookies import SESSION, TICKET
from gateway.web.exchange.visit import FORBIDDEN, At
from gateway.web.safety import form, with_script

_DONE = frozenset({"added", "removed"})
_MOST_ANSWER = 16_384
"""Bytes of a form with what an authenticator answers: an RSA key and its identifiers, as a form encodes them."""


def script() -> Response:
    """The one script, the same for everybody: it speaks to the authenticator and posts what that answers."""
    return frame.script("gateway.web.frame", "passkey.js")


async def entrance(at: At, *, wrong: bool = False) -> Response:
    """The page that lets one sign in. wrong: a passkey or the provider was just tried in vain."""
    status, provider = FORBIDDEN if wrong else 200, at.exchange.provider is not None
    if at.exchange.passkeys is None:
        return at.pages.page("ask", status=status, sent=False, asked=None, wrong=wrong, provider=provider)
    asked = await run_in_threadpool(at.passkeys.to_sign_in)
    response = at.pages.page("ask", status=status, sent=False, asked=asked.options, wrong=wrong, provider=provider)
    TICKET.give(response, asked.ticket)
    return with_script(response)


async def enter(at: At) -> Response:
    """Signs in who holds a passkey of an account."""
    fields = await form(at.request, most=_MOST_ANSWER)
    ticket = at.request.cookies.get(TICKET.name, "")
    signed_in = await run_in_threadpool(at.passkeys.enter, ticket, fields.get("answer", ""))
    if signed_in is None:
        return await entrance(at, wrong=True)
    response = at.home()
    SESSION.give(response, signed_in.secret)
    return response


async def shown(at: At, done: str = "") -> Response:
    """The account's passkeys, and the way to add one. done: what was just done."""
    account = await at.account()
    if account is None:
        return at.home()
    return await _page(at, account, said=done if done in _DONE else "")


async def add(at: At) -> Response:
    """Adds what the authenticator made."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        fields = await form(at.request, at.secret, most=_MOST_ANSWER)
    except NoSuchThing:
        return at.gone()
    ticket = at.request.cookies.get(TICKET.name, "")
    try:
        await run_in_threadpool(at.passkeys.register, account.name, ticket, fields.get("answer", ""))
    except InputRefused:
        return await _page(at, account, said="refused", status=FORBIDDEN)
    return at.to("/passkeys?done=added")


async def remove(at: At, passkey: str) -> Response:
    """Removes one."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        await form(at.request, at.secret)
        await run_in_threadpool(at.passkeys.remove, account.name, passkey)
    except NoSuchThing:
        return at.gone()
    return at.to("/passkeys?done=removed")


async def _page(at: At, account: ExchangeAccount, *, said: str = "", status: int = 200) -> Response:
    passkeys = await run_in_threadpool(at.passkeys.all, account.name)
    asked = await run_in_threadpool(at.passkeys.to_register, account.name)
    response = at.own_page(
        "passkeys",
        account,
        status=status,
        here="/passkeys",
        said=said,
        passkeys=[at.pages.passkey(one) for one in passkeys],
        asked=asked.options,
    )
    TICKET.give(response, asked.ticket)
    return with_script(response)
