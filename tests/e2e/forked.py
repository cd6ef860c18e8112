"""`gateway …` as a process of its own, forked from one that has loaded the program already.

Loading the program takes most of what a short command takes, and the tests give thousands of them. What a process finds
when it is loaded anew, and that `init` migrates, is tested by those that start one (`World.command`, the demo, the
workers); here a new database file is a copy of a migrated one. Run as a module it is
the process that is forked: it listens on the socket it is given until whoever started it is gone.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from gateway.application.rule_files import board_rules
from gateway.bootstrap import places
from gateway.cli.main import build, main
from tests import migrated

ROOT = Path(__file__).resolve().parents[2]
_SIZE = 65_536
_UNLIKE = ("PYTHON", "LC_")
"""Variables that a process reads as it starts: with one of these it is started, not forked."""


def gateway(
    arguments: Sequence[str], environment: Mapping[str, str], *, timeout: float
) -> subprocess.CompletedProcess[str]:
    """What the command printed and how it ended. Raises TimeoutError."""
    command = [sys.executable, "-m", "gateway.cli.main", *arguments]
    changed = {name for name in {*environment, *os.environ} if environment.get(name) != os.environ.get(name)}
    if any(name.startswith(_UNLIKE) for name in changed):
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", check=False, env=environment, cwd=ROOT, timeout=timeout
        )
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as line:
        out, err = Path(folder) / "out", Path(folder) / "err"
        line.settimeout(timeout)
        line.connect(str(_loaded()))
        asked = {"arguments": list(arguments), "environment": dict(environment), "out": str(out), "err": str(err)}
        line.sendall(json.dumps(asked).encode())
        line.shutdown(socket.SHUT_WR)
        code = int(_received(line))
        return subprocess.CompletedProcess(command, code, out.read_text("utf-8"), err.read_text("utf-8"))


@cache
def _loaded() -> Path:
    """The socket of the process that is forked, started once in each process of the tests."""
    path = Path(tempfile.mkdtemp(prefix="gateway-forked-")) / "socket"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.forked", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=clean,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == b"ready\n"
    _STARTED.append(started)
    return path


_STARTED: list[subprocess.Popen[bytes]] = []
"""Kept, so that its standard input stays open as long as these tests run."""


def _received(line: socket.socket) -> bytes:
    parts = []
    while part := line.recv(_SIZE):
        parts.append(part)
    return b"".join(parts)


def _serve(path: str) -> None:
    """Forks for each that calls, until nobody holds the other end of standard input."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        os.write(1, b"ready\n")
        while True:
            ready, _, _ = select.select([door.fileno(), 0], [], [])
            if 0 in ready:
                return
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _attend(line)
            line.close()


def _attend(line: socket.socket) -> None:
    """Runs one command in a process of its own and says how that ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked = json.loads(_received(line))
    child = os.fork()
    if child == 0:
        line.close()
        _become(asked)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(BrokenPipeError):
        line.sendall(str(code).encode())
    os._exit(0)


def _become(asked: dict[str, Any]) -> NoReturn:
    """This process is the command from here on: what it raises ends it as it would end one that was started."""
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    tempfile.tempdir = None
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, name in ((1, asked["out"]), (2, asked["err"])):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), descriptor)
    sys.argv[1:] = asked["arguments"]
    main()
    raise SystemExit(0)


def _load() -> None:
    """What commands load as they need it, and what every one of them reads: the rules, the texts."""
    for name in ("gateway.bootstrap", "gateway.cli.tables", "gateway.worker.loops", "templates.renderer"):
        import_module(name)
    build()
    board_rules()
    with tempfile.TemporaryDirectory() as folder:
        migrated.database_in(Path(folder))
    places.upgrade = migrated.upgrade  # type: ignore[attr-defined]  # also of those that are forked
    gc.freeze()  # what is shared stays shared


if __name__ == "__main__":
    _load()
    _serve(sys.argv[1])
