"""A certificate authority's publications on a loopback port: lists and OCSP responses, as the test sets them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Publications:
    """What is published by path. `asked`: every path that was asked for, in order."""

    url: str = ""
    bodies: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def at(self, path: str) -> str:
        """The address of a path."""
        return f"{self.url}{path}"


@contextmanager
def publishing() -> Iterator[Publications]:
    """A real HTTP server while the block runs."""
    published = Publications()

    class Handler(BaseHTTPRequestHandler):
        """Answers from what is published."""

        def do_GET(self) -> None:
            """A list."""
            self._answer()

        def do_POST(self) -> None:
            """An OCSP request."""
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer()

        def _answer(self) -> None:
            published.asked.append(self.path)
            place = published.redirects.get(self.path)
            body = published.bodies.get(self.path)
            self.send_response(302 if place else 404 if body is None else 200)
            if place:
                self.send_header("Location", place)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    published.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield published
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
