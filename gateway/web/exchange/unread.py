"""What a browser sent and nobody here can read is answered by a page in its language, as everything else is."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from gateway.domain.problem import InputRefused
from gateway.web.exchange.visit import UNREAD, Visit

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose refusals of what was sent are pages. What is shown beside a field its page answers itself."""

    def get_route_handler(self) -> Handler:
        """See `APIRoute`."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except (InputRefused, RequestValidationError):
                return Visit(request.path_params.get("language", ""), request).pages.page("unread", status=UNREAD)

        return handled
