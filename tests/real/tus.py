"""The reference server of tus 1.0 (@tus/server, npm) on a free loopback port, which can be killed and started again."""

import hashlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.real import need
from tests.real.ports import free_port

_AT = Path(__file__).parent / "tusserver"
_PATIENCE = 30.0


@dataclass
class TusServer:
    """folder: where it keeps uploads, each with a description beside it. expires: milliseconds; 0: never."""

    folder: Path
    token: str = ""
    expires: int = 0
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where uploads are created."""
        return f"http://127.0.0.1:{self.port}/files"

    def start(self) -> None:
        """On the same port as before."""
        call = [need.program("node", "nodejs"), str(_AT / "serve.mjs"), str(self.folder), str(self.port)]
        given = {"TOKEN": self.token, "EXPIRES": str(self.expires)}
        with (self.folder.parent / "tus.log").open("ab") as log:
            self._process = subprocess.Popen(call, stdout=log, stderr=log, env={**os.environ, **given})
        ends = time.monotonic() + _PATIENCE
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert time.monotonic() < ends, (self.folder.parent / "tus.log").read_text()
            assert self._process.poll() is None, (self.folder.parent / "tus.log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """As a machine that loses its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_PATIENCE)
            self._process = None

    @property
    def lying(self) -> list[Path]:
        """The files of all uploads, whole or not."""
        return sorted(one for one in self.folder.iterdir() if one.suffix != ".json")

    @property
    def digests(self) -> list[str]:
        """Of what lies there."""
        return [hashlib.sha256(one.read_bytes()).hexdigest() for one in self.lying]


@contextmanager
def running(folder: Path, *, token: str = "", expires: int = 0) -> Iterator[TusServer]:
    """A server while the block runs."""
    need.folder(_AT / "node_modules" / "@tus", "npm ci --prefix tests/real/tusserver")
    folder.mkdir(parents=True)
    server = TusServer(folder, token, expires)
    server.start()
    try:
        yield server
    finally:
        server.kill()
