"""The migrations make exactly the tables that the stores use, and a database of another shape is refused."""

import sqlite3
import stat
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown, SetupWrong
from gateway.store import schema
from gateway.store.engine import SqlDatabase, upgrade
from gateway.store.tables.every import metadata
from tests.contracts.ledger import verified
from tests.contracts.samples import an_event
from tests.store.on_sqlite import url_in


def shapes(path: Path) -> dict[str, list[str]]:
    """Every table and index with the lines of the statement that made it; constraints come in no set order, and a table
    that was copied to be altered is quoted."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {
        name: sorted(line.strip(", ").replace('"', "") for line in sql.splitlines())
        for name, sql in rows
        if name != "alembic_version"
    }


def test_the_migrations_and_the_tables_agree(tmp_path: Path) -> None:
    """Autogenerate would write nothing."""
    assert upgrade(url_in(tmp_path)) is schema.Shape.NEW
    assert upgrade(url_in(tmp_path)) is schema.Shape.AS_IT_WAS
    engine = sa.create_engine(url_in(tmp_path))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_migrations_make_the_same_statements_as_the_tables(tmp_path: Path) -> None:
    """Autogenerate does not see the conditions of partial indexes; this does."""
    upgrade(url_in(tmp_path))
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'tables.db'}")
    metadata.create_all(engine)
    engine.dispose()
    migrated, created = shapes(tmp_path / "gateway.db"), shapes(tmp_path / "tables.db")
    assert migrated == created


def test_the_revision_written_down_is_the_newest_there_is() -> None:
    """So that a start need not load Alembic."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


def test_upgrading_again_changes_nothing(tmp_path: Path) -> None:
    """`gateway init` may be run again at any time."""
    upgrade(url_in(tmp_path))
    before = shapes(tmp_path / "gateway.db")
    upgrade(url_in(tmp_path))
    assert shapes(tmp_path / "gateway.db") == before


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    """Tables are rolled back as well as rows."""
    path = tmp_path / "gateway.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE tokens (id TEXT)")
    connection.close()
    before = shapes(path)
    with pytest.raises(sa.exc.OperationalError, match="already exists"):
        upgrade(url_in(tmp_path))
    assert shapes(path) == before


@pytest.mark.parametrize("found", ["nothing", "older", "newer"])
def test_a_database_of_another_shape_is_refused(tmp_path: Path, found: str) -> None:
    """An operator upgrades it, or the gateway, first."""
    path = tmp_path / "gateway.db"
    connection = sqlite3.connect(path)
    if found != "nothing":
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    if found == "newer":
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()
    connection.close()
    database = SqlDatabase(url_in(tmp_path))
    with pytest.raises(SetupWrong) as raised:
        database.check()
    assert raised.value.code is Code.HOME_UPGRADE_NEEDED
    assert raised.value.facts["need"] == schema.REVISION
    database.close()


def test_a_missing_database_is_not_made_in_passing(tmp_path: Path) -> None:
    """A wrong path must not look like an empty registry."""
    database = SqlDatabase(url_in(tmp_path))
    with pytest.raises(ServiceDown) as raised:
        database.check()
    assert raised.value.code is Code.DATABASE_UNAVAILABLE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "oracle://host/name", "no url", ""])
def test_a_url_that_names_no_database_of_ours_is_a_wrong_setting(url: str) -> None:
    """Found at start, not at the first package."""
    with pytest.raises(SetupWrong) as raised:
        SqlDatabase(url)
    assert (raised.value.code, raised.value.where) == (Code.SETTINGS_INVALID, "gateway.database")


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    """The database, and what SQLite puts beside it."""
    upgrade(url_in(tmp_path))
    database = SqlDatabase(url_in(tmp_path))
    with database.write() as tx:
        tx.registry.add_data_key("k", b"wrapped")
        files = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    assert files == {"gateway.db": 0o600, "gateway.db-wal": 0o600, "gateway.db-shm": 0o600}
    database.close()


def test_what_was_recorded_before_the_ledger_stands_in_its_chains(tmp_path: Path) -> None:
    """Delivery by delivery in the order of writing, and verified as if it had been linked when it was written."""
    upgrade(url_in(tmp_path))
    database = SqlDatabase(url_in(tmp_path))
    written = [
        an_event(dispatch="d", delivery="x", facts={"n": 1, "é": "ü"}, reason=b"sealed"),
        an_event(),
        an_event(dispatch="d"),
        an_event(dispatch="d", delivery="x", attempt="a"),
        an_event(),
    ]
    with database.write() as tx:
        for one in written:
            tx.records.append(one)
    with database.read() as tx:
        before = [(one.chain, one.sequence, one.link) for one in tx.ledger.entries() if "house" not in one.chain]
    migration = import_module("gateway.store.migrations.versions.r0011_ledger")
    with database._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE events SET link = zeroblob(32)")
        connection.exec_driver_sql("UPDATE events SET chain = 'none', sequence = -ordinal")
        with Operations.context(MigrationContext.configure(connection)):
            migration._link_all()
    with database.read() as tx:
        after = [(one.chain, one.sequence, one.link) for one in tx.ledger.entries() if "house" not in one.chain]
    assert (before, len(before)) == (after, 3)
    assert verified(database).findings == ()
    database.close()
