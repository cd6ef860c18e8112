"""The API under `/api/v1`, and what operators ask: `/health`, `/ready`, `/metrics`."""

import base64
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.background import BackgroundTask

from gateway.application.files.file_parties import received_view
from gateway.application.files.parties_json import MOST_BYTES
from gateway.bootstrap import Gateway
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.registry import Scope, Token
from gateway.worker.queues import Queue

MEDIA_TYPE = "application/vnd.etsi.asic-e+zip"

bearer = HTTPBearer(auto_error=False, description="A token made by `gateway tokens create`.")


def caller(scope: Scope) -> Callable[..., Token]:
    """A dependency: the caller, who must hold a token with that scope."""

    def check(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Token:
        gateway: Gateway = request.app.state.gateway
        return gateway.tokens.caller(credentials.credentials if credentials else None, scope)

    return check


def router() -> APIRouter:
    """The routes of version 1."""
    api = APIRouter(prefix="/api/v1")
    api.add_api_route(
        "/dispatches",
        submit,
        methods=["POST"],
        status_code=202,
        summary="Submit a signed decision package",
        openapi_extra={"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": _BYTES}}}},
        responses={
            200: {"description": "The same package again: its first dispatch.", **_DISPATCH},
            202: {"description": "Taken in: a new dispatch.", **_DISPATCH},
            429: {"description": "Too much waits: the same again after `Retry-After` seconds.", **_AGAIN, **_PROBLEM},
            **PROBLEMS,
        },
    )
    api.add_api_route(
        "/dispatches/{dispatch_id}",
        dispatch,
        methods=["GET"],
        summary="A dispatch with its deliveries",
        responses=PROBLEMS,
    )
    api.add_api_route(
        "/files/{number}/parties",
        parties,
        methods=["POST"],
        status_code=202,
        summary="Tell a change of a file's parties, or confirm that they stand",
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _OBJECT}}}},
        responses={
            200: {"description": "The same message again: nothing changed.", **_DISPATCH},
            202: {"description": "Kept; it is asked before anything on the file is sent.", **_DISPATCH},
            **PROBLEMS,
        },
    )
    return api


_OBJECT = {"type": "object"}
_BYTES = {"type": "string", "format": "binary"}
_DISPATCH: dict[str, Any] = {"content": {"application/json": {"schema": {"type": "object"}}}}
_AGAIN = {"headers": {"Retry-After": {"schema": {"type": "integer"}, "required": True}}}
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No token, or one that is worth nothing.", **_PROBLEM},
    403: {"description": "The token does not allow this.", **_PROBLEM},
    404: {"description": "There is no such thing.", **_PROBLEM},
    409: {"description": "It contradicts what stands.", **_PROBLEM},
    422: {"description": "The input was refused; nothing of it was kept.", **_PROBLEM},
    503: {"description": "The gateway or a service it needs is not fit for work.", **_PROBLEM},
}


async def submit(request: Request, token: Annotated[Token, Depends(caller(Scope.SUBMIT))]) -> Response:
    """Takes a package in. The body is the package. The answer is the dispatch without its deliveries, since whoever may
    submit need not be allowed to read what carriers answered; and the signed acceptance, DER in base64."""
    gateway: Gateway = request.app.state.gateway
    raw = await body(request, gateway.settings.limits.package)
    async with gateway.large.async_turn(len(raw)):
        accepted = await run_in_threadpool(gateway.submit.accept, raw, submitted_by=f"token:{token.id}")
        del raw
    if accepted.repeat:
        view = await run_in_threadpool(gateway.views.summary, accepted.dispatch.id)
    else:
        view = gateway.views.accepted(accepted.dispatch)
    acceptance = base64.b64encode(accepted.acceptance).decode() if accepted.acceptance else None
    return JSONResponse(
        view | {"repeat": accepted.repeat, "acceptance": acceptance},
        status_code=200 if accepted.repeat else 202,
        headers={"Location": f"/api/v1/dispatches/{accepted.dispatch.id}"},
        # Once it is answered: a hint to workers, who find the row without it too, and nobody need wait for a broker.
        background=BackgroundTask(request.app.state.wake, Queue.INTAKE, [accepted.dispatch.id]),
    )


def dispatch(
    dispatch_id: str, request: Request, _token: Annotated[Token, Depends(caller(Scope.READ))]
) -> dict[str, object]:
    """What stands."""
    gateway: Gateway = request.app.state.gateway
    return gateway.views.dispatch(dispatch_id)


async def parties(number: str, request: Request, token: Annotated[Token, Depends(caller(Scope.PARTIES))]) -> Response:
    """What the Registry says of a file's parties (`gateway schema file-parties`)."""
    gateway: Gateway = request.app.state.gateway
    raw = await body(request, MOST_BYTES, Code.PARTIES_INVALID)
    received = await run_in_threadpool(gateway.parties.receive, number, raw, actor=f"token:{token.id}")
    return JSONResponse(received_view(received), status_code=200 if received.repeat else 202)


async def body(request: Request, limit: int, too_large: Code = Code.PACKAGE_TOO_LARGE) -> bytes:
    """The body, read no further than the limit. Raises InputRefused."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise InputRefused(too_large, limit=limit)
        parts.append(part)
    return b"".join(parts)
