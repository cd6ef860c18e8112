"""`gateway serve` as a process of its own, spoken to over HTTP."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.real.ports import free_port

if TYPE_CHECKING:
    from tests.e2e.world import World


@dataclass
class Server:
    """A running gateway with a token for it."""

    process: "subprocess.Popen[bytes]"
    port: int
    token: str

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What a caller brings."""
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, package: bytes) -> httpx.Response:
        """Submits a package."""
        return httpx.post(f"{self.url}/api/v1/dispatches", content=package, headers=self.headers, timeout=30)

    def get(self, path: str) -> httpx.Response:
        """Asks for something."""
        return httpx.get(self.url + path, headers=self.headers, timeout=30)


@contextmanager
def serving(world: "World", log: Path, token: str | None = None, port: int | None = None) -> Iterator[Server]:
    """The gateway serving while the block runs, on a free port unless one is named; its log goes to a file. Stopped by
    SIGTERM at the end."""
    secret = token or world.json("tokens", "create", "tests", "--scope", "submit", "--scope", "read")["secret"]
    port = port or free_port()
    with log.open("ab") as output:
        process = subprocess.Popen(
            world.command("serve", "--port", str(port)), stdout=output, stderr=output, env=world.environment()
        )
    server = Server(process=process, port=port, token=secret)
    try:
        _wait_until_ready(server, log)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


def _wait_until_ready(server: Server, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.process.poll() is None, log.read_text()
        try:
            if server.get("/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not ready after 60 s:\n{log.read_text()}")


def submit_over_http(server: Server, package: Path) -> str:
    """Submits a package that must be accepted; returns its dispatch."""
    answer = server.post(package.read_bytes())
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    dispatch: str = answer.json()["dispatch"]
    return dispatch
