"""The page on which the holder of an account makes and revokes tokens for a system of theirs."""

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from gateway.application.exchange.tokens import MadeToken
from gateway.domain.exchange import ExchangeAccount
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.web.exchange.visit import FORBIDDEN, At
from gateway.web.safety import form


async def shown(at: At, done: str = "") -> Response:
    """The tokens of who is signed in; to a delegate they are not there. done: what was just done."""
    account = await at.account()
    if account is None:
        return at.home()
    return at.gone() if account.delegate else await _page(at, account, said="revoked" if done == "revoked" else "")


async def make(at: At) -> Response:
    """Makes one and shows it, this once."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        await form(at.request, at.secret)
    except (InputRefused, NoSuchThing):
        return at.gone()
    if account.delegate:
        return at.gone()
    try:
        made = await run_in_threadpool(at.exchange.tokens.make, account.name)
    except Conflict:
        return await _page(at, account, said="refused", status=FORBIDDEN)
    return await _page(at, account, said="made", made=made)


async def revoke(at: At, token: str) -> Response:
    """Revokes one."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        await form(at.request, at.secret)
        await run_in_threadpool(at.exchange.tokens.revoke, account.name, token)
    except (InputRefused, NoSuchThing):
        return at.gone()
    return at.to("/tokens?done=revoked")


async def _page(
    at: At, account: ExchangeAccount, *, said: str, made: MadeToken | None = None, status: int = 200
) -> Response:
    tokens = await run_in_threadpool(at.exchange.tokens.of, account.name)
    return at.own_page(
        "tokens",
        account,
        status=status,
        here="/tokens",
        said=said,
        secret=None if made is None else made.secret,
        tokens=[at.pages.token(one) for one in tokens],
    )
