"""A real Redis for tests: on a free loopback port, with a password, keeping nothing on disk; it can be killed, started
again, stopped with its sockets open, and emptied."""

import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from tests.real import need
from tests.real.ports import free_port

_PATIENCE = 60.0  # seconds for what takes a fraction of one


class Redis:
    """A server on one port. `password_file` holds its password."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self.port = free_port()
        self.password = secrets.token_urlsafe(12) + "/@:"
        """With characters that a URL would take for its own."""
        self.password_file = folder / "password"
        self.password_file.write_text(self.password + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As `gateway.broker` names it, without the password."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def variables(self) -> dict[str, str]:
        """What a process of the gateway needs to know of it beside the URL."""
        return {"GATEWAY_BROKER__PASSWORD_FILE": str(self.password_file)}

    @property
    def client(self) -> redis.Redis:
        """A client that knows the password."""
        return redis.Redis(port=self.port, password=self.password, socket_timeout=5)

    def start(self) -> None:
        """Starts it, empty, and waits until it answers."""
        config = self._folder / "redis.conf"
        config.write_text(f'requirepass "{self.password}"\n')  # not on the command line, where everybody reads it
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        log = (self._folder / "log").open("ab")
        self._process = subprocess.Popen(
            [self._program, str(config), *options], cwd=self._folder, stdout=log, stderr=log
        )
        log.close()
        end = time.monotonic() + _PATIENCE
        while True:
            with suppress(redis.RedisError):
                if self.client.ping():
                    return
            assert time.monotonic() < end, (self._folder / "log").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: what it held is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def hang(self) -> None:
        """SIGSTOP: connections are taken and never answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After `hang`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        """FLUSHALL."""
        self.client.flushall()

    def stop(self) -> None:
        """Whatever state it is in."""
        if self._process is not None and self._process.poll() is None:
            self.kill()


@contextmanager
def running_redis() -> Iterator[Redis]:
    """A Redis while the block runs."""
    program = need.program("redis-server", "redis-server")
    folder = Path(tempfile.mkdtemp(prefix="gw-redis-"))
    server = Redis(program, folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
