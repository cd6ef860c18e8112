"""Stopping while work is in hand: promptly, with every attempt's end recorded and nothing left under a lease."""

import json
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from gateway.application.sending.deliver import Claimed
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.problem import ServiceDown
from gateway.worker import embedded
from gateway.worker.embedded import work
from tests.e2e.standing import Standing, standing
from tests.e2e.world import World
from tests.real.ports import free_port
from tests.real.serving import serving
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, in_thread

pytestmark = [pytest.mark.real, pytest.mark.slow]

COUNT = 12
"""Deliveries: six rounds of two at a time against a server that hangs, one second each."""


@dataclass(frozen=True)
class Slow:
    """A home with deliveries due, and the mail server that lets each hang for its whole time limit."""

    home: Standing
    server: FaultyServer

    def states(self) -> Counter[DeliveryState]:
        """Deliveries by state."""
        with self.home.gateway.database.read() as tx:
            return Counter(tx.deliveries.count_by_state())

    def started(self) -> None:
        """Waits until a send is in hand."""
        end = time.monotonic() + 60
        while self.server.count("RCPT") == 0:
            assert time.monotonic() < end, "nothing was sent"
            time.sleep(0.02)

    def check_nothing_open(self) -> None:
        """No lease, no attempt without its end, and work left that was never taken."""
        states = self.states()
        assert states[DeliveryState.SENDING] == 0, states
        assert states[DeliveryState.DEFERRED] >= 1, states
        assert states[DeliveryState.READY] >= 4, f"it did not stop: {states}"
        with self.home.gateway.database.read() as tx:
            deliveries = tx.deliveries.find(state=None, channel=None, limit=100)
            attempts = tx.deliveries.attempts_of([one.id for one in deliveries])
        assert [one for one in deliveries if one.lease_until is not None] == []
        assert [one for of_one in attempts.values() for one in of_one if one.result is None] == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": free_port(), "tls": "none", "sender": "registry@gw.test", "time_limit": "1s"}
    return World(folder=tmp_path_factory.mktemp("stopping"), mail=mail, settings="concurrency = 2").make()


@pytest.fixture
def slow(made: World, tmp_path: Path) -> Iterator[Slow]:
    hanging = FaultyServer(faults=(Fault(At.RCPT, Do.HANG),), port=int(str(made.mail["port"])))
    with standing(made, tmp_path) as home, in_thread(hanging) as server:
        for _ in range(COUNT):
            home.submit()
        home.prepare()
        yield Slow(home, server)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_work_that_is_told_to_stop_finishes_what_is_in_hand_and_takes_nothing_new(
    slow: Slow, number: signal.Signals, status: int
) -> None:
    process = subprocess.Popen(
        slow.home.world.command("work", "--until-idle", "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=slow.home.world.environment(),
    )
    slow.started()
    process.send_signal(number)
    told = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    assert time.monotonic() - told < 30
    assert json.loads(out)["deliver"] >= 1
    assert b"Traceback" not in err
    slow.check_nothing_open()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_that_is_told_to_stop_does_so_though_a_client_holds_its_upload(
    slow: Slow, number: signal.Signals
) -> None:
    log = slow.home.world.folder / "serve.log"
    with serving(slow.home.world, log) as server, socket.create_connection(("127.0.0.1", server.port)) as client:
        head = f"POST /api/v1/dispatches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
        client.sendall(f"{head}Content-Length: 100000\r\n\r\nPK".encode())
        slow.started()
        server.process.send_signal(number)
        told = time.monotonic()
        server.process.wait(timeout=60)
        assert time.monotonic() - told < 30
    text = log.read_text()
    assert "Traceback" not in text
    slow.check_nothing_open()


def test_max_seconds_takes_nothing_new_when_they_are_over(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are over once a send is in hand, however long it took until then."""
    clock = SimpleNamespace(monotonic=lambda: 3600.0 if slow.server.count("RCPT") else 0.0)
    monkeypatch.setattr(embedded, "time", clock)
    began = time.monotonic()
    work(slow.home.gateway, until_idle=True, max_seconds=60)
    assert time.monotonic() - began < 30
    slow.check_nothing_open()


def test_a_claim_that_fails_waits_for_what_is_in_flight(slow: Slow) -> None:
    claim, calls = slow.home.gateway.claim, []

    def failing(limit: int) -> Sequence[Claimed]:
        calls.append(limit)
        if len(calls) > 1:
            raise ServiceDown(Code.DATABASE_UNAVAILABLE)
        return claim(limit)

    with pytest.raises(ServiceDown):
        work(replace(slow.home.gateway, claim=failing), until_idle=True, max_seconds=None)  # type: ignore[arg-type]
    slow.check_nothing_open()


def test_a_second_server_on_the_same_home_and_port_says_so_and_leaves_the_first_alone(
    made: World, tmp_path: Path
) -> None:
    with standing(made, tmp_path) as home, serving(home.world, tmp_path / "log") as server:
        done = subprocess.run(
            home.world.command("serve", "--port", str(server.port)),
            capture_output=True,
            text=True,
            check=False,
            env=home.world.environment(),
            timeout=30,
        )
        assert done.returncode == 6
        assert "home.port-unavailable" in done.stderr
        assert "Traceback" not in done.stderr
        assert server.get("/ready").status_code == httpx.codes.OK
