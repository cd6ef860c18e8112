"""Old and new parts work beside each other while one upgrades: a migration only widens, and today's release works on a
shape that was widened. Both together make tomorrow's upgrade one without an interruption (ADR 56)."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.store import schema
from gateway.store.engine import SqlDatabase, upgrade
from tests.contracts.attempts import AttemptsContract
from tests.contracts.dispatches import DispatchesContract
from tests.real.postgresql import Postgresql
from tests.store import test_contracts
from tests.store.on_sqlite import url_in
from tests.store.test_migrations_with_rows import _config, revisions
from tests.store.widening import NEWER, breaks, shape_of, widen

FIRST = "0049"
"""Since that one the shape says who can work on it."""
CHECKED = list(pairwise([one for one in [*revisions(), schema.REVISION] if one >= FIRST]))


def test_revisions_are_numbered_in_their_order() -> None:
    """Releases and backups are compared by them."""
    chain = [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()]
    assert chain == sorted(chain, reverse=True)
    assert FIRST in chain


def test_a_migration_only_widens_or_says_that_it_does_not(tmp_path: Path) -> None:
    """What does not only widen raises the floor to itself: older releases then refuse to start on it."""
    engine = sa.create_engine(url_in(tmp_path))
    for before, after in CHECKED:
        with engine.begin() as connection:
            command.upgrade(_config(connection), before)
            was = shape_of(connection)
            command.upgrade(_config(connection), after)
            floor = connection.scalar(sa.text("SELECT revision FROM schema_floor"))
            assert breaks(was, shape_of(connection)) == [] or floor == after, after
    engine.dispose()


MADE = """
CREATE TABLE files (id TEXT PRIMARY KEY, name TEXT NOT NULL, note TEXT, size BIGINT NOT NULL);
CREATE TABLE owners (id TEXT PRIMARY KEY);
"""
STEPS = {
    "DROP TABLE owners": ["owners: gone"],
    "ALTER TABLE owners RENAME TO people": ["owners: gone"],
    "ALTER TABLE files DROP COLUMN note": ["files: column note gone"],
    "ALTER TABLE files RENAME COLUMN note TO remark": ["files: column note gone"],
    "ALTER TABLE files ADD COLUMN owner TEXT REFERENCES owners (id)": ["files: new foreign key owner, owners"],
    "ALTER TABLE files ADD COLUMN kind TEXT CHECK (kind != '')": ["files: new check kind != ''"],
    "CREATE UNIQUE INDEX one_name ON files (name)": ["files: new unique name"],
    "ALTER TABLE files ADD COLUMN kind TEXT": [],
    "ALTER TABLE files ADD COLUMN kind TEXT NOT NULL DEFAULT 'reasons'": [],
    "CREATE TABLE kinds (id TEXT PRIMARY KEY, name TEXT NOT NULL)": [],
    "CREATE INDEX by_name ON files (name)": [],
}
ANEW = {
    "id TEXT PRIMARY KEY, name TEXT NOT NULL, note TEXT NOT NULL, size BIGINT NOT NULL": ["note may be empty no more"],
    "id TEXT PRIMARY KEY, name TEXT, note TEXT, size BIGINT NOT NULL": ["name may be empty"],
    "id TEXT PRIMARY KEY, name TEXT NOT NULL, note TEXT, size TEXT NOT NULL": ["size of another type"],
    "id TEXT PRIMARY KEY, name TEXT NOT NULL, note TEXT, size BIGINT NOT NULL, kind TEXT NOT NULL": ["kind asked for"],
}


@pytest.mark.parametrize(
    ("step", "broken"),
    [
        *STEPS.items(),
        *(
            (f"DROP TABLE files; CREATE TABLE files ({columns})", [f"files: column {one}" for one in broken])
            for columns, broken in ANEW.items()
        ),
    ],
)
def test_what_an_older_release_would_trip_over_is_found(step: str, broken: list[str]) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        for statement in filter(str.strip, MADE.split(";")):
            connection.exec_driver_sql(statement)
        before = shape_of(connection)
        for statement in step.split(";"):
            connection.exec_driver_sql(statement)
        assert breaks(before, shape_of(connection)) == broken
    engine.dispose()


def _widened(path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        before = shape_of(connection)
        widen(connection)
        assert breaks(before, shape_of(connection)) == []
    engine.dispose()


@pytest.fixture(scope="module")
def wider(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file of a later release."""
    folder = tmp_path_factory.mktemp("wider")
    upgrade(url_in(folder))
    _widened(folder / "gateway.db")
    return folder / "gateway.db"


class OnWider:
    """Brings a database of a later release whose shape is wider than ours."""

    @pytest.fixture
    def database(self, wider: Path, tmp_path: Path) -> Iterator[SqlDatabase]:
        """Empty, and one that this release works on."""
        shutil.copy(wider, tmp_path / "gateway.db")
        database = SqlDatabase(url_in(tmp_path))
        database.check()
        yield database
        database.close()


# Every contract that SQLite keeps it keeps on the wider shape too.
globals().update(
    {
        name.replace("OnSqlite", "OnWider"): type(name.replace("OnSqlite", "OnWider"), (OnWider, kept.__mro__[2]), {})
        for name, kept in vars(test_contracts).items()
        if name.startswith("Test") and name.endswith("OnSqlite")
    }
)


class OnWiderPostgresql:
    """The same on a real server."""

    @pytest.fixture
    def database(self, postgresql: Postgresql) -> Iterator[SqlDatabase]:
        """Empty, and one that this release works on."""
        name = postgresql.create()
        engine = sa.create_engine(sa.make_url(postgresql.url(name)).set(password=postgresql.password))
        with engine.begin() as connection:
            widen(connection)
        engine.dispose()
        database = SqlDatabase(postgresql.url(name), postgresql.server)
        database.check()
        yield database
        database.close()
        postgresql.drop(name)


@pytest.mark.real
class TestWorkOnWiderPostgresql(OnWiderPostgresql, DispatchesContract, AttemptsContract):
    """Claims and what is recorded of attempts: each test has a database of its own, which is dear."""


def test_a_release_of_today_leaves_a_wider_shape_as_it_is(wider: Path, tmp_path: Path) -> None:
    """`gateway init` of the former release, as a container runs it at each start."""
    shutil.copy(wider, tmp_path / "gateway.db")
    upgrade(url_in(tmp_path))
    engines = [sa.create_engine(f"sqlite:///{path}") for path in (wider, tmp_path / "gateway.db")]
    with engines[0].connect() as one, engines[1].connect() as other:
        shapes = [connection.exec_driver_sql("SELECT sql FROM sqlite_master").all() for connection in (one, other)]
        assert shapes[0] == shapes[1]
        assert other.scalar(sa.text("SELECT version_num FROM alembic_version")) == NEWER
    for engine in engines:
        engine.dispose()


def test_a_shape_that_does_more_than_widen_is_refused_by_name(wider: Path, tmp_path: Path) -> None:
    shutil.copy(wider, tmp_path / "gateway.db")
    engine = sa.create_engine(url_in(tmp_path))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE schema_floor SET revision = '9997'"))
    engine.dispose()
    database = SqlDatabase(url_in(tmp_path))
    for refused in (database.check, lambda: upgrade(url_in(tmp_path))):
        with pytest.raises(SetupWrong) as raised:
            refused()
        assert raised.value.code is Code.HOME_UPGRADE_NEEDED
        assert raised.value.facts == {"have": NEWER, "need": schema.REVISION}
    database.close()
