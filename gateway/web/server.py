"""The web application and the server that runs it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway.bootstrap import Gateway
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.logs import write_logs
from gateway.web import acts, api, callbacks, collecting, health, problems, routing
from gateway.web.connection import SEND_BUFFER, PatientProtocol
from gateway.web.console import routes as console
from gateway.web.console.visit import ready
from gateway.web.exchange import routes as exchange
from gateway.web.nul import WithoutNul
from gateway.worker.broker import Broker, Hints
from gateway.worker.embedded import Workers
from gateway.worker.figures import all_figures
from gateway.worker.memory import return_large_blocks, spare_what_stays
from gateway.worker.own_keys import KeyLook
from gateway.worker.queues import Wake, nobody

STOP_WAIT = 5
"""Seconds that open requests are given when the server stops; a client that sends no more would hold it up for ever."""


def serve(gateway: Gateway, *, host: str | None = None, port: int | None = None) -> None:
    """Web and workers in this process until SIGTERM or SIGINT; what is in hand is finished first.

    Raises SetupWrong (home.port-unavailable).
    """
    workers = Workers(gateway)
    _run(application(gateway, workers), gateway, workers, host, port)


def serve_web(gateway: Gateway, broker: str, *, host: str | None = None, port: int | None = None) -> None:
    """The web alone; the workers are processes of their own, woken over the broker at that URL.

    Raises SetupWrong (home.port-unavailable).
    """
    _run(application(gateway, None, broker), gateway, None, host, port)


def _run(app: FastAPI, gateway: Gateway, workers: Workers | None, host: str | None, port: int | None) -> None:
    ready()
    write_logs()
    return_large_blocks()
    settings = gateway.settings.web
    listener = _listener(host or settings.host, settings.port if port is None else port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # paths hold ids, but an access log is no record of ours
        server_header=False,
        proxy_headers=False,  # uvicorn would believe whatever runs on this machine
        http=PatientProtocol,
        timeout_graceful_shutdown=STOP_WAIT,
    )
    spare_what_stays()
    _Server(config, workers).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError:
        raise SetupWrong(Code.HOME_PORT_UNAVAILABLE, where=f"{host} {port}") from None
    # asyncio sets it only where a socket names its protocol, which one made so does not: without it the body of an
    # answer waits some 40 ms for the client's acknowledgment of its head. Connections inherit it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return listener


class _Server(uvicorn.Server):
    """uvicorn, whose workers take nothing new from the moment of the signal, not only once the last request ended."""

    def __init__(self, config: uvicorn.Config, workers: Workers | None) -> None:
        super().__init__(config)
        self._workers = workers

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See uvicorn; called for SIGTERM and SIGINT."""
        if self._workers is not None:
            self._workers.wind_down()
        super().handle_exit(sig, frame)


def application(gateway: Gateway, workers: Workers | None, broker: str | None = None) -> FastAPI:
    """The web application; with `workers`, they start and stop with it, with the URL of a broker, it wakes others."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # uvicorn raises the signal again after its run, so that nothing after it happens: workers stop here.
        if workers is not None:
            workers.start()
        try:
            yield
        finally:
            if workers is not None:
                await run_in_threadpool(workers.stop)
            gateway.close()

    app = FastAPI(
        title="decision-gateway",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.gateway = gateway
    app.state.wake = _wake(workers, broker)
    keys = KeyLook(gateway.keys_at_hand.check) if workers is None else workers.loops.keys
    app.state.needed = {"database": gateway.database.check, "keys": keys.check}
    app.state.helpful = {} if broker is None else {"broker": Broker(broker).check}
    if workers is not None:
        app.state.needed["workers"] = workers.check
    app.state.figures = all_figures(gateway.database, gateway.clock, gateway.views.owed)
    app.include_router(api.router())
    app.include_router(routing.router())
    app.include_router(callbacks.router())
    app.include_router(acts.router())
    app.include_router(exchange.router())
    app.include_router(collecting.router())
    app.include_router(console.router())
    app.include_router(health.router())
    problems.add_to(app)
    app.add_middleware(WithoutNul)
    if gateway.settings.web.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=gateway.settings.web.proxies.split(", "))
    return app


def _wake(workers: Workers | None, broker: str | None) -> Wake:
    if workers is not None:
        return workers.wake
    return nobody if broker is None else Hints(broker)
