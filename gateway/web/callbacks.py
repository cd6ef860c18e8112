"""`POST /api/v1/receipts/{channel}`: what a carrier tells us by itself, signed (Standard Webhooks)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyHeader

from gateway.application.returns.callbacks import MOST_OCTETS, Signed
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
            200: {"description": "The same bytes again: nothing changed.", **_RECEIPT},
            202: {"description": "Kept as it came; it is read by the next worker.", **_RECEIPT},
            **PROBLEMS,
        },
    )
    return api


_BYTES = {"type": "string", "format": "binary"}
_RECEIPT: dict[str, Any] = {"content": {"application/json": {"schema": {"type": "object"}}}}
_SIGNATURE = APIKeyHeader(
    name="webhook-signature",
    auto_error=False,
    description="`v1,` and the HMAC-SHA256 in base64 of `webhook-id.webhook-timestamp.body`.",
)


async def receive(
    channel: str,
    request: Request,
    signature: Annotated[str | None, Depends(_SIGNATURE)],
    webhook_id: Annotated[str, Header()] = "",
    webhook_timestamp: Annotated[str, Header()] = "",
) -> Response:
    """Keeps the body as it came. The same bytes count once, however often they are sent."""
    gateway: Gateway = request.app.state.gateway
    raw = await body(request, MOST_OCTETS, Code.RECEIPT_TOO_LARGE)
    signed = Signed(id=webhook_id, timestamp=webhook_timestamp, signature=signature or "")
    incoming = await run_in_threadpool(gateway.callbacks, channel, signed, raw)
    if incoming is not None:
        await run_in_threadpool(request.app.state.wake, Queue.RECEIVE, [incoming.id])
    told = {"receipt": incoming.id if incoming is not None else None, "repeat": incoming is None}
    return JSONResponse(told, status_code=202 if incoming is not None else 200)
