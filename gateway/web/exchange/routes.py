"""The routes of the exchange. Each answers who may not with the same calm nothing."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from gateway.application.exchange.collect import PAGE
from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing
from gateway.web import frame
from gateway.web.connection import arriving
from gateway.web.exchange import consents, delegates, keys, passkeys, provider, tokens
from gateway.web.exchange.cookies import SESSION
from gateway.web.exchange.unread import PageRoute
from gateway.web.exchange.visit import FORBIDDEN, At, Visit
from gateway.web.problems import preferred_language
from gateway.web.safety import form, guard

_MOST_DIGITS = 4


def router() -> APIRouter:
    """Everything under `/exchange`."""
    routes = APIRouter(prefix="/exchange", include_in_schema=False, route_class=PageRoute)
    routes.add_api_route("", front, methods=["GET"])
    routes.add_api_route("/style.css", style, methods=["GET"])
    routes.add_api_route("/passkey.js", passkeys.script, methods=["GET"])
    routes.add_api_route("/{language}", what_is_left, methods=["GET"])
    routes.add_api_route("/{language}/link", ask, methods=["POST"])
    routes.add_api_route("/{language}/enter", entrance, methods=["GET"])
    routes.add_api_route("/{language}/enter", enter, methods=["POST"])
    routes.add_api_route("/{language}/passkey", passkeys.enter, methods=["POST"])
    routes.add_api_route("/{language}/provider", provider.leave, methods=["GET"])
    routes.add_api_route("/{language}/provider/return", provider.come_back, methods=["GET"])
    routes.add_api_route("/{language}/passkeys", passkeys.shown, methods=["GET"])
    routes.add_api_route("/{language}/passkeys", passkeys.add, methods=["POST"])
    routes.add_api_route("/{language}/passkeys/{passkey}/removal", passkeys.remove, methods=["POST"])
    routes.add_api_route("/{language}/delegates", delegates.shown, methods=["GET"])
    routes.add_api_route("/{language}/delegates", delegates.name, methods=["POST"])
    routes.add_api_route("/{language}/delegates/{delegate}/removal", delegates.end, methods=["POST"])
    routes.add_api_route("/{language}/consent", consents.shown, methods=["GET"])
    routes.add_api_route("/{language}/consent", consents.say, methods=["POST"])
    routes.add_api_route("/{language}/tokens", tokens.shown, methods=["GET"])
    routes.add_api_route("/{language}/tokens", tokens.make, methods=["POST"])
    routes.add_api_route("/{language}/tokens/{token}/revocation", tokens.revoke, methods=["POST"])
    routes.add_api_route("/{language}/keys", keys.shown, methods=["GET"])
    routes.add_api_route("/{language}/keys", keys.put_forward, methods=["POST"])
    routes.add_api_route("/{language}/papers/{entry}/all", download_all, methods=["GET"])
    routes.add_api_route("/{language}/papers/{entry}/{place}", download, methods=["GET"])
    routes.add_api_route("/{language}/papers/{entry}/acknowledgment", acknowledge, methods=["POST"])
    routes.add_api_route("/{language}/sign-out", sign_out, methods=["POST"])
    return routes


def front(request: Request) -> Response:
    """The exchange in the language that the browser asks for."""
    return Visit(preferred_language(request.headers.get("accept-language", "")), request).home()


def style() -> Response:
    """The style sheet, the same for everybody."""
    return frame.style("gateway.web.exchange", ["pages/style.css"])


async def what_is_left(at: At, before: str | None = None) -> Response:
    """The list, or the page that lets one sign in. before: the entry where the page before it ended."""
    account = await at.account()
    if account is None:
        return await passkeys.entrance(at)
    left = await run_in_threadpool(at.exchange.collect.all, account.owner, older_than=before, limit=PAGE + 1)
    entries = [at.pages.listed(one) for one in left[:PAGE]]
    await run_in_threadpool(at.exchange.collect.were_listed, account.owner, left[:PAGE], delegate=account.delegate)
    earlier = left[PAGE - 1].entry.id if len(left) > PAGE else None
    here = f"?before={quote(before)}" if before else ""
    return at.own_page(
        "list",
        account,
        passkeys=at.exchange.passkeys is not None,
        entries=entries,
        earlier=earlier,
        later=before,
        here=here,
    )


async def ask(at: At) -> Response:
    """Owes a link where there is an account. The answer does not tell."""
    fields = await form(at.request)
    await run_in_threadpool(at.exchange.sign_in.ask, fields.get("address", ""))
    return at.pages.page("ask", sent=True, asked=None, wrong=False, provider=False)


async def entrance(at: At, link: str = "") -> Response:
    """Asks for the code. Looking at a link uses nothing up: mail systems look at links too."""
    return at.pages.page("enter", link=link, wrong=False, here=f"/enter?link={quote(link)}")


async def enter(at: At) -> Response:
    """Signs in who has both."""
    fields = await form(at.request)
    link = fields.get("link", "")
    signed_in = await run_in_threadpool(at.exchange.sign_in.enter, link, fields.get("code", ""))
    if signed_in is None:
        return at.pages.page("enter", status=FORBIDDEN, link=link, wrong=True, here=f"/enter?link={quote(link)}")
    response = at.home()
    SESSION.give(response, signed_in.secret)
    return response


async def download(at: At, entry: str, place: str) -> Response:
    """One document, opened piece by piece on its way."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        taken = await run_in_threadpool(
            at.exchange.collect.document,
            account.owner,
            entry,
            _place(place),
            delegate=account.delegate,
        )
    except NoSuchThing:
        return at.gone()
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(taken.document.name)}",
        "Content-Length": str(taken.document.size),
    }
    response = StreamingResponse(
        arriving(at.request, taken.parts), headers=headers, media_type=taken.document.media_type
    )
    return guard(response, secure=at.exchange.secure)


async def download_all(at: At, entry: str) -> Response:
    """Every document of an entry as one ZIP, made on its way."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        bundle = await run_in_threadpool(
            at.exchange.collect.bundle,
            account.owner,
            entry,
            session=at.secret,
            delegate=account.delegate,
        )
    except NoSuchThing:
        return at.gone()
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(bundle.name)}"}
    response = StreamingResponse(arriving(at.request, bundle.parts), headers=headers, media_type="application/zip")
    return guard(response, secure=at.exchange.secure)


def _place(text: str) -> int:
    """Which document of an entry; what counts none is answered as what is not there."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
    return int(text)


async def acknowledge(at: At, entry: str) -> Response:
    """The recipient says that they have it."""
    account = await at.account()
    if account is None:
        return at.home()
    try:
        await form(at.request, at.secret)
        await run_in_threadpool(at.exchange.collect.acknowledge, account.owner, entry, delegate=account.delegate)
    except NoSuchThing:
        return at.gone()
    return at.home()


async def sign_out(at: At) -> Response:
    """Ends the session."""
    if await at.account() is None:
        return at.home()
    try:
        await form(at.request, at.secret)
    except NoSuchThing:
        return at.gone()
    await run_in_threadpool(at.exchange.sign_in.leave, at.secret)
    response = at.pages.page("out")
    SESSION.take(response)
    return response
