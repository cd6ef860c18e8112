"""SQLite: the only module that knows it. How its connections are set, how its transactions begin, what its errors mean.

Durable before quick: WAL with synchronous=FULL (a commit that returned survives a power cut), foreign keys held,
deleted rows overwritten, nothing of a query in temporary files, the database file for its owner alone.
"""

import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.store.engines import Engines

BUSY_TIMEOUT_S = 30

_OPENED = "opened-file"
"""Where a connection keeps which file it opened."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
)

_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }
)


def create_file(path: Path) -> None:
    """An empty database file, mode 0600, unless there is one. SQLite gives its WAL files the same mode."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def engines(path: Path) -> Engines:
    """Engines over the database file. Connecting to a file that does not exist fails: it is never made in passing.

    SQLite takes one writer at a time, so the writing engine has one connection: threads wait for it in line, where
    otherwise they would wake again and again to find the file locked. Neither engine ever shows the parameters of a
    statement in an error.
    """
    reading = _engine(path, begin="BEGIN", pragmas=(*_PRAGMAS[1:], "PRAGMA query_only=ON"), pool_size=8, spare=-1)
    return Engines(
        reading=reading,
        looking=reading,  # there is no server to go to and fro between
        # A plain BEGIN that reads first and writes later fails under load however long it may wait (facts, queue §5).
        writing=_engine(path, begin="BEGIN IMMEDIATE", pragmas=_PRAGMAS, pool_size=1, spare=0),
        problem_of=problem_of,
        none_free=lambda: ServiceDown(Code.DATABASE_UNAVAILABLE, result="writer-busy"),
    )


def upgrading(path: Path) -> Engines:
    """The same for a change of shape. References are let go of meanwhile (https://sqlite.org/lang_altertable.html §7):
    a table that others refer to is changed by a copy that takes its place; `check_references` comes before the end."""
    loose = tuple(one for one in _PRAGMAS if "foreign_keys" not in one)
    writing = _engine(path, begin="BEGIN IMMEDIATE", pragmas=loose, pool_size=1, spare=0)
    return replace(engines(path), writing=writing)


def check_references(connection: sa.Connection) -> None:
    """Raises LookupError where a row refers to one that is not there."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise LookupError(f"{broken[0]} refers to no row of {broken[2]}")


def problem_of(error: sa.exc.DBAPIError) -> ServiceDown | None:
    """What a caller is told of the error, or None when it is a defect of ours."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF  # the rest of an extended result code says where it happened
    if primary == sqlite3.SQLITE_FULL:
        return ServiceDown(Code.STORAGE_FULL)
    if primary in _UNAVAILABLE:
        return ServiceDown(Code.DATABASE_UNAVAILABLE, result=str(getattr(error.orig, "sqlite_errorname", code)))
    return None


def _engine(path: Path, *, begin: str, pragmas: tuple[str, ...], pool_size: int, spare: int) -> sa.Engine:
    uri = f"file:{quote(str(path.absolute()))}?mode=rw"

    def connect() -> sqlite3.Connection:
        # Without an isolation level the driver leaves BEGIN to us. The pool hands a connection to one thread at a time.
        return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)

    engine = sa.create_engine(
        "sqlite://",
        creator=connect,
        poolclass=sa.QueuePool,
        pool_size=pool_size,
        max_overflow=spare,
        pool_timeout=BUSY_TIMEOUT_S,
        hide_parameters=True,
    )

    def set_up(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info[_OPENED] = _identity(path)
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def begin_explicitly(connection: sa.Connection) -> None:
        if connection.info[_OPENED] != _identity(path):
            # What is written into a file that was removed or replaced is gone when the last one closes it.
            connection.invalidate()
            raise ServiceDown(Code.DATABASE_UNAVAILABLE, result="file-gone")
        connection.exec_driver_sql(begin)

    sa.event.listen(engine, "connect", set_up)
    sa.event.listen(engine, "begin", begin_explicitly)
    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands at the path; None: none does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
