"""An upgrade, and the way back, without an interruption: the code of two releases on one database.

This release is the older one of a pair, whose newer one is made here: a copy of it with one more migration, which
widens every table. It is the newer one of another, whose older one is the tree before the newest migration came, as git
has it; where there is no history the test says so and is skipped. Packages go in all the while, through the webs of
both.
"""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.store import schema
from tests.chaos.record import counts, packages
from tests.chaos.test_kill_engine import check_each_once, message_ids, submit, wait_until_delivered
from tests.e2e.world import World
from tests.real.engine import Engine, Part, engine
from tests.real.postfix import running_postfix
from tests.real.postgresql import Postgresql
from tests.real.redis import running_redis
from tests.real.serving import Server
from tests.store.widening import NEWER

pytestmark = [pytest.mark.chaos, pytest.mark.real, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
PACE = 0.4  # seconds between packages
PATIENCE = 120.0
_SHIPPED = ("gateway", "channels", "keys", "templates")
_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{newer}"
down_revision = "{revision}"


def upgrade() -> None:
    tables = sa.inspect(op.get_bind()).get_table_names()
    for table in tables:
        if table not in ("alembic_version", "schema_floor"):
            op.add_column(table, sa.Column("later_note", sa.Text()))
            op.add_column(table, sa.Column("later_count", sa.BigInteger(), nullable=False, server_default="7"))
"""


@dataclass
class TwoReleases(World):
    """A world spoken to by the code of `tree`."""

    tree: Path = ROOT

    def command(self, *arguments: str | Path) -> list[str]:
        """See `World`. A module is looked for in the current folder first."""
        return ["env", "-C", str(self.tree), *super().command(*arguments)]

    def run(self, *arguments: str | Path, expect: int = 0) -> "subprocess.CompletedProcess[str]":
        """See `World`."""
        command = self.command(*arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment())
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done


def later(folder: Path) -> Path:
    """A copy of this release with one more migration."""
    for name in _SHIPPED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    store = folder / "gateway/store"
    migration = _MIGRATION.format(newer=NEWER, revision=schema.REVISION)
    (store / f"migrations/versions/r{NEWER}_later.py").write_text(migration)
    text = (store / "schema.py").read_text()
    (store / "schema.py").write_text(text.replace(f'"{schema.REVISION}"', f'"{NEWER}"'))
    return folder


def former(folder: Path) -> Path:
    """The tree before the newest migration."""
    newest = f"gateway/store/migrations/versions/r{schema.REVISION}_*.py"
    try:
        came = _git("log", "--diff-filter=A", "--format=%H", "-1", "--", f":(glob){newest}").decode().strip()
        packed = _git("archive", f"{came}~1", *_SHIPPED)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no history of git here, so no former release")
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)
    return folder


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


@dataclass
class Submitting:
    """Packages go in at a pace, by the webs that there are, each in its turn."""

    made: list[bytes]
    servers: list[Server]
    sent: int = 0
    failed: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def wait_for(self, count: int) -> None:
        """Until so many more are in."""
        goal, end = min(self.sent + count, len(self.made)), time.monotonic() + PATIENCE
        while self.sent < goal:
            assert not self.failed, self.failed
            assert time.monotonic() < end, self.sent
            time.sleep(0.1)

    def end(self) -> None:
        """Until all are."""
        self._thread.join()
        assert self.failed == []

    def _run(self) -> None:
        try:
            for number, package in enumerate(self.made):
                submit(self.servers[number % len(self.servers)], package)
                self.sent += 1
                time.sleep(PACE)
        except BaseException as error:
            self.failed.append(error)
            raise


@pytest.mark.parametrize(
    ("older", "newer"),
    [(lambda _: ROOT, later), (former, lambda _: ROOT)],
    ids=["this release and a later one", "the former release and this one"],
)
def test_two_releases_work_side_by_side_and_either_can_go(
    older: Callable[[Path], Path], newer: Callable[[Path], Path], postgresql: Postgresql, tmp_path: Path
) -> None:
    trees = older(tmp_path / "older"), newer(tmp_path / "newer")
    with running_postfix() as postfix, running_redis() as redis:
        mail = {"host": "127.0.0.1", "port": postfix.port, "tls": "starttls", "ca": str(postfix.ca)}
        (tmp_path / "world").mkdir()
        world = TwoReleases(
            folder=tmp_path / "world",
            mail={**mail, "server_name": "mx.gw.test", "sender": "registry@gw.test"},
            database=postgresql.options(postgresql.create(empty=True)),
            settings=f'broker = "{redis.url}"',
            variables=redis.variables,
            tree=trees[0],
        )
        world.make()
        made = packages(world, 60)
        with engine(world) as parts:
            change_over(parts, world, trees, made)
            end = time.monotonic() + PATIENCE
            while counts(world) != {"handed-over": 2 * len(made)}:
                assert time.monotonic() < end, counts(world)
                time.sleep(0.5)
        wait_until_delivered(postfix)
        check_each_once(world, message_ids(postfix), 2 * len(made))


def change_over(parts: Engine, world: TwoReleases, trees: tuple[Path, Path], made: list[bytes]) -> None:
    """From the older release to the newer one, part by part, and back where the older one knows that it may."""
    submitting = Submitting(made, [parts.web()])
    old_web = parts.parts[-1]
    old = _working(parts)
    submitting.wait_for(8)
    world.tree = trees[1]
    world.run("init")
    submitting.wait_for(4)
    may_go_back = (trees[0] / "gateway/store/tables/floor.py").exists()
    if may_go_back:  # an older one took nothing but its own shape for a good one
        assert {one.ready()["status"] for one in [*old, old_web]} == {"ready"}
    submitting.servers.append(parts.web())
    new = _working(parts)
    submitting.wait_for(10)  # by both
    _stop(old)
    submitting.wait_for(10)  # by the new alone, the former web among those that take in
    if may_go_back:
        world.tree = trees[0]
        _working(parts)
        _stop(new)
    submitting.wait_for(len(made))  # by the former alone, on the newer shape
    submitting.end()


def _working(parts: Engine) -> list[Part]:
    scheduler, worker = parts.start("scheduler"), parts.start("worker", "--processes", "1")
    worker.wait_until(workers="ok")
    return [worker, scheduler]


def _stop(parts: list[Part]) -> None:
    for part in parts:
        assert part.stop() == 0, part.lines[-2000:]
