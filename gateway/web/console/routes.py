"""The routes of the console."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.web import frame
from gateway.web.console import (
    address,
    approvals,
    audit,
    breach,
    channels,
    delivery,
    directory,
    envelope_check,
    feed,
    figures,
    find,
    home,
    keyboard,
    mail_room,
    my_sign_in,
    new_dispatch,
    recall,
    receipts,
    scans,
    set_up,
    sign_in,
    views,
    work,
)
from gateway.web.console.door import Door
from gateway.web.console.visit import ROOT, SEE_OTHER
from gateway.web.problems import preferred_language
from gateway.web.safety import guard

PAGES = (
    sign_in,
    set_up,
    my_sign_in,
    home,
    find,
    work,
    views,
    keyboard,
    delivery,
    directory,
    address,
    audit,
    approvals,
    figures,
    feed,
    recall,
    breach,
    mail_room,
    new_dispatch,
    envelope_check,
    scans,
    receipts,
    channels,
)


def router() -> APIRouter:
    """Everything under `/console`."""
    routes = APIRouter(prefix=ROOT, include_in_schema=False)
    routes.add_api_route("", front, methods=["GET"])
    routes.add_api_route("/style.css", style, methods=["GET"])
    routes.add_api_route("/live.js", live, methods=["GET"])
    routes.add_api_route("/passkey.js", passkey, methods=["GET"])
    routes.add_api_route("/keys.js", keys, methods=["GET"])
    door = Door(routes=routes)
    for page in PAGES:
        page.add_to(door)
    return routes


def front(request: Request) -> Response:
    """The console in the language that the browser asks for."""
    language = preferred_language(request.headers.get("accept-language", ""))
    secure = request.app.state.gateway.console.secure
    return guard(RedirectResponse(f"{ROOT}/{language.value}", SEE_OTHER), secure=secure)


def style() -> Response:
    """The style sheet, the same for everybody."""
    return frame.style("gateway.web.console", ["style.css"])


def live() -> Response:
    """The script that writes the counts of what waits where they stand, the same for everybody."""
    return frame.script("gateway.web.console", "live.js")


def passkey() -> Response:
    """The script that speaks to an authenticator and posts what that answers, the same for everybody."""
    return frame.script("gateway.web.frame", "passkey.js")


def keys() -> Response:
    """The script of the single keys, the same for everybody."""
    return frame.script("gateway.web.console", "keys.js")
