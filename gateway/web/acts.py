"""`POST /api/v1/deliveries/{id}/{action}`: what a person does with a delivery, told by another system of theirs."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gateway.application.acts.acting import AskedAct, acted_view
from gateway.application.acts.service_record import MOST_OCTETS
from gateway.bootstrap import Gateway
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import InputRefused
from gateway.ports.registry import Scope, Token
from gateway.web.api import PROBLEMS, caller
from gateway.web.api import body as body_of

_BASE64 = r"^[A-Za-z0-9+/]+={0,2}$"
_MOST_BASE64 = (MOST_OCTETS + 2) // 3 * 4
_BESIDES = 10_000
"""Octets of a body beside its proof."""
_Channel = Annotated[str, Field(min_length=1, max_length=64, examples=[one.value for one in ChannelName])]
"""One of the house, or a third party's that this home has."""


class ActBody(BaseModel):
    """Why, and what the act needs. `on_behalf_of`: the person, as the calling system knows them."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=2000)
    on_behalf_of: str = Field(pattern=r"^[a-z][a-z0-9._-]{1,31}$")
    channel: _Channel | None = None
    override: bool | None = None
    recipient: str | None = Field(default=None, min_length=1, max_length=64)
    contact: dict[str, Any] | None = None
    """As a package has it (INTERFACE.md, `contact`)."""
    at: AwareDatetime | None = None
    place: str | None = Field(default=None, min_length=1, max_length=200)
    handed_to: str | None = Field(default=None, min_length=1, max_length=200)
    conversation: str | None = Field(default=None, min_length=1, max_length=200)
    proof: str | None = Field(default=None, pattern=_BASE64, max_length=_MOST_BASE64)


def router() -> APIRouter:
    """The route."""
    api = APIRouter(prefix="/api/v1")
    api.add_api_route(
        "/deliveries/{delivery_id}/{action}",
        act,
        methods=["POST"],
        summary="Settle what waits for a person",
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": ActBody.model_json_schema()}}}
        },
        responses=PROBLEMS,
    )
    return api


async def act(
    delivery_id: str,
    action: Action,
    request: Request,
    token: Annotated[Token, Depends(caller(Scope.RESOLVE))],
) -> Mapping[str, object]:
    """The delivery after the act. The token vouches for the person named in it."""
    gateway: Gateway = request.app.state.gateway
    body = _read(await body_of(request, _MOST_BASE64 + _BESIDES, Code.REQUEST_INVALID))
    actor = f"token:{token.id}:{body.on_behalf_of}"
    asked = _asked(action, body, gateway)
    return acted_view(await run_in_threadpool(gateway.act, delivery_id, asked, actor=actor))


def _read(raw: bytes) -> ActBody:
    """Raises InputRefused (request.invalid) with the first wrong field, never with what it said."""
    try:
        return ActBody.model_validate_json(raw)
    except ValidationError as wrong:
        where = ".".join(str(one) for one in wrong.errors(include_input=False, include_url=False)[0]["loc"])
        raise InputRefused(Code.REQUEST_INVALID, where=where if where in ActBody.model_fields else "body") from None


def _asked(action: Action, body: ActBody, gateway: Gateway) -> AskedAct:
    return AskedAct(
        action=action,
        reason=body.reason,
        channel=gateway.known_channel(body.channel, where="channel") if body.channel else None,
        override=body.override or None,
        recipient=body.recipient,
        contact=json.dumps(body.contact).encode() if body.contact is not None else None,
        at=body.at,
        place=body.place,
        handed_to=body.handed_to,
        conversation=body.conversation,
        proof=_decoded(body.proof) if body.proof else None,
    )


def _decoded(text: str) -> bytes:
    """Raises InputRefused (request.invalid): its alphabet alone does not make it base64 (RFC 4648 §4)."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise InputRefused(Code.REQUEST_INVALID, where="proof") from None
