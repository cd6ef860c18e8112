"""INSERT … ON CONFLICT: SQLite and PostgreSQL share it, SQLAlchemy writes it for each in its own module."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect

Insert = sqlite_dialect.Insert | postgresql.Insert

_INSERT: Mapping[str, Callable[[sa.Table], Insert]] = {
    "sqlite": sqlite_dialect.insert,
    "postgresql": postgresql.insert,
}


def insert_into(table: sa.Table, dialect: str) -> Insert:
    """An INSERT into `table` that can say what a conflict does, for the dialect of that name."""
    return _INSERT[dialect](table)


def replace_in(table: sa.Table, dialect: str, *, key: tuple[str, ...], keep: tuple[str, ...] = ()) -> Insert:
    """An INSERT that overwrites the row with the same `key`, but for the columns in `keep`."""
    insert = insert_into(table, dialect)
    written = {one.name: insert.excluded[one.name] for one in table.c if one.name not in {*key, *keep}}
    return insert.on_conflict_do_update(index_elements=list(key), set_=written)
