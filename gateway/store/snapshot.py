"""A database as one file, over one consistent state, taken while others write; and a database from such a file.

SQLite copies itself (https://sqlite.org/backup.html); for PostgreSQL its own `pg_dump` and `pg_restore` do.
"""

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.problem import Conflict, Problem, ServiceDown, SetupWrong
from gateway.store import sqlite
from gateway.store.engines import Server

_PASSWORD = "PGPASSWORD"  # noqa: S105  (a variable's name; on a command line everybody would see it)


def is_sqlite(url: str) -> bool:
    """Whether the database of that URL is a file."""
    return sa.make_url(url).get_backend_name() == "sqlite"


def take(url: str, server: Server, file: Path) -> None:
    """The whole database into a file that is not there yet, for its owner alone.

    Raises ServiceDown (database.unavailable, storage.full), SetupWrong (database.program-missing).
    """
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    if is_sqlite(url):
        _copy(Path(str(sa.make_url(url).database)), file)
    else:
        _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}"], url, server)
    with file.open("rb") as written:
        os.fsync(written.fileno())


def check_empty(url: str, server: Server) -> None:
    """Raises Conflict (database.not-empty), ServiceDown (database.unavailable), SetupWrong."""
    if is_sqlite(url):
        target = Path(str(sa.make_url(url).database))
        if target.exists():
            raise Conflict(Code.DATABASE_NOT_EMPTY, where=target.name)
    elif _has_tables(url, server):
        raise Conflict(Code.DATABASE_NOT_EMPTY, where="gateway.database")


def put_back(url: str, server: Server, file: Path) -> None:
    """A database that is not there, or in which nothing is, becomes what the file holds.

    Raises as `check_empty` does; ServiceDown (storage.full), SetupWrong (database.program-missing).
    """
    check_empty(url, server)
    if is_sqlite(url):
        target = Path(str(sa.make_url(url).database))
        sqlite.create_file(target)
        _copy(file, target)
        return
    _run(
        ["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(file)],
        url,
        server,
    )


def _copy(source: Path, target: Path) -> None:
    """In one step: whoever writes meanwhile is neither held up nor seen (the source is in WAL mode)."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as out,
            contextlib.closing(sqlite3.connect(target)) as into,
        ):
            out.backup(into)
    except sqlite3.Error as error:
        raise _sqlite_problem(error) from None


def _sqlite_problem(error: sqlite3.Error) -> Problem:
    if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
        return ServiceDown(Code.STORAGE_FULL)
    return ServiceDown(Code.DATABASE_UNAVAILABLE, result=error.sqlite_errorname)


def _has_tables(url: str, server: Server) -> bool:
    from gateway.store import postgresql

    engine = postgresql.engines(sa.make_url(url), server).reading
    try:
        with engine.connect() as connection:
            return bool(sa.inspect(connection).get_table_names())
    except sa.exc.DBAPIError as error:
        raise postgresql.problem_of(error) or ServiceDown(Code.DATABASE_UNAVAILABLE) from None
    finally:
        engine.dispose()


def _run(command: Sequence[str], url: str, server: Server) -> None:
    """One of PostgreSQL's programs. What it says may quote rows, so that its status is all that is told."""
    from gateway.store import postgresql

    uri, password = postgresql.as_libpq(sa.make_url(url), server)
    environment: Mapping[str, str] = os.environ if password is None else {**os.environ, _PASSWORD: password}
    program, *arguments = command
    try:
        done = subprocess.run(  # noqa: S603  (our own arguments)
            [program, f"--dbname={uri}", "--no-password", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise SetupWrong(Code.DATABASE_PROGRAM_MISSING, where=program) from None
    if done.returncode != 0:
        full = b"No space left on device" in done.stderr
        raise ServiceDown(
            Code.STORAGE_FULL if full else Code.DATABASE_UNAVAILABLE, result=f"{program} {done.returncode}"
        )
