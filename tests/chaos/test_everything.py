"""Everything goes wrong at once: `make chaos SEED=…`.

PostgreSQL, Redis, a real Postfix, the web, two workers and a scheduler run as processes of their own. Each second a
worker dies; beside that something else strikes all the while, in turns the seed shuffles: Redis is emptied or killed,
PostgreSQL restarted, the disk of the papers filled, the connections to the mail server cut, slowed or made mute, the
mail server answers 450 or 550, the clock jumps. The test plays the operator and the clerk afterwards. Then each message
in the mailboxes is held against the packages that went in.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from functools import partial
from pathlib import Path

import pytest

from gateway.bootstrap import VAULT_FOLDER, Gateway, open_gateway
from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.problem import Problem
from tests.chaos.audit import audit
from tests.chaos.faults import Chaos, Fault, die_and_come_back
from tests.chaos.moved_clock import ClockFile
from tests.chaos.record import counts, packages
from tests.chaos.test_kill_engine import message_ids, submit, wait_until_delivered
from tests.chaos.wire import Wire, wire_to
from tests.e2e.world import World
from tests.real import need
from tests.real.engine import Engine, Part, engine
from tests.real.postfix import Postfix, running_postfix
from tests.real.postgresql import Postgresql, running_postgresql
from tests.real.redis import Redis, running_redis
from tests.real.serving import Server
from tests.real.small_disk import SmallDisk, small_disk

pytestmark = [pytest.mark.chaos, pytest.mark.real, pytest.mark.timeout(5400)]

PACKAGES = int(os.environ.get("CHAOS_EVERYTHING", "60"))
"""`make chaos` takes 2,000 of two deliveries each."""
PACE = float(os.environ.get("CHAOS_PACE", "0.25"))
"""Seconds between packages."""
SEED = int(os.environ.get("SEED", "1"))
LEASE = 3
LASTS = 1.5  # seconds that a fault stays
LONGEST = 3600  # seconds until all must be at its end
FORWARD = timedelta(minutes=10)
"""How far the clock is put on while the rest is waited for: waits between tries are minutes."""


@dataclass
class ChaosWorld(World):
    """A world whose long-lived processes run under a clock that is moved."""

    @property
    def clock(self) -> ClockFile:
        """Theirs."""
        return ClockFile(self.folder / "clock")

    def command(self, *arguments: str | Path) -> list[str]:
        """See `World`."""
        python, _, _, *rest = super().command(*arguments)
        return [python, "-m", "tests.chaos.moved_clock", str(self.clock.path), *rest]


@dataclass
class House:
    """All that stands around the gateway, and how each part is struck."""

    world: ChaosWorld
    parts: Engine
    postgresql: Postgresql
    redis: Redis
    postfix: Postfix
    wire: Wire
    disk: SmallDisk
    scheduler: Part = field(init=False)

    def __post_init__(self) -> None:
        self.scheduler = self.parts.start("scheduler")

    def strikes(self) -> dict[Fault, Callable[[], None]]:
        """What strikes beside the killing of workers."""
        return {
            Fault.SCHEDULER: self._kill_scheduler,
            Fault.FLUSH: self.redis.empty,
            Fault.REDIS: lambda: die_and_come_back(self.redis),
            Fault.POSTGRESQL: self.postgresql.restart,
            Fault.DISK_FULL: self._fill,
            Fault.CUT: lambda: self._disturb(self.wire.cut),
            Fault.SLOW: lambda: self._disturb(self.wire.slow),
            Fault.MUTE: lambda: self._disturb(self.wire.mute),
            Fault.NOT_NOW: lambda: self._answer("450 4.7.1 not now"),
            Fault.NEVER: lambda: self._answer("550 5.7.1 never"),
            Fault.CLOCK_ON: lambda: self.move(timedelta(seconds=40)),
            Fault.CLOCK_BACK: lambda: self.move(timedelta(seconds=-40)),
        }

    def move(self, by: timedelta) -> None:
        """The clock jumps."""
        self.world.clock.set(self.world.clock.by + by)

    def _kill_scheduler(self) -> None:
        self.scheduler.kill()
        self.scheduler = self.parts.start("scheduler")

    def _fill(self) -> None:
        self.disk.fill()
        time.sleep(LASTS)
        self.disk.empty()

    def _disturb(self, how: Callable[[], None]) -> None:
        how()
        time.sleep(2 * LASTS if how == self.wire.mute else LASTS)  # longer than the gateway waits for an answer
        self.wire.mend()

    def _answer(self, words: str) -> None:
        self._postfix("smtpd_recipient_restrictions=check_client_access {static:{%s}}" % words)  # noqa: UP031  (its own braces)
        time.sleep(LASTS)
        self._postfix("smtpd_recipient_restrictions=")

    def _postfix(self, setting: str) -> None:
        folder = str(self.postfix.folder)
        environment = {**os.environ, "PATH": need.SYSTEM_PATH}
        for command in (("postconf", "-c", folder, "-e", setting), ("postfix", "-c", folder, "reload")):
            program = need.program(command[0], "postfix")
            subprocess.run([program, *command[1:]], check=True, capture_output=True, env=environment)


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """The whole, started."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder / "disk", "3g"))
        postfix = stack.enter_context(running_postfix())
        postgresql = stack.enter_context(running_postgresql())
        redis = stack.enter_context(running_redis())
        wire = stack.enter_context(wire_to(postfix.port))
        world = _made(folder / "world", wire, postfix, postgresql, redis)
        vault = world.home / VAULT_FOLDER
        shutil.move(vault, disk.path / VAULT_FOLDER)
        vault.symlink_to(disk.path / VAULT_FOLDER)
        world.clock.set(timedelta())
        parts = stack.enter_context(engine(world))
        yield House(world, parts, postgresql, redis, postfix, wire, disk)


def _made(folder: Path, wire: Wire, postfix: Postfix, postgresql: Postgresql, redis: Redis) -> ChaosWorld:
    folder.mkdir()
    mail = {"host": "127.0.0.1", "port": wire.port, "tls": "starttls", "ca": str(postfix.ca), "time_limit": "2s"}
    made = ChaosWorld(
        folder=folder,
        mail=mail | {"server_name": "mx.gw.test", "sender": "registry@gw.test"},
        database=postgresql.options(postgresql.create(empty=True)),
        settings=f'lease = "{LEASE}s"\nbroker = "{redis.url}"\nmost_attempts = 1000',
        variables=redis.variables,
    )
    made.make()
    return made


def test_nothing_is_lost_misrouted_or_unexplained_whatever_goes_wrong(tmp_path: Path) -> None:
    with house(tmp_path) as standing:
        world = standing.world
        made = packages(world, PACKAGES)
        server = standing.parts.web()
        workers = [standing.parts.worker("--processes", "2"), standing.parts.start("worker", "--processes", "2")]
        database = str(world.database["--database"]).rpartition("/")[2]
        begun = time.monotonic()
        with Chaos(standing.parts, standing.postgresql, database, SEED, workers, standing.strikes()) as chaos:
            submit_all(server, made, begun)
        chaos_took = time.monotonic() - begun
        assert chaos.failed == []
        settled = finish(standing, deliveries=2 * PACKAGES)
        took = time.monotonic() - begun
        gateway = open_gateway(world.home, clock=world.clock)
        try:
            found = audit(world, gateway, made, [one for one in standing.postfix.messages() if _sealed(one)])
        finally:
            gateway.close()
    print(f"\nseed {SEED}: {chaos_took:.0f} s of chaos, all at its end after {took:.0f} s\n{chaos.told()}")
    print(f"settled by a person: {settled}\n{found.told()}")
    assert (found.lost, found.twice, found.misrouted, found.unexplained) == ([], [], [], [])
    assert found.messages >= 2 * PACKAGES
    for fault in standing.strikes():
        assert chaos.count(fault) >= 1, f"{fault} never struck while work was open"


def submit_all(server: Server, made: Sequence[bytes], begun: float) -> None:
    for number, package in enumerate(made):
        submit(server, package)
        time.sleep(max(0.0, begun + (number + 1) * PACE - time.monotonic()))


def finish(standing: House, deliveries: int) -> int:
    """Waits until all is handed over, and plays clerk and operator meanwhile. Returns how often they acted."""
    world, acts, end = standing.world, 0, time.monotonic() + LONGEST
    while (now := counts(world)) != {"handed-over": deliveries}:
        assert time.monotonic() < end, now
        time.sleep(LEASE)
        standing.move(FORWARD)
        wait_until_delivered(standing.postfix)
        gateway = open_gateway(world.home, clock=world.clock)
        try:
            acts += _settle(gateway, set(message_ids(standing.postfix)))
        finally:
            gateway.close()
    return acts


def _settle(gateway: Gateway, arrived: set[str]) -> int:
    """The clerk asks the mail server about what is unconfirmed, and has what was refused tried again."""
    with gateway.database.read() as tx:
        waiting = {
            state: tx.deliveries.find(state=state, channel=None, limit=10_000)
            for state in (DeliveryState.UNCONFIRMED, DeliveryState.FAILED, DeliveryState.NEEDS_PERSON)
        }
        attempts = tx.deliveries.attempts_of([one.id for found in waiting.values() for one in found])
        stuck = [one.id for one in tx.dispatches.newest(10_000) if one.step is Step.STUCK]
    acts = 0
    for state, found in waiting.items():
        for one in found:
            action = Action.RETRY
            if state is DeliveryState.UNCONFIRMED:
                sent = attempts[one.id][-1].reference in arrived
                action = Action.CONFIRM_SENT if sent else Action.CONFIRM_NOT_SENT
            acts += _acted(partial(gateway.resolve, one.id, action, actor="test", reason="asked"))
    for dispatch in stuck:
        acts += _acted(partial(gateway.resolve.retry, dispatch, actor="test", reason="disk emptied"))
    return acts


def _acted(act: Callable[[], object]) -> int:
    """A worker may have moved it on meanwhile: then there is nothing to settle."""
    try:
        act()
    except Problem:
        return 0
    return 1


def _sealed(message: bytes) -> bool:
    return message_from_bytes(message).get_content_type() == "application/pkcs7-mime"
