"""An address that holds NUL is none of ours, whoever asks: PostgreSQL takes no such text, and nothing is called so."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing
from gateway.web import problems

_IN_QUERIES = (b"%00", b"\x00")


class WithoutNul:
    """Answers it as what is not there, before anything is looked up."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and _holds_nul(scope):
            answer = problems.response(Request(scope), NoSuchThing(Code.REQUEST_NOT_FOUND))
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _holds_nul(scope: Scope) -> bool:
    return "\x00" in scope["path"] or any(one in scope["query_string"] for one in _IN_QUERIES)
