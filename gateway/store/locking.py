"""Who may write what at the same time. SQLite has one writer, so that only PostgreSQL needs to be told.

Rows are locked FOR NO KEY UPDATE: whoever adds a row that refers to a locked one need not wait.
"""

from functools import cache
from typing import Any

import sqlalchemy as sa

_MIGRATIONS = 0x6761_7465_7761_79
"""The advisory lock of migrations: "gateway" in ASCII. Any number serves that nobody else in the database uses."""


def locked(query: sa.Select[Any]) -> sa.Select[Any]:
    """The query, holding the rows it finds until the transaction ends; it waits for who holds one."""
    return query.with_for_update(key_share=True)


def locked_or_passed_over(query: sa.Select[Any]) -> sa.Select[Any]:
    """The query, holding the rows it finds; what another holds is left out."""
    return query.with_for_update(key_share=True, skip_locked=True)


def alone(connection: sa.Connection) -> None:
    """Until the transaction ends no other process migrates; the first of several makes what the others then find."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATIONS)))


def only_writer(connection: sa.Connection, table: sa.Table) -> None:
    """Until the transaction ends nobody else writes the table; reading goes on. For tables written rarely."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")


def hold(connection: sa.Connection, table: sa.Table, row_id: str) -> None:
    """Holds the row of that id, if there is one, until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_hold(table), {"b_id": row_id})


@cache
def _hold(table: sa.Table) -> sa.Select[Any]:
    return locked(sa.select(table.c.ordinal).where(table.c.id == sa.bindparam("b_id")))
