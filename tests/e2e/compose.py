"""`docker-compose.yml`, its gateway services run as plain processes: their very commands and variables, with the places
of containers (hosts, folders, secrets) put in place of those of this machine. No container engine runs in the tests."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"


def contents() -> dict[str, Any]:
    """The file as written, anchors resolved."""
    read: Any = yaml.safe_load
    return dict(read(FILE.read_text()))


def services() -> dict[str, dict[str, Any]]:
    """Its services."""
    found: dict[str, dict[str, Any]] = contents()["services"]
    return found


@dataclass
class Machine:
    """What stands in for the containers. `places`: what the file names, and what it is here."""

    folder: Path
    places: Mapping[str, str]
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def here(self, text: str) -> str:
        """A text of the file with the places of this machine, and `$$` as Compose reads it."""
        for there, here in self.places.items():
            text = text.replace(there, here)
        return text.replace("$$", "$")

    def environment(self, service: str, ports: Mapping[str, str] | None = None) -> dict[str, str]:
        """The variables of the image and of the service, and no others but those that find programs."""
        own = {name: self.here(value) for name, value in services()[service].get("environment", {}).items()}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        temporary = self.folder / f"tmp-{service}"
        temporary.mkdir(exist_ok=True)
        return {"PATH": path, "LANG": "C.UTF-8", "TMPDIR": str(temporary), **own, **(ports or {})}

    def command(self, service: str) -> list[str]:
        """What its container runs: the image's entry point is `gateway`."""
        described = services()[service]
        return [self.here(part) for part in [*described.get("entrypoint", ["gateway"]), *described["command"]]]

    def run(self, service: str) -> None:
        """A service that does its work and ends."""
        done = subprocess.run(
            self.command(service), env=self.environment(service), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{service}: {done.stdout}{done.stderr}"

    def start(self, service: str, name: str = "", **ports: str) -> None:
        """A service that goes on, under its own name unless it is one of several."""
        with (self.folder / f"{name or service}.log").open("ab") as log:
            self.processes[name or service] = subprocess.Popen(
                self.command(service), env=self.environment(service, ports), stdout=log, stderr=log
            )

    def wait_until_healthy(self, service: str, **ports: str) -> None:
        """Asks as Compose would, by the service's own health check. ports: other ones than the file's."""
        kind, *command = [self.here(part) for part in services()[service]["healthcheck"]["test"]]
        assert kind == "CMD"
        for there, here in ports.items():
            command = [part.replace(there.removeprefix("port_"), here) for part in command]
        end = time.monotonic() + 180  # four processes start at once
        while (
            done := subprocess.run(command, env=self.environment(service), capture_output=True, check=False)
        ).returncode:
            assert time.monotonic() < end, f"{service}: {done.stderr!r}\n{self.log(service)}"
            time.sleep(0.3)

    def log(self, name: str) -> str:
        """What it wrote so far."""
        path = self.folder / f"{name}.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def stop(self) -> dict[str, int]:
        """SIGTERM to each, as a container is stopped; the exit statuses."""
        for process in self.processes.values():
            process.terminate()
        ended = {}
        for name, process in self.processes.items():
            try:
                ended[name] = process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                ended[name] = process.wait()
        self.processes = {}
        return ended
