"""The process is killed at random moments while packages go through: all arrive, and nothing is sent twice but what was
recorded `unconfirmed`.

The mail server is one that outlives the gateway and keeps every message it accepted, so the test can play the person
who settles an unconfirmed attempt: it asks the mail server about the Message-ID.
"""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.chaos.record import counts, ever_unconfirmed, packages
from tests.e2e.world import World
from tests.real.mail_sink import MailSink, running_sink
from tests.real.serving import Server, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PACKAGES = int(os.environ.get("CHAOS_PACKAGES", "60"))
"""`make chaos` takes 200."""
SEED = int(os.environ.get("SEED", "1"))
LEASE = 3
"""Seconds: short, so that what a kill left behind is found again soon."""


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture
def world(sink: MailSink, tmp_path: Path) -> World:
    mail = {
        "host": "127.0.0.1",
        "port": sink.port,
        "tls": "starttls",
        "ca": str(sink.ca),
        "server_name": "mx.gw.test",
        "sender": "registry@gw.test",
        "time_limit": "2s",
    }
    return World(folder=tmp_path, mail=mail, settings=f'lease = "{LEASE}s"').make()


class Killer:
    """Kills the serving process at random moments and starts it again."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)
        self._log = world.folder / "serve.log"
        self._token = world.json("tokens", "create", "chaos", "--scope", "submit", "--scope", "read")["secret"]
        self._stop = threading.Event()
        self.kills = 0
        self.server: Server | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Killer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(AssertionError), serving(self._world, self._log, self._token) as server:
                self.server = server
                self._stop.wait(self._random.uniform(0.2, 2.5))
                if not self._stop.is_set():
                    server.process.send_signal(signal.SIGKILL)
                    server.process.wait()
                    self.kills += 1
                self.server = None

    def submit(self, package: bytes) -> None:
        """Submits until the gateway answered: a repeat is the first dispatch, so trying again is always right."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            server = self.server
            if server is not None:
                with contextlib.suppress(httpx.TransportError):
                    if server.post(package).status_code in {200, 202}:
                        return
            time.sleep(0.05)
        raise AssertionError("no answer within 120 s")


def settle(world: World, sink: MailSink) -> int:
    """Plays the person: what the mail server has was sent, what it has not was not. Returns how many were settled."""
    unconfirmed = world.json("deliveries", "--state", "unconfirmed", "--limit", "1000")["deliveries"]
    arrived = set(sink.message_ids())
    for delivery in unconfirmed:
        status = world.json("status", delivery["dispatch"])
        (row,) = [one for one in status["deliveries"] if one["delivery"] == delivery["delivery"]]
        reference = row["attempts"][-1]["reference"]
        action = "confirm-sent" if reference in arrived else "confirm-not-sent"
        world.run("resolve", delivery["delivery"], action, "--reason", "asked the mail server")
    return len(unconfirmed)


def test_all_packages_survive_kill_9_at_random_moments(world: World, sink: MailSink) -> None:
    made = packages(world, PACKAGES)
    with Killer(world, SEED) as killer:
        for package in made:
            killer.submit(package)
        kept_on = time.monotonic() + 20
        while time.monotonic() < kept_on and len(sink.message_ids()) < 2 * PACKAGES:
            time.sleep(0.2)
    assert killer.kills >= 5, "too few kills to prove anything"

    end, settled = time.monotonic() + 240, 0
    while time.monotonic() < end:
        time.sleep(LEASE + 0.5)
        world.run("work", "--until-idle")
        settled += settle(world, sink)
        if set(counts(world)) == {"handed-over"}:
            break
    print(f"{killer.kills} kills, {settled} unconfirmed settled, {counts(world)}")

    assert counts(world) == {"handed-over": 2 * PACKAGES}
    arrived = Counter(sink.message_ids())
    assert len(arrived) == 2 * PACKAGES
    twice = {reference for reference, times in arrived.items() if times > 1}
    assert twice <= ever_unconfirmed(world)
