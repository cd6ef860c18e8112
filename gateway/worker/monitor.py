"""What operators ask a worker or a scheduler over HTTP: `/health`, `/ready`, `/metrics`. It says nothing of any case.

The stock WSGI server of the standard library: three small answers to a machine that asks every few seconds.
"""

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import CollectorRegistry

from gateway.domain.codes import Code
from gateway.domain.problem import Problem, SetupWrong
from gateway.worker.readiness import Readiness

_ANSWER_WITHIN = 10
"""Seconds for one caller to say what it wants; the next ones are not held up by it."""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = _ANSWER_WITHIN

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002  (the library's)
        """Nothing: an access log is no record of ours."""


class Monitor:
    """Answers on one port. `ready` and `figures` are asked anew each time."""

    def __init__(
        self, host: str, port: int, *, ready: Callable[[], Readiness], figures: Callable[[], CollectorRegistry]
    ) -> None:
        """Listens from now on. Raises SetupWrong (home.port-unavailable)."""
        self._ready = ready
        self._figures = figures
        try:
            self._server = _server(host, port)
        except OSError:
            raise SetupWrong(Code.HOME_PORT_UNAVAILABLE, where=f"{host} {port}") from None
        self._server.set_app(self._answer)

    def run(self) -> None:
        """Answers for ever."""
        self._server.serve_forever()

    def let_go(self) -> None:
        """Lets go of the port in this process: another one answers."""
        self._server.server_close()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answers on a thread while the block runs."""
        thread = threading.Thread(target=self.run, name="gateway-monitor")
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()
            self.let_go()

    def _answer(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        status, kind, body = self._page(str(environ["PATH_INFO"]))
        start(f"{status.value} {status.phrase}", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    def _page(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        match path:
            case "/health":
                return _document(HTTPStatus.OK, {"status": "ok"})
            case "/ready":
                ready = self._ready()
                return _document(HTTPStatus(ready.fitness.http_status), {"status": ready.fitness.value, **ready.parts})
            case "/metrics":
                try:
                    return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(self._figures())
                except Problem as problem:
                    return _document(HTTPStatus.SERVICE_UNAVAILABLE, {"status": problem.code.value})
            case _:
                return _document(HTTPStatus.NOT_FOUND, {"status": Code.REQUEST_NOT_FOUND.value})


def _server(host: str, port: int) -> _Server:
    class Server(_Server):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def server_bind(self) -> None:
            """Without the look-up of our own name that the standard library makes here, which may take its time."""
            socketserver.TCPServer.server_bind(self)
            self.server_name, self.server_port = host, self.server_address[1]
            self.setup_environ()

    return Server((host, port), _Handler)


def _document(status: HTTPStatus, body: dict[str, str]) -> tuple[HTTPStatus, str, bytes]:
    return status, "application/json", json.dumps(body).encode()
