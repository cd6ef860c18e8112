"""The distributed engine end to end: packages in over HTTP, encrypted messages in the mailbox of a real Postfix, with
PostgreSQL and Redis on the same machine; a six-page decision, letter and notice for each of two participants.

Wall-clock time says as much about what else the machine does, so that the processor time of every process of ours is
printed beside it: what two idle cores could carry follows from it. Memory is that of one pool process. How soon a
submission is answered is told twice: when all packages come as fast as four callers can bring them, and when as many
come as make the deliveries a second that are promised.

The workers stand back behind web and database by `nice`, as they do under systemd (deploy/systemd).
"""

import json
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from keys.asice_build import build
from tests.bench.bench_papers import decision
from tests.e2e.built import signer_of
from tests.e2e.world import TODAY, World
from tests.real import processes
from tests.real.engine import Engine, engine
from tests.real.postfix import Postfix, running_postfix
from tests.real.postgresql import Postgresql, running_postgresql
from tests.real.processes import Processes
from tests.real.redis import Redis, running_redis

PACKAGES = int(os.environ.get("ENGINE_PACKAGES", "100"))
CORES = 2
_PACE = 15.0
"""Packages a second, of two participants each: the deliveries a second that are promised."""
_CALLERS = 4


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run. used: seconds of processor time by part; resident and share (PSS): megabytes of one pool process.
    flooded and paced: seconds until each submission was answered, when all came at once and at the pace."""

    deliveries: int
    taken: float
    took: float
    used: dict[str, float]
    resident: float
    share: float
    flooded: Sequence[float]
    paced: Sequence[float]

    def each(self, *parts: str) -> float:
        """Milliseconds of processor time a delivery, of those parts; of all when none is named."""
        return sum(self.used[name] for name in parts or self.used) / self.deliveries * 1000


def main() -> None:
    """Prints the figures."""
    run = measure(PACKAGES)
    print(f"{PACKAGES} packages of 6 pages, 2 participants each; load of the machine {os.getloadavg()[0]:.1f}")
    rate = run.deliveries / run.took
    print(f"taken in after {run.taken:.1f} s, all arrived after {run.took:.1f} s: {rate:.1f} deliveries/s")
    for name in run.used:
        print(f"  {name:12}{run.each(name):8.1f} ms of processor time a delivery")
    print(f"  {'all':12}{run.each():8.1f} ms: {CORES * 1000 / run.each():.1f} deliveries/s on {CORES} idle cores")
    for how, answered in (("as fast as they come", run.flooded), (f"{_PACE:g} a second", run.paced)):
        median, late = statistics.median(answered) * 1000, statistics.quantiles(answered, n=100)[98] * 1000
        print(f"submissions, {how}: answered within {median:.0f} ms (median), {late:.0f} ms (p99)")
    print(f"one pool process: {run.resident:.0f} MB resident, of which {run.share:.0f} MB are its share (PSS)")


def measure(packages: int) -> Measured:
    """Sends so many packages, for two participants each, through an engine of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postfix = stack.enter_context(running_postfix())
        postgresql = stack.enter_context(running_postgresql())
        redis = stack.enter_context(running_redis())
        world = _world(folder, postfix, postgresql, redis)
        parts = stack.enter_context(engine(world))
        server = parts.web()
        worker = parts.worker("--processes", str(CORES), under=("nice", "-n", "5"))
        parts.start("scheduler").wait_until(status="ready")
        paced = packages // 2
        made = _packages(world, packages + paced + 4)
        kept = httpx.Limits(keepalive_expiry=2)  # as a case system's are, but let go of sooner than the web does
        client = httpx.Client(base_url=server.url, headers=server.headers, timeout=30, limits=kept)
        stack.enter_context(client)
        for package in made[:4]:  # what is imported at first use
            _submit(client, package)
        _wait(postfix, 8)
        pids = roots(parts, postfix, postgresql, redis)
        before = _processor(pids)
        begun = time.perf_counter()
        with ThreadPoolExecutor(_CALLERS) as callers:
            flooded = list(callers.map(partial(_submit, client), made[4 : 4 + packages]))
        taken = time.perf_counter() - begun
        _wait(postfix, 8 + 2 * packages)
        took = time.perf_counter() - begun
        used = {name: seconds - before[name] for name, seconds in _processor(pids).items()}
        resident, share = max((processes.resident(pid), processes.share(pid)) for pid in worker.pool())
        answered = _at_pace(client, made[4 + packages :])
        _wait(postfix, 8 + 2 * (packages + paced))
    return Measured(
        deliveries=2 * packages,
        taken=taken,
        took=took,
        used=used,
        resident=resident,
        share=share,
        flooded=flooded,
        paced=answered,
    )


def _submit(client: httpx.Client, package: bytes) -> float:
    """How long it took to be answered."""
    begun = time.perf_counter()
    answer = client.post("/api/v1/dispatches", content=package)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return time.perf_counter() - begun


def _at_pace(client: httpx.Client, packages: Sequence[bytes]) -> list[float]:
    """Each begun when its time has come, whatever became of those before it."""
    with ThreadPoolExecutor(4 * _CALLERS) as callers:
        begun, sent = time.perf_counter(), []
        for number, package in enumerate(packages):
            time.sleep(max(0.0, begun + number / _PACE - time.perf_counter()))
            sent.append(callers.submit(_submit, client, package))
        return [one.result() for one in sent]


def _world(folder: Path, postfix: Postfix, postgresql: Postgresql, redis: Redis) -> World:
    mail: dict[str, object] = {"host": "127.0.0.1", "port": postfix.port, "tls": "starttls", "ca": str(postfix.ca)}
    return World(
        folder=folder,
        mail=mail | {"server_name": "mx.gw.test", "sender": "registry@gw.test"},
        database=postgresql.options(postgresql.create(empty=True)),
        settings=f'broker = "{redis.url}"',
        variables=redis.variables,
    ).make()


def _packages(world: World, count: int) -> list[bytes]:
    """Each with a decision of its own."""
    described = json.loads(world.decision(world.folder / "sources/bench", participants=_participants()).read_text())
    signer, made = signer_of(world), []
    for number in range(count):
        described["package_id"] = str(uuid.uuid4())
        documents = {one["path"]: decision(30, number).encode() for one in described["documents"]}
        made.append(build(json.dumps(described).encode(), documents, signer=signer, at=TODAY))
    return made


def _participants() -> list[dict[str, object]]:
    return [
        {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"},
        {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "counsel-12345p"},
    ]


def _wait(postfix: Postfix, count: int) -> None:
    """Reads each message once: read whole again and again, the mailbox would take a good part of the cores."""
    box = postfix.folder / "mail/gw/new"
    sealed: dict[str, bool] = {}
    while sum(sealed.values()) < count:
        time.sleep(0.2)
        names = {path.name for path in box.iterdir()} if box.exists() else set()
        sealed |= {name: _is_sealed((box / name).read_bytes()) for name in names - sealed.keys()}


def _is_sealed(message: bytes) -> bool:
    """By its own header: the delivery report that comes back for each message quotes its header too."""
    return b"application/pkcs7-mime" in message.partition(b"\n\n")[0]


def roots(parts: Engine, postfix: Postfix, postgresql: Postgresql, redis: Redis) -> dict[str, int]:
    """The first process of each part."""
    assert postgresql.process is not None
    found = {part.name: part.process.pid for part in parts.parts}
    master = int((postfix.folder / "spool/pid/master.pid").read_text())
    return found | {"postgresql": postgresql.process.pid, "redis": redis.pid, "postfix": master}


def _processor(pids: Mapping[str, int]) -> dict[str, float]:
    """Seconds of processor time by part, those of ended children included."""
    there = Processes.now()
    return {name: there.used(pid) for name, pid in pids.items()}


if __name__ == "__main__":
    main()
