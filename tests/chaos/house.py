"""All that stands around the gateway while everything goes wrong, and how each part is struck."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from gateway.bootstrap import VAULT_FOLDER, open_gateway
from tests.chaos.faults import Fault, Work, die_and_come_back, work_on_postgresql, work_on_sqlite
from tests.chaos.moved_clock import ClockFile
from tests.chaos.wire import Wire, wire_to
from tests.e2e.world import World
from tests.month.packages import EXCHANGE_COUNSEL
from tests.real import need
from tests.real.engine import Engine, Part, engine
from tests.real.postfix import Postfix, running_postfix
from tests.real.postgresql import Postgresql, running_postgresql
from tests.real.redis import Redis, running_redis
from tests.real.serving import Server
from tests.real.small_disk import SmallDisk, small_disk

LEASE = 3
_LASTS = 1.5  # seconds that a fault stays
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

    def open_exchange(self) -> None:
        """The exchange is set up, and counsel has an account there whose holder was checked."""
        settings, way = self.home / "gateway.toml", {"type": "secure-upload", "account": EXCHANGE_COUNSEL}
        table = {**self.mail, "url": "http://localhost:8443/exchange"}
        lines = [f"{name} = {json.dumps(value)}" for name, value in table.items()]
        settings.write_text("\n".join([settings.read_text(), "[channels.secure-upload]", *lines, ""]))
        entry = {"id": EXCHANGE_COUNSEL, "name": "C. Conseil", "kind": "counsel", "language": "en", "channels": [way]}
        directory = self.folder / "exchange.json"
        directory.write_text(json.dumps({"recipients": [entry]}))
        self.run("recipients", "import", directory)
        checked = ("--language", "en", "--method", "video call, LSO card")
        self.json("exchange", "verify", EXCHANGE_COUNSEL, "--address", "counsel@gw.test", *checked)

    def exchange_secret(self) -> str:
        """The token of counsel's own system."""
        gateway = open_gateway(self.home, clock=self.clock)
        try:
            assert gateway.exchange is not None
            return gateway.exchange.tokens.make(EXCHANGE_COUNSEL).secret
        finally:
            gateway.close()


@dataclass
class Surroundings:
    """What stands around the gateway whatever its database is. disk: where the papers lie."""

    world: ChaosWorld
    parts: Engine
    postfix: Postfix
    wire: Wire
    disk: SmallDisk
    work: Work

    def strikes(self) -> dict[Fault, Callable[[], None]]:
        """What strikes beside the killing."""
        return {
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

    def start_what_ended(self) -> None:
        """As a service manager would: what found no database when it started says so and ends."""

    def _fill(self) -> None:
        self.disk.fill()
        time.sleep(_LASTS)
        self.disk.empty()

    def _disturb(self, how: Callable[[], None]) -> None:
        how()
        time.sleep(2 * _LASTS if how == self.wire.mute else _LASTS)  # longer than the gateway waits for an answer
        self.wire.mend()

    def _answer(self, words: str) -> None:
        self._postfix("smtpd_recipient_restrictions=check_client_access {static:{%s}}" % words)  # noqa: UP031  (its own braces)
        time.sleep(_LASTS)
        self._postfix("smtpd_recipient_restrictions=")

    def _postfix(self, setting: str) -> None:
        folder = str(self.postfix.folder)
        environment = {**os.environ, "PATH": need.SYSTEM_PATH}
        for command in (("postconf", "-c", folder, "-e", setting), ("postfix", "-c", folder, "reload")):
            program = need.program(command[0], "postfix")
            subprocess.run([program, *command[1:]], check=True, capture_output=True, env=environment)


@dataclass
class House(Surroundings):
    """The distributed engine: processes of their own over PostgreSQL and Redis."""

    postgresql: Postgresql
    redis: Redis
    scheduler: Part = field(init=False)
    _web: Part = field(init=False)
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.scheduler = self.parts.start("scheduler")
        self.server = self.parts.web()
        self._web = self.parts.parts[-1]

    def strikes(self) -> dict[Fault, Callable[[], None]]:
        """See `Surroundings`."""
        return {
            Fault.SCHEDULER: self._kill_scheduler,
            Fault.WEB: self._kill_web,
            Fault.FLUSH: self.redis.empty,
            Fault.REDIS: lambda: die_and_come_back(self.redis),
            Fault.POSTGRESQL: self.postgresql.restart,
            **super().strikes(),
        }

    def start_what_ended(self) -> None:
        """The scheduler, and the web at the same address: whoever was in the middle of something asks again."""
        if self.scheduler.process.poll() is not None:
            self.scheduler = self.parts.start("scheduler")
        if self._web.process.poll() is not None:
            self._web = self.parts.start("web", port=self._web.port)

    def _kill_scheduler(self) -> None:
        self.scheduler.kill()
        self.start_what_ended()

    def _kill_web(self) -> None:
        self._web.kill()
        self.start_what_ended()


@contextmanager
def surroundings(folder: Path) -> Iterator[tuple[SmallDisk, Postfix, Wire]]:
    """What both kinds stand in."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder / "disk", "3g"))
        postfix = stack.enter_context(running_postfix())
        yield disk, postfix, stack.enter_context(wire_to(postfix.port))


@contextmanager
def distributed(folder: Path) -> Iterator[House]:
    """The whole, started; papers lie on the small disk."""
    with ExitStack() as stack:
        disk, postfix, wire = stack.enter_context(surroundings(folder))
        postgresql = stack.enter_context(running_postgresql())
        redis = stack.enter_context(running_redis())
        database = postgresql.create(empty=True)
        world = _made(
            folder / "world",
            wire,
            postfix,
            database=postgresql.options(database),
            more=f'\nbroker = "{redis.url}"',
            variables=redis.variables,
        )
        _moved(world.home / VAULT_FOLDER, disk)
        parts = stack.enter_context(engine(world))
        work = work_on_postgresql(postgresql, database)
        yield House(world, parts, postfix, wire, disk, work, postgresql, redis)


@contextmanager
def embedded(folder: Path) -> Iterator[Surroundings]:
    """A home with SQLite, which lies on the small disk whole; its one process is not started yet."""
    with ExitStack() as stack:
        disk, postfix, wire = stack.enter_context(surroundings(folder))
        world = _made(folder / "world", wire, postfix)
        _moved(world.home, disk)
        parts = stack.enter_context(engine(world))
        yield Surroundings(world, parts, postfix, wire, disk, work_on_sqlite(world.home / "gateway.db"))


def _made(
    folder: Path,
    wire: Wire,
    postfix: Postfix,
    *,
    database: Mapping[str, str | Path] | None = None,
    more: str = "",
    variables: Mapping[str, str] | None = None,
) -> ChaosWorld:
    folder.mkdir()
    mail = {"host": "127.0.0.1", "port": wire.port, "tls": "starttls", "ca": str(postfix.ca), "time_limit": "2s"}
    made = ChaosWorld(
        folder=folder,
        mail=mail | {"server_name": "mx.gw.test", "sender": "registry@gw.test"},
        database=database or {},
        settings=f'lease = "{LEASE}s"\nmost_attempts = 1000{more}',
        variables=variables or {},
    )
    made.clock.set(timedelta())
    made.make()
    made.open_exchange()
    return made


def _moved(path: Path, disk: SmallDisk) -> None:
    """It lies on the disk from now on, under the same name."""
    shutil.move(path, disk.path / path.name)
    path.symlink_to(disk.path / path.name)
