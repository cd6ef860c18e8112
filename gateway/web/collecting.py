"""`/api/v1/exchange`: a recipient's own system lists and downloads what was left for its account since last time."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.application.exchange.collect import PAGE, Left
from gateway.bootstrap import Gateway
from gateway.bootstrap.exchange import ExchangeParts
from gateway.domain.codes import Code
from gateway.domain.exchange_tokens import ExchangeToken
from gateway.domain.problem import NoSuchThing
from gateway.web.api import PROBLEMS
from gateway.web.connection import arriving

CURSOR, MORE = "Exchange-Cursor", "Exchange-More"
"""Headers of a ZIP: where to go on from, and whether anything was left after that."""

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="ExchangeToken",
    description="A token that the holder of an account made in the exchange.",
)
_Since = Annotated[
    str, Query(max_length=64, description="The cursor of the last answer; left out, from the first that is kept.")
]
_BINARY = {"schema": {"type": "string", "format": "binary"}}


class Machine:
    """One request of a recipient's system: the exchange, and the token it brought."""

    def __init__(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> None:
        gateway: Gateway = request.app.state.gateway
        if gateway.exchange is None:
            raise NoSuchThing(Code.REQUEST_NOT_FOUND)
        self.exchange: ExchangeParts = gateway.exchange
        self.request = request
        self.token: ExchangeToken = self.exchange.tokens.caller(credentials.credentials if credentials else None)


From = Annotated[Machine, Depends(Machine)]


def router() -> APIRouter:
    """The routes."""
    api = APIRouter(prefix="/api/v1/exchange", tags=["exchange"])
    api.add_api_route("/entries", entries, methods=["GET"], summary="What was left since last time", responses=PROBLEMS)
    api.add_api_route(
        "/entries.zip",
        all_new,
        methods=["GET"],
        summary="Every document that was left since last time, as one ZIP with a folder for each entry",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/zip": _BINARY}, "headers": _HEADERS}, **PROBLEMS},
    )
    api.add_api_route(
        "/entries/{entry}/documents/{place}",
        document,
        methods=["GET"],
        summary="One document",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/octet-stream": _BINARY}}, **PROBLEMS},
    )
    return api


_HEADERS: Mapping[str, Any] = {
    CURSOR: {"description": "Where to go on from.", "schema": {"type": "string"}},
    MORE: {"description": "`true` where more was left after that.", "schema": {"type": "boolean"}},
}


def entries(machine: From, since: _Since = "") -> dict[str, object]:
    """The oldest first, at most 20; `more` where there are others. Listing takes nothing: only a download does. That
    they were listed is recorded.

    What is on record as taken says `taken` and `collected`. A system that has a document whole while these say
    otherwise downloads it once more: the exchange ended before it could note it, and would else send the papers another
    way."""
    left = machine.exchange.collect.since(machine.token.account, since, limit=PAGE + 1)
    told = left[:PAGE]
    machine.exchange.collect.were_listed(machine.token.account, told, token=machine.token.id)
    return {
        "entries": [_told(one) for one in told],
        "cursor": told[-1].entry.id if told else since,
        "more": len(left) > PAGE,
    }


def all_new(machine: From, since: _Since = "") -> Response:
    """At most 20 entries; each document counts as taken once it was read to its end."""
    new = machine.exchange.collect.all_since(machine.token.account, since, token=machine.token.id)
    headers = {CURSOR: new.cursor, MORE: str(new.more).lower(), **_named("exchange.zip")}
    return StreamingResponse(arriving(machine.request, new.parts), headers=headers, media_type="application/zip")


def document(machine: From, entry: str, place: int) -> Response:
    """It counts as taken once it was read to its end."""
    taken = machine.exchange.collect.document(machine.token.account, entry, place, token=machine.token.id)
    headers = {"Content-Length": str(taken.document.size), **_named(taken.document.name)}
    return StreamingResponse(
        arriving(machine.request, taken.parts), headers=headers, media_type=taken.document.media_type
    )


def _named(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def _told(left: Left) -> dict[str, object]:
    entry = left.entry
    return {
        "entry": entry.id,
        "division": left.conversation.division.value,
        "files": list(left.conversation.files),
        "reference": left.note.reference if left.note else None,
        "left_at": entry.left_at.isoformat(),
        "collected": entry.collected,
        "acknowledged_at": entry.acknowledged_at.isoformat() if entry.acknowledged_at else None,
        "withdrawn_at": entry.retracted_at.isoformat() if entry.retracted_at else None,
        "documents": [
            {
                "place": place,
                "name": one.name,
                "media_type": one.media_type,
                "size": one.size,
                "digest": one.digest,
                "taken": one.digest in entry.taken,
            }
            for place, one in enumerate(entry.documents)
        ],
    }
