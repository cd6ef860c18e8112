"""The distributed engine as processes of their own on one home: `gateway web`, workers, schedulers."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.real.ports import free_port
from tests.real.serving import Server

if TYPE_CHECKING:
    from tests.e2e.world import World

_PATIENCE = 90.0  # seconds for what takes two or three on an idle machine


@dataclass
class Part:
    """One running `gateway web`, `worker` or `scheduler`, and all that it started."""

    name: str
    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def lines(self) -> str:
        """What it logged so far."""
        return self.log.read_text("utf-8", "replace")

    def get(self, path: str) -> httpx.Response:
        """Asks it something."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=15)

    def ready(self) -> dict[str, Any]:
        """What `/ready` says; nothing when nobody answers."""
        try:
            return dict(self.get("/ready").json())
        except httpx.TransportError:
            return {}

    def wait_until(self, **expected: str) -> dict[str, Any]:
        """Until `/ready` says all of that."""
        end = time.monotonic() + _PATIENCE
        while not expected.items() <= (said := self.ready()).items():
            assert time.monotonic() < end, f"{self.name} says {said}, not {expected}:\n{self.lines[-4000:]}"
            time.sleep(0.05)
        return said

    def pool(self) -> list[int]:
        """The process ids of a worker's pool: its children but the one that answers operators."""
        return [pid for pid in _children(self.process.pid) if not _listens(pid, self.port)]

    def monitor(self) -> int:
        """The process that answers operators."""
        (found,) = [pid for pid in _children(self.process.pid) if _listens(pid, self.port)]
        return found

    def send(self, number: signal.Signals) -> None:
        """To it and to all that it started."""
        for pid in [self.process.pid, *_children(self.process.pid)]:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def kill(self) -> None:
        """kill -9 of the parent; its children end with it."""
        self.process.kill()
        self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to stop and waits. Raises TimeoutExpired after killing it when it does not."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.send(signal.SIGKILL)
                self.process.wait()
                raise
        return self.process.returncode


@dataclass
class Engine:
    """The parts of one home."""

    world: "World"
    parts: list[Part] = field(default_factory=list)

    def start(self, name: str, *options: str, under: Sequence[str] = (), port: int | None = None) -> Part:
        """Starts a part on a free port unless one is named, under another program such as prlimit if one is given."""
        port = port or free_port()
        log = self.world.folder / f"{name}-{len(self.parts)}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*under, *self.world.command(name, "--port", str(port), *options)],
                stdout=output,
                stderr=output,
                env=self.world.environment(),
            )
        part = Part(name=name, process=process, port=port, log=log)
        self.parts.append(part)
        return part

    def web(self) -> Server:
        """A ready web with a token for it."""
        part = self.start("web")
        end = time.monotonic() + _PATIENCE
        while part.ready().get("status") not in {"ready", "degraded"}:
            assert time.monotonic() < end, part.lines
            time.sleep(0.05)
        secret = self.world.json("tokens", "create", "tests", "--scope", "submit", "--scope", "read")["secret"]
        return Server(process=part.process, port=part.port, token=secret)

    def worker(self, *options: str, under: Sequence[str] = ()) -> Part:
        """A worker whose pool works."""
        part = self.start("worker", *options, under=under)
        part.wait_until(workers="ok")
        return part

    def stop(self) -> None:
        """All that still run."""
        for part in self.parts:
            part.send(signal.SIGCONT)
            part.stop()


@contextmanager
def engine(world: "World") -> Iterator[Engine]:
    """An engine without parts yet; what was started is stopped at the end."""
    made = Engine(world)
    try:
        yield made
    finally:
        made.stop()


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def state_of(pid: int) -> str:
    """The letter of proc_pid_stat(5), which follows the name in brackets."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


def _listens(pid: int, port: int) -> bool:
    """Whether the process has the listening socket of that port open."""
    wanted = f":{port:04X} "
    sockets = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()
        if wanted in line and line.split()[3] == "0A"
    }
    for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.removeprefix("socket:[").removesuffix("]") in sockets:
            return True
    return False
