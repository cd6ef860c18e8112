"""The one way to a page for who is signed in: their session, what they may, and that a form is of that session.

Whatever a page raises becomes a page that says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool

from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.problem import NotAllowed, NotAuthenticated, Problem
from gateway.web.console.cookies import SESSION
from gateway.web.console.visit import At, Fields, Visit
from gateway.web.safety import form
from gateway.web.uploads import form_with_file, is_multipart

Shows = Callable[[Visit], Response]
Does = Callable[[Visit, Fields], Response]
MOST_FORM = 32_768
"""Bytes of a form: the longest reason that is taken, as a form encodes it."""
MOST_FIELDS = 24


@dataclass(frozen=True, kw_only=True)
class Brings:
    """What a form may bring along: octets of its files together, how many of them, and how many fields."""

    octets: int
    files: int = 1
    fields: int = MOST_FIELDS


@dataclass(frozen=True, kw_only=True)
class Door:
    """Adds routes below `/console/{language}`."""

    routes: APIRouter

    def shows(self, path: str, page: Shows, *, needs: Permission | None = None) -> None:
        """A page. needs: None for what everybody with an account may see."""

        async def endpoint(at: At) -> Response:
            return await run_in_threadpool(lambda: _outside(at, needs) or _answered(at, lambda: page(at)))

        self.routes.add_api_route(f"/{{language}}{path}", endpoint, methods=["GET"], name=page.__name__)

    def does(
        self,
        path: str,
        act: Does,
        *,
        needs: Permission | None,
        brings: Brings | None = None,
        fields: int = MOST_FIELDS,
    ) -> None:
        """What a form asks for. brings: what it may bring along, read only of who may act. fields: the most that it has
        where it brings nothing."""

        async def endpoint(at: At) -> Response:
            outside = await run_in_threadpool(_outside, at, needs)
            if outside is not None:
                return outside
            try:
                posted = await _posted(at, brings, fields)
            except Problem as problem:
                return await run_in_threadpool(at.refused, problem)
            return await run_in_threadpool(_answered, at, lambda: act(at, posted))

        self.routes.add_api_route(f"/{{language}}{path}", endpoint, methods=["POST"], name=act.__name__)


async def _posted(at: Visit, brings: Brings | None, fields: int) -> Fields:
    """The fields of the form; its file stands in the visit. Raises NoSuchThing, InputRefused."""
    if brings is None or not is_multipart(at.request):
        return await form(at.request, at.secret, most=MOST_FORM, fields=fields)
    brought = await form_with_file(at.request, at.secret, most=brings.octets, fields=brings.fields, files=brings.files)
    at.files, at.dropped = brought.files, brought.dropped
    return brought.fields


def _outside(at: Visit, needs: Permission | None) -> Response | None:
    """What answers who is not signed in or may not; None for who may, and the visit knows who they are."""
    try:
        at.account = at.console.sign_in.who(at.secret)
    except NotAuthenticated:
        return _to_sign_in(at)
    if needs is not None and not at.account.may(needs):
        return at.refused(NotAllowed(Code.ACCOUNT_NOT_PERMITTED, account=at.account.name, permission=needs.value))
    return None


def _answered(at: Visit, answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except Problem as problem:
        return at.refused(problem)


def _to_sign_in(at: Visit) -> Response:
    """Sign in first; then to the page that was asked for, where a page was."""
    asked = at.request.method == "GET" and at.request.url.path.count("/") > 2  # noqa: PLR2004  (/console/<language>)
    query = f"?{at.request.url.query}" if at.request.url.query else ""
    response = at.to("/sign-in", then=at.request.url.path + query) if asked else at.to("/sign-in")
    if at.secret:
        SESSION.take(response)
    return response


def place_within(asked: str) -> str:
    """The page of the console that was asked for before signing in; empty for any other address."""
    place = urlsplit(asked)
    here = not place.scheme and not place.netloc and place.path.startswith("/console/") and "\\" not in asked
    return asked if here and asked.isprintable() else ""
