"""Signing in by the provider: there and back. Both are plain links, so that nothing needs a script."""

from fastapi import Response
from fastapi.responses import RedirectResponse

from gateway.domain.problem import Overloaded, Problem
from gateway.web.console.cookies import AFTERWARDS, PROVIDER_TICKET, SESSION
from gateway.web.console.door import Door, place_within
from gateway.web.console.visit import SEE_OTHER, At
from gateway.web.safety import guard

PLACE = "/{language}/sign-in/provider"


def add_to(door: Door) -> None:
    """Its routes."""
    door.routes.add_api_route(PLACE, leave, methods=["GET"])
    door.routes.add_api_route(f"{PLACE}/return", come_back, methods=["GET"])


def leave(at: At, then: str = "") -> Response:
    """Sends the browser to the provider. then: where to go afterwards."""
    try:
        asked = at.provider.ask(at.language.value)
    except Problem as problem:
        return at.refused(problem)
    response = guard(RedirectResponse(asked.address, SEE_OTHER), secure=at.console.secure)
    PROVIDER_TICKET.give(response, asked.ticket)
    if (place := place_within(then)) and place.isascii():  # a cookie holds no more
        AFTERWARDS.give(response, place)
    return response


def come_back(at: At, state: str = "", code: str = "") -> Response:
    """Signs in whom the provider vouches for, if there is an account for them.

    The page leads on by itself: the session's cookie goes with no request that another site began.
    """
    ticket = at.request.cookies.get(PROVIDER_TICKET.name, "")
    try:
        with at.console.tries.of(at.address):
            signed_in = at.provider.enter(at.language.value, ticket=ticket, state=state, code=code, before=at.secret)
    except Overloaded as problem:
        return at.refused(problem)
    except Problem as problem:
        response = at.page(
            "provider",
            status=problem.http_status,
            title=at.words.told(problem)[0],
            told=at.words.told(problem)[1],
            on="",
        )
    else:
        on = place_within(at.request.cookies.get(AFTERWARDS.name, "")) or at.home
        response = at.page("provider", title=at.words.text("provider.in"), told="", on=on)
        SESSION.give(response, signed_in.secret)
    PROVIDER_TICKET.take(response)
    AFTERWARDS.take(response)
    return response
