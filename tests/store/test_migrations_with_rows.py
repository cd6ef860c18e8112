"""Migrations over rows: from every revision there was, with something in each of its tables, nothing is lost."""

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from gateway.store import schema
from gateway.store.engine import upgrade
from tests.real.postgresql import Postgresql

_ROWS = 2


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def revisions() -> list[str]:
    """All but the newest, oldest first."""
    return sorted(one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions())[:-1]


def value(table: sa.Table, column: sa.Column[Any], number: int) -> object:
    """Something that the column takes, another in each row."""
    reference = next(iter(column.foreign_keys), None)
    if reference is not None:
        return value(reference.column.table, reference.column, number)
    kept: list[tuple[type[Any], object]] = [
        (sa.Boolean, False),
        (sa.Date, dt.date(2026, 11, 20)),
        (sa.Uuid, UUID(int=number)),
        (sa.LargeBinary, bytes([number]) * 32),
        (sa.Integer, number),
        (sa.String, "{}" if column.name == "facts" else f"{table.name}-{column.name}-{number}"),
    ]
    return next(one for kind, one in kept if isinstance(column.type, kind))


def fill(connection: sa.Connection, filled: Collection[str] = ()) -> dict[str, int]:
    """Rows in every table but those that have some, and those of the migrations themselves; how many stand in each."""
    shape = sa.MetaData()
    shape.reflect(connection)
    tables = [one for one in shape.sorted_tables if one.name not in {"alembic_version", "schema_floor", *filled}]
    for table in tables:
        for number in range(1, _ROWS + 1):
            connection.execute(sa.insert(table).values({one.name: value(table, one, number) for one in table.c}))
    return {one.name: _ROWS for one in tables}


def counted(connection: sa.Connection, tables: Collection[str]) -> dict[str, int]:
    """How many rows stand in each."""
    return {one: connection.scalar(sa.text(f"SELECT count(*) FROM {one}")) or 0 for one in tables}


@pytest.mark.parametrize("revision", revisions())
def test_no_row_is_lost_and_no_reference_broken_on_the_way_up(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "gateway.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        before = fill(connection)
    upgrade(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        after = counted(connection, before)
    engine.dispose()
    assert after == before


@pytest.mark.real
def test_step_by_step_on_postgresql_no_row_is_lost(postgresql: Postgresql) -> None:
    """There each step is a change in place, which looks at every row; two stand in a table from when it is made."""
    name = postgresql.create(empty=True)
    engine = sa.create_engine(sa.make_url(postgresql.url(name)).set(password=postgresql.password))
    filled: dict[str, int] = {}
    for revision in [*revisions(), schema.REVISION]:
        with engine.begin() as connection:
            command.upgrade(_config(connection), revision)
            assert counted(connection, filled) == filled, revision
            filled |= fill(connection, filled)
    assert len(filled) > 50
    engine.dispose()
    postgresql.drop(name)
