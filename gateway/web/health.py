"""`/health`: the process lives. `/ready`: it can work, and if not, why. `/metrics`: figures, never content."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from gateway.application.sending.destinations import unanswering
from gateway.bootstrap import Gateway
from gateway.domain.problem import Problem
from gateway.worker.readiness import Fitness, readiness


def router() -> APIRouter:
    """The operators' routes; they say nothing about any case, so they ask for no token."""
    routes = APIRouter(include_in_schema=False)
    for prefix in ("", "/api/v1"):
        routes.add_api_route(f"{prefix}/health", health, methods=["GET"])
        routes.add_api_route(f"{prefix}/ready", ready, methods=["GET"])
        routes.add_api_route(f"{prefix}/metrics", metrics, methods=["GET"])
    return routes


def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


def ready(request: Request) -> Response:
    """Whether the database answers, the own keys in use are here, the workers of this process run, the broker is there,
    and no channel is paused.

    503 when one of the first three fails; without the broker the work goes on, and the answer says `degraded`.
    """
    gateway: Gateway = request.app.state.gateway
    found = readiness(request.app.state.needed, request.app.state.helpful)
    paused, silent = _resting(gateway) if found.fitness is not Fitness.NOT_READY else ([], [])
    resting = {"paused_channels": paused, "unanswering_destinations": silent}
    body = {"status": found.fitness.value, **found.parts, **resting}
    return JSONResponse(body, status_code=found.fitness.http_status)


def _resting(gateway: Gateway) -> tuple[list[str], list[str]]:
    """The channels that are paused, and the destinations that do not answer."""
    try:
        with gateway.database.read() as tx:
            paused = [one.channel for one in tx.registry.pauses() if one.until > gateway.clock.now()]
        return paused, [one.name for one in unanswering(gateway.database)]
    except Problem:  # gone since it was asked a moment ago: the next answer says so
        return [], []


def metrics(request: Request) -> Response:
    """Prometheus text."""
    return Response(generate_latest(request.app.state.figures), media_type=CONTENT_TYPE_LATEST)
