"""The page on which the holder of an account names who collects for them, and ends it."""

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from gateway.application.exchange.delegates import Person
from gateway.domain.exchange import ExchangeAccount
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.web.exchange.visit import FORBIDDEN, At
from gateway.web.safety import form

_DONE = frozenset({"named", "ended"})


async def shown(at: At, done: str = "") -> Response:
    """The delegates of who is signed in; to a delegate it is not there. done: what was just done."""
    account = await at.account()
    if account is None:
        return at.home()
    return at.gone() if account.delegate else await _page(at, account, said=done if done in _DONE else "")


async def name(at: At) -> Response:
    """Names one."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        fields = await form(at.request, at.secret)
    except NoSuchThing:
        return at.gone()
    if account.delegate:
        return at.gone()
    person = Person(name=fields.get("name", ""), address=fields.get("address", ""))
    try:
        await run_in_threadpool(at.exchange.delegates.name, account.name, person)
    except InputRefused:
        return await _page(at, account, said="refused", status=FORBIDDEN)
    return at.to("/delegates?done=named")


async def end(at: At, delegate: str) -> Response:
    """Ends one."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        await form(at.request, at.secret)
        await run_in_threadpool(at.exchange.delegates.end, account.name, delegate)
    except NoSuchThing:
        return at.gone()
    return at.to("/delegates?done=ended")


async def _page(at: At, account: ExchangeAccount, *, said: str = "", status: int = 200) -> Response:
    named = await run_in_threadpool(at.exchange.delegates.of, account.name)
    return at.own_page(
        "delegates",
        account,
        status=status,
        here="/delegates",
        said=said,
        delegates=[at.pages.delegate(one) for one in named],
    )
