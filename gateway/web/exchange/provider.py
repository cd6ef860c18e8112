"""Signing in by the provider: there and back. Both are plain links, so that nothing needs a script."""

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from gateway.application.exchange.provider import NotLinked
from gateway.domain.problem import InputRefused, ServiceDown
from gateway.web.exchange.cookies import PROVIDER_TICKET, SESSION
from gateway.web.exchange.passkeys import entrance
from gateway.web.exchange.visit import FORBIDDEN, SEE_OTHER, At
from gateway.web.safety import guard


async def leave(at: At) -> Response:
    """Sends the browser to the provider."""
    try:
        asked = await run_in_threadpool(at.provider.ask, at.language.value)
    except ServiceDown:
        return at.pages.page("provider", status=FORBIDDEN, outcome="away", identity="")
    response = guard(RedirectResponse(asked.address, SEE_OTHER), secure=at.exchange.secure)
    PROVIDER_TICKET.give(response, asked.ticket)
    return response


async def come_back(at: At, state: str = "", code: str = "") -> Response:
    """Signs in whom the provider vouches for, if the Registry linked them to an account.

    The page leads on by itself: the session's cookie goes with no request that another site began.
    """
    ticket = at.request.cookies.get(PROVIDER_TICKET.name, "")
    try:
        found = await run_in_threadpool(at.provider.enter, at.language.value, ticket=ticket, state=state, code=code)
    except InputRefused:
        return await entrance(at, wrong=True)
    except ServiceDown:
        return at.pages.page("provider", status=FORBIDDEN, outcome="away", identity="")
    if isinstance(found, NotLinked):
        response = at.pages.page("provider", status=FORBIDDEN, outcome="not-linked", identity=found.identity)
    else:
        response = at.pages.page("provider", outcome="in", identity="")
        SESSION.give(response, found.secret)
    PROVIDER_TICKET.take(response)
    return response
