"""`POST /api/v1/receipts/{channel}`: what a carrier tells us by itself, signed (Standard Webhooks)."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from gateway.application.callbacks import MOST_OCTETS, Signed
from gateway.bootstrap import Gateway
from gateway.domain.codes import Code
from gateway.web.api import PROBLEMS, body
from gateway.worker.queues import Queue


def router() -> APIRouter:
    """The route. It asks for no token: the signature says who calls."""
    api = APIRouter(prefix="/api/v1")
    api.add_api_route(
        "/receipts/{channel}",
        receive,
        methods=["POST"],
        status_code=202,
        summary="A carrier's word on what it was given, signed under the secret that it shares with the gateway",
        openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": _BYTES}}}},
        responses={
            200: {"description": "The same bytes again: nothing changed."},
            202: {"description": "Kept as it came; it is read by the next worker."},
            **PROBLEMS,
        },
    )
    return api


_BYTES = {"type": "string", "format": "binary"}


async def receive(
    channel: str,
    request: Request,
    webhook_id: Annotated[str, Header()] = "",
    webhook_timestamp: Annotated[str, Header()] = "",
    webhook_signature: Annotated[str, Header()] = "",
) -> Response:
    """Keeps the body as it came. The same bytes count once, however often they are sent."""
    gateway: Gateway = request.app.state.gateway
    raw = await body(request, MOST_OCTETS, Code.RECEIPT_TOO_LARGE)
    signed = Signed(id=webhook_id, timestamp=webhook_timestamp, signature=webhook_signature)
    incoming = await run_in_threadpool(gateway.callbacks, channel, signed, raw)
    if incoming is not None:
        await run_in_threadpool(request.app.state.wake, Queue.RECEIVE, [incoming.id])
    told = {"receipt": incoming.id if incoming is not None else None, "repeat": incoming is None}
    return JSONResponse(told, status_code=202 if incoming is not None else 200)
