"""Everything goes wrong at once: `make chaos SEED=…`, over PostgreSQL and Redis, and over SQLite in one process.

A real Postfix, and PostgreSQL, Redis, the web, two workers and a scheduler as processes of their own, or `gateway
serve` alone. Each second a worker dies, or the one process soon after each start; beside that something else strikes
all the while, in turns the seed shuffles: Redis is emptied or killed, PostgreSQL restarted, the web killed, the disk
filled, the connections to the mail server cut, slowed or made mute, the mail server answers 450 or 550, the clock
jumps. A recipient's own system collects from the exchange meanwhile. The test plays the operator and the clerk
afterwards. Then each message in the mailboxes, and each document that was collected, is held against the packages that
went in.
"""

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from email import message_from_bytes
from pathlib import Path

import pytest

from gateway.bootstrap import open_gateway
from tests.chaos.audit import audit
from tests.chaos.clerk import finish
from tests.chaos.collector import Collector
from tests.chaos.faults import Chaos, Victims
from tests.chaos.house import Surroundings, distributed, embedded
from tests.chaos.record import packages
from tests.chaos.test_kill_engine import message_ids, submit, wait_until_delivered
from tests.chaos.victims import OneProcess, Workers
from tests.e2e.world import EC
from tests.month.packages import EXCHANGE_COUNSEL
from tests.real.serving import Server

pytestmark = [pytest.mark.chaos, pytest.mark.real, pytest.mark.timeout(5400)]

PACKAGES = int(os.environ.get("CHAOS_EVERYTHING", "60"))
"""`make chaos` takes 2,000 of two deliveries each: counsel of every fourth collects from the exchange."""
PACE = float(os.environ.get("CHAOS_PACE", max(0.25, 120 / PACKAGES)))
"""Seconds between packages: few come slowly, so that every fault has its turn while there is work."""
SEED = int(os.environ.get("SEED", "1"))
COUNSEL = (EC, EC, EC, EXCHANGE_COUNSEL)


def test_nothing_is_lost_misrouted_or_unexplained_whatever_goes_wrong(tmp_path: Path) -> None:
    with distributed(tmp_path) as standing:
        workers = [standing.parts.worker("--processes", "2"), standing.parts.start("worker", "--processes", "2")]
        run(standing, standing.server, Workers(standing.parts, workers, SEED))


def test_the_same_holds_over_sqlite_in_one_process(tmp_path: Path) -> None:
    with embedded(tmp_path) as standing:
        process = OneProcess(standing.parts, SEED)
        process.wait_until_ready()
        run(standing, process.server, process)


def run(standing: Surroundings, server: Server, victims: Victims) -> None:
    """Submits while everything falls, lets it come to its end, and holds what came against what went in."""
    world, others = standing.world, standing.strikes()
    made = packages(world, PACKAGES, counsel=COUNSEL)
    collector = Collector(server.url, world.exchange_secret())
    exchanged = sum(COUNSEL[number % len(COUNSEL)] == EXCHANGE_COUNSEL for number in range(PACKAGES))
    begun = time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(collector)
        with Chaos(victims, standing.work, SEED, others, standing.start_what_ended) as chaos:
            submit_all(server, made, begun)
        chaos_took = time.monotonic() - begun
        assert chaos.failed == []
        ends = {"handed-over": 2 * PACKAGES - exchanged, "delivered": exchanged}

        def arrived() -> set[str]:
            wait_until_delivered(standing.postfix)
            return set(message_ids(standing.postfix)) | collector.lying()

        settled = finish(standing, ends, arrived)
    took = time.monotonic() - begun
    assert collector.failed == []
    collector.catch_up()
    gateway = open_gateway(world.home, clock=world.clock)
    try:
        sealed = [one for one in standing.postfix.messages() if _sealed(one)]
        found = audit(world, gateway, made, sealed, collector)
    finally:
        gateway.close()
    print(f"\nseed {SEED}: {chaos_took:.0f} s of chaos, all at its end after {took:.0f} s\n{chaos.told()}")
    print(f"settled by a person: {settled}; collecting broke off: {collector.broke_off}, repeated: {collector.again}")
    print(found.told())
    assert (found.lost, found.twice, found.misrouted, found.unexplained) == ([], [], [], [])
    assert found.messages >= 2 * PACKAGES - exchanged
    assert found.entries == exchanged
    for fault in others:
        assert chaos.count(fault) >= 1, f"{fault} never struck while work was open"


def submit_all(server: Server, made: Sequence[bytes], begun: float) -> None:
    for number, package in enumerate(made):
        submit(server, package)
        time.sleep(max(0.0, begun + (number + 1) * PACE - time.monotonic()))


def _sealed(message: bytes) -> bool:
    return message_from_bytes(message).get_content_type() == "application/pkcs7-mime"
