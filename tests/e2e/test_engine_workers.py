"""`gateway worker` told to stop, paused past its lease, short of memory, and without a broker from beginning to end."""

import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.reasons import Reason
from tests.e2e import built
from tests.e2e.standing import Standing, standing
from tests.e2e.world import World
from tests.real import need
from tests.real.engine import Engine, Part, engine, state_of
from tests.real.ports import free_port
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, in_thread

pytestmark = [pytest.mark.real, pytest.mark.slow]

LIMIT, LEASE = 4, 10
"""Seconds: the channel's time limit, within which a process in the middle of a send is found and stopped on a busy
machine too; and a lease that must lapse, long enough for a send to end within it there."""
lapsing = pytest.mark.parametrize("home", [f"{LEASE}s"], indirect=True)
PATIENCE = 60.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A home whose broker nobody has ever started: what these tests show must hold without one."""
    mail = {
        "host": "127.0.0.1",
        "port": free_port(),
        "tls": "none",
        "sender": "registry@gw.test",
        "time_limit": f"{LIMIT}s",
    }
    settings = f'broker = "redis://127.0.0.1:{free_port()}/0"\nconcurrency = 2\nmost_attempts = 2'
    return World(folder=tmp_path_factory.mktemp("workers"), mail=mail, settings=settings).make()


@pytest.fixture
def home(made: World, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Standing]:
    with standing(made, tmp_path, lease=getattr(request, "param", "2m")) as home:
        yield home


@pytest.fixture
def parts(home: Standing) -> Iterator[Engine]:
    with engine(home.world) as running:
        yield running


def server(made: World, *faults: Fault) -> FaultyServer:
    return FaultyServer(faults=faults, port=int(str(made.mail["port"])))


def states(home: Standing) -> Counter[DeliveryState]:
    with home.gateway.database.read() as tx:
        return Counter(tx.deliveries.count_by_state())


def deliveries_of(home: Standing) -> dict[str, Delivery]:
    """As they stand, but for when what was handed over is looked at next."""
    with home.gateway.database.read() as tx:
        return {
            one.id: replace(one, next_action_at=None) for one in tx.deliveries.find(state=None, channel=None, limit=100)
        }


def wait_for(home: Standing, state: DeliveryState, count: int, worker: Part) -> None:
    end = time.monotonic() + PATIENCE
    while states(home)[state] < count:
        assert time.monotonic() < end, f"{states(home)}\n{worker.lines[-3000:]}"
        time.sleep(0.05)


def started(faulty: FaultyServer, count: int = 1) -> None:
    """Waits until so many sends are in hand."""
    end = time.monotonic() + PATIENCE
    while faulty.count("RCPT") < count:
        assert time.monotonic() < end, "nothing was sent"
        time.sleep(0.02)


def only_process(worker: Part) -> int:
    """That of its pool, as soon as the one that answers operators is known from it."""
    end = time.monotonic() + PATIENCE
    while len(found := worker.pool()) != 1 or not worker.ready():
        assert time.monotonic() < end, worker.lines
        time.sleep(0.02)
    return found[0]


def stop_between_writes(pid: int, home: Standing) -> None:
    """SIGSTOP, and again until it comes while the process is not SQLite's one writer: stopped as that it would let
    nobody else write, and the other worker take nothing over."""
    with closing(sqlite3.connect(home.world.home / "gateway.db", isolation_level=None, timeout=0)) as probe:
        end = time.monotonic() + PATIENCE
        while True:
            os.kill(pid, signal.SIGSTOP)
            while state_of(pid) != "T":
                time.sleep(0.01)
            try:
                probe.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
                assert time.monotonic() < end, "it writes without end"
                time.sleep(0.01)
            else:
                probe.execute("ROLLBACK")
                return


@pytest.mark.parametrize(
    ("number", "to_all"), [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True)], ids=str
)
def test_a_worker_told_to_stop_finishes_what_is_in_hand_and_leaves_no_lease_open(
    made: World, home: Standing, parts: Engine, number: signal.Signals, to_all: bool
) -> None:
    """A terminal and a service manager send the signal to every process of the worker, a container to the first."""
    for _ in range(12):
        home.submit()
    home.prepare()
    with in_thread(server(made, Fault(At.RCPT, Do.HANG))) as faulty:
        worker = parts.start("worker", "--processes", "2")
        started(faulty, 2)
        if to_all:
            worker.send(number)
        told = time.monotonic()
        assert worker.stop(number) == 0
        assert time.monotonic() - told < 30
    found = states(home)
    assert found[DeliveryState.SENDING] == 0, found
    assert found[DeliveryState.DEFERRED] >= 2, found
    assert found[DeliveryState.READY] >= 4, f"it did not stop: {found}"
    deliveries = deliveries_of(home)
    with home.gateway.database.read() as tx:
        attempts = tx.deliveries.attempts_of(list(deliveries))
    assert [one for one in deliveries.values() if one.lease_until is not None] == []
    assert [one for of_one in attempts.values() for one in of_one if one.result is None] == []
    assert "Traceback" not in worker.lines
    assert '"worker-stopped"' in worker.lines


@lapsing
def test_a_worker_paused_past_its_lease_sends_nothing_that_another_took_and_records_nothing_over_it(
    made: World, home: Standing, parts: Engine
) -> None:
    """One process holds two large deliveries, one in the middle of its send, the other waiting for its turn."""
    for _ in range(4):
        home.gateway.submit.accept(built.heavy(made, 1_500_000), submitted_by="test")
    home.prepare()
    with in_thread(server(made, Fault(At.RCPT, Do.HANG, times=1))) as faulty:
        first = parts.start("worker", "--processes", "1")
        pool = only_process(first)
        started(faulty)
        stop_between_writes(pool, home)
        assert states(home)[DeliveryState.SENDING] == 2

        second = parts.worker("--processes", "1")
        wait_for(home, DeliveryState.HANDED_OVER, 3, second)
        wait_for(home, DeliveryState.UNCONFIRMED, 1, second)
        before = deliveries_of(home)
        assert first.wait_until(workers="worker.stopped")["status"] == "not-ready"
        os.kill(pool, signal.SIGCONT)
        end = time.monotonic() + PATIENCE
        while first.lines.count('"lease-lost"') < 2:
            assert time.monotonic() < end, first.lines
            time.sleep(0.05)
        assert deliveries_of(home) == before
        assert len(faulty.accepted) == 3
        assert faulty.count("RCPT") == 4, "the second delivery was sent by both"
        assert second.stop() == first.stop() == 0


def test_a_worker_that_is_killed_takes_all_of_its_processes_with_it(parts: Engine) -> None:
    worker = parts.worker("--processes", "2")
    end = time.monotonic() + PATIENCE
    while len(pool := worker.pool()) < 2:
        assert time.monotonic() < end, worker.lines
        time.sleep(0.02)
    beside = [*pool, worker.monitor()]
    worker.kill()
    while any(Path(f"/proc/{pid}").exists() for pid in beside):
        assert time.monotonic() < end, beside
        time.sleep(0.02)


def test_with_the_broker_gone_for_good_everything_still_arrives(made: World, home: Standing, parts: Engine) -> None:
    with in_thread(server(made)) as faulty:
        worker = parts.worker("--processes", "2")
        assert worker.ready()["status"] == "degraded"
        for _ in range(20):
            home.submit()
        wait_for(home, DeliveryState.HANDED_OVER, 20, worker)
        assert len(faulty.accepted) == 20
        assert '"broker-away"' in worker.lines
        assert '"woken"' not in worker.lines


@lapsing
def test_a_package_too_large_for_a_workers_memory_is_set_aside_and_holds_up_no_other(
    made: World, home: Standing, parts: Engine
) -> None:
    with in_thread(server(made)):
        worker = parts.worker("--processes", "1")
        home.submit()
        wait_for(home, DeliveryState.HANDED_OVER, 1, worker)
        room = max(address_space(pid) for pid in worker.pool()) + 50_000_000
        for pid in (worker.process.pid, *worker.pool()):
            subprocess.run([need.program("prlimit", "util-linux"), f"--pid={pid}", f"--as={room}"], check=True)
        large = home.gateway.submit.accept(built.heavy(made, 40_000_000), submitted_by="test").dispatch.id
        for _ in range(3):
            home.submit()
        wait_for(home, DeliveryState.HANDED_OVER, 4, worker)
        end = time.monotonic() + PATIENCE
        while step(home, large) is not Step.STUCK:
            assert time.monotonic() < end, worker.lines[-3000:]
            time.sleep(0.2)
        home.submit()
        wait_for(home, DeliveryState.HANDED_OVER, 5, worker)
    with home.gateway.database.read() as tx:
        (stuck,) = [one.facts for one in tx.records.events(large) if one.name == "dispatch-stuck"]
    assert stuck["cause"] in {"MemoryError", Reason.LEASE_LAPSED.value}
    assert '"MemoryError"' in worker.lines or '"pool-process-ended"' in worker.lines
    (found,) = [one for one in home.world.json("doctor", expect=6)["checks"] if one["check"] == "steps"]
    assert found["finding"] == "wrong"


def step(home: Standing, dispatch: str) -> Step:
    with home.gateway.database.read() as tx:
        return tx.dispatches.get(dispatch).step


def address_space(pid: int) -> int:
    """Bytes of the process's address space."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmPeak")]
    return int(line.split()[1]) * 1024
