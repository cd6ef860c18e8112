"""The page on which the holder of an account puts forward their own certificate or OpenPGP key."""

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from gateway.domain.exchange import ExchangeAccount
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.web.exchange.visit import FORBIDDEN, At
from gateway.web.safety import MOST_FIELDS
from gateway.web.uploads import form_with_file

MOST = 64_000
"""Octets: a certificate with its chain, or an OpenPGP key with many signatures."""


async def shown(at: At, done: str = "") -> Response:
    """How it stands; to a delegate it is not there. done: what was just done."""
    account = await at.account()
    if account is None:
        return at.home()
    return at.gone() if account.delegate else await _page(at, account, said="waits" if done == "waits" else "")


async def put_forward(at: At) -> Response:
    """Puts one forward."""
    account = await at.account()
    if account is None:
        return at.home()
    if account.delegate:
        return at.gone()
    try:
        brought = await form_with_file(at.request, at.secret, most=MOST, fields=MOST_FIELDS)
    except (InputRefused, NoSuchThing):
        return at.gone()
    raw = brought.files.get("file") or brought.fields.get("text", "").strip().encode()
    fingerprint = brought.fields.get("fingerprint", "").strip() or None
    try:
        await run_in_threadpool(at.exchange.keys.put_forward, account.name, raw, fingerprint=fingerprint)
    except (Conflict, InputRefused, NoSuchThing):
        return await _page(at, account, said="refused", status=FORBIDDEN)
    return at.to("/keys?done=waits")


async def _page(at: At, account: ExchangeAccount, *, said: str, status: int = 200) -> Response:
    standing = await run_in_threadpool(at.exchange.keys.of, account.name)
    return at.own_page("keys", account, status=status, here="/keys", said=said, standing=at.pages.own_key(standing))
