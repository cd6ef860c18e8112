"""`GET /api/v1/dispatches/{id}/route`: who would get what by which channels, and the rule behind each choice."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from gateway.bootstrap import Gateway
from gateway.ports.registry import Scope, Token
from gateway.web.api import PROBLEMS, caller


def router() -> APIRouter:
    """The route."""
    api = APIRouter(prefix="/api/v1")
    api.add_api_route(
        "/dispatches/{dispatch_id}/route",
        route,
        methods=["GET"],
        summary="The plan of a dispatch with the rule, source and reason of each choice and exclusion",
        responses=PROBLEMS,
    )
    return api


def route(
    dispatch_id: str, request: Request, _token: Annotated[Token, Depends(caller(Scope.READ))]
) -> dict[str, object]:
    """As things stand now; what was planned when the package came is with the dispatch."""
    gateway: Gateway = request.app.state.gateway
    return gateway.route.dispatch(dispatch_id)
