"""The page on which the holder of an account gives or revokes their consent to electronic delivery."""

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from gateway.domain.exchange import ExchangeAccount
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.web.exchange.visit import At
from gateway.web.safety import form

_DONE = {"given": True, "revoked": False}


async def shown(at: At, done: str = "") -> Response:
    """What was last said; to a delegate it is not there. done: what was just done."""
    account = await at.account()
    if account is None:
        return at.home()
    return at.gone() if account.delegate else await _page(at, account, said=done if done in _DONE else "")


async def say(at: At) -> Response:
    """Gives or revokes it."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        fields = await form(at.request, at.secret)
    except (InputRefused, NoSuchThing):
        return at.gone()
    word = fields.get("word", "")
    if account.delegate or word not in _DONE:
        return at.gone()
    await run_in_threadpool(at.exchange.consents.say, account.name, accepts=_DONE[word])
    return at.to(f"/consent?done={word}")


async def _page(at: At, account: ExchangeAccount, *, said: str) -> Response:
    last = await run_in_threadpool(at.exchange.consents.of, account.name)
    return at.own_page(
        "consent",
        account,
        here="/consent",
        said=said,
        accepts=None if last is None else last.accepts,
        standing=at.pages.consent(last),
    )
