"""Sends the month through the engine and looks at it all the while."""

import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import httpx

from tests.month import record
from tests.month.house import House
from tests.month.measured import Measured, Sample
from tests.month.mix import Case
from tests.real.processes import Processes

_CALLERS = 4
_EVERY, _AT_MOST = 1.0, 5.0  # seconds between looks
_SPARED = 20
"""So many times as long as the last look took until the next: it counts rows on the machine that it measures."""
_PATIENCE = 600.0  # seconds without any change
_LONGEST_PUT_OFF = 30.0


@dataclass
class Intake:
    """What submits. latency: milliseconds from the call to the answer 202; put_off: answers 429."""

    client: httpx.Client
    latency: list[float] = field(default_factory=list)
    put_off: int = 0
    _lock: Lock = field(default_factory=Lock)

    def submit(self, path: Path) -> None:
        """Until it is taken in. Raises AssertionError for any answer but 202 and 429."""
        package = path.read_bytes()
        while True:
            begun = time.perf_counter()
            answer = self.client.post("/api/v1/dispatches", content=package)
            took = (time.perf_counter() - begun) * 1000
            with self._lock:
                if answer.status_code == httpx.codes.ACCEPTED:
                    self.latency.append(took)
                    return
                assert answer.status_code == httpx.codes.TOO_MANY_REQUESTS, answer.text
                self.put_off += 1
            time.sleep(min(_LONGEST_PUT_OFF, float(answer.headers["Retry-After"])))


def drive(on: House, cases: Sequence[Case], packages: Sequence[Path], tell: Callable[[Sample], None]) -> Measured:
    """All of it; `tell` is called with each look. Raises AssertionError when nothing moves for ten minutes."""
    expected, load = sum(case.transactions for case in cases), os.getloadavg()[0]
    # Kept open, as a case system's are, but let go of sooner than the web does.
    kept = httpx.Limits(keepalive_expiry=2)
    caller = httpx.Client(base_url=on.server.url, headers=on.server.headers, timeout=30, limits=kept)
    with on.postgresql.superuser(on.database) as connection, caller, ThreadPoolExecutor(_CALLERS) as callers:
        intake, own = Intake(caller), time.process_time()
        samples = [_look(on, connection, 0.0, 0)]
        begun = time.perf_counter()
        submitted = [callers.submit(intake.submit, path) for path in packages]
        taken_in = 0.0
        try:
            pause = _EVERY
            while not _over(samples, submitted, len(cases), expected):
                time.sleep(pause)
                _answer(on)
                at = time.perf_counter() - begun
                samples.append(_look(on, connection, at, len(intake.latency)))
                pause = min(_AT_MOST, max(_EVERY, _SPARED * (time.perf_counter() - begun - at)))
                taken_in = taken_in if len(intake.latency) < len(cases) else taken_in or at
                tell(samples[-1])
        finally:
            callers.shutdown(wait=False, cancel_futures=True)
        latency = {"submit": intake.latency, **record.latency(connection)}
        channels = record.by_channel(connection)
        own = time.process_time() - own
    return Measured(
        packages=len(cases),
        expected_transactions=expected,
        samples=samples,
        taken_in=taken_in,
        put_off=intake.put_off,
        latency=latency,
        by_channel=channels,
        driver=own,
        load=(load, os.getloadavg()[0]),
        machine=machine(),
    )


def _answer(on: House) -> None:
    """As the other case system does with what lies there."""
    for path in on.gcms.arrived():
        opened = on.gcms.fetch(path)
        if opened is not None:
            on.gcms.answer(opened)


def _look(on: House, connection: record.Connection, at: float, submitted: int) -> Sample:
    there = Processes.now()
    return Sample(
        at=at,
        submitted=submitted,
        processor={name: there.used(pid) for name, pid in on.pids.items()},
        resident={name: there.largest(pid) for name, pid in on.pids.items()},
        **record.counts(connection),
    )


def _over(samples: Sequence[Sample], submitted: Sequence[Future[None]], packages: int, transactions: int) -> bool:
    last = samples[-1]
    for one in submitted:
        if one.done():
            one.result()
    since = next(
        one.at
        for one in samples
        if (one.submitted, one.dispatches, one.deliveries, one.transactions)
        == (last.submitted, last.dispatches, last.deliveries, last.transactions)
    )
    assert last.at - since < _PATIENCE, f"nothing moved for {_PATIENCE:.0f} s: {last}"
    taken = sum(last.dispatches.values())
    return (taken, last.waiting, last.open, last.transactions.get("accepted", 0)) == (packages, 0, 0, transactions)


def progress(packages: int) -> Callable[[Sample], None]:
    """A line that is written over on a terminal; elsewhere a line every ten looks."""
    seen = 0

    def tell(sample: Sample) -> None:
        nonlocal seen
        seen += 1
        line = (
            f"{sample.at:6.0f} s  taken in {sample.submitted}/{packages}  to plan or render {sample.waiting}  "
            f"deliveries open {sample.open}, ended {sample.ended}  outcomes {sample.transactions.get('accepted', 0)}"
        )
        if sys.stdout.isatty():
            print(f"\r{line:110}", end="", flush=True)
        elif seen % 10 == 1:
            print(line, flush=True)

    return tell


def machine() -> str:
    """What it ran on."""
    models = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = next((line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "0")
    return (
        f"{os.cpu_count()} cores ({models[0] if models else platform.machine()}), {int(memory) / 1024**2:.0f} GB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text("utf-8", "replace").splitlines()
