"""`/health`: the process lives. `/ready`: it can work, and if not, why. `/metrics`: figures, never content."""

from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from gateway.bootstrap import Gateway
from gateway.domain.problem import Problem


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
    """Whether the database answers, the workers run and no channel is paused; 503 when one of the first two fails."""
    gateway: Gateway = request.app.state.gateway
    try:
        gateway.database.check()
        with gateway.database.read() as tx:
            paused = [one.channel for one in tx.registry.pauses() if one.until > gateway.clock.now()]
        database = "ok"
    except Problem as problem:
        database, paused = problem.code.value, []
    workers = "ok" if request.app.state.workers_alive() else "stopped"
    fit = database == "ok" and workers == "ok"
    body = {
        "status": "ready" if fit else "not-ready",
        "database": database,
        "workers": workers,
        "paused_channels": paused,
    }
    return JSONResponse(body, status_code=200 if fit else 503)


class _Work(Collector):
    """Deliveries by state, dispatches by step, pauses: read from the database when asked."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See prometheus_client."""
        now = self._gateway.clock.now()
        with self._gateway.database.read() as tx:
            states = tx.deliveries.count_by_state()
            steps = tx.dispatches.count_by_step()
            pauses = tx.registry.pauses()
        owed = GaugeMetricFamily(
            "gateway_deliveries_owed", "Deliveries not sent yet, against their service standard.", labels=["urgency"]
        )
        for stands, count in self._gateway.views.owed().items():
            owed.add_metric([stands.value], count)
        deliveries = GaugeMetricFamily("gateway_deliveries", "Deliveries by state.", labels=["state"])
        for state, count in states.items():
            deliveries.add_metric([state.value], count)
        dispatches = GaugeMetricFamily("gateway_dispatches", "Dispatches by step.", labels=["step"])
        for step, count in steps.items():
            dispatches.add_metric([step.value], count)
        paused = GaugeMetricFamily("gateway_channel_paused", "1 while a channel is paused.", labels=["channel"])
        for pause in pauses:
            paused.add_metric([pause.channel], int(pause.until > now))
        yield from (deliveries, owed, dispatches, paused)


def registry(gateway: Gateway) -> CollectorRegistry:
    """The figures of one process."""
    figures = CollectorRegistry()
    figures.register(_Work(gateway))
    ProcessCollector(registry=figures)
    return figures


def metrics(request: Request) -> Response:
    """Prometheus text."""
    return Response(generate_latest(request.app.state.figures), media_type=CONTENT_TYPE_LATEST)
