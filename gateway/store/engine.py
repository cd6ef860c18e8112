"""The database behind `gateway.ports.database.Database`: transactions, and what their failures mean to a caller."""

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.store import schema
from gateway.store.engines import Engines, Server
from gateway.store.transaction import SqlTransaction
from gateway.store.wrapped_keys import WrappedKeys

_SQLITE, _POSTGRESQL = "sqlite", "postgresql"


class SqlDatabase:
    """`Database` over SQLAlchemy. Safe to use from several threads; a transaction belongs to the thread that opened it.

    url: `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql+psycopg://user@host/name`.
    """

    def __init__(self, url: str, server: Server = Server()) -> None:  # noqa: B008  (frozen)
        """Opens nothing yet.

        Raises SetupWrong (settings.invalid, settings.secret) when the URL names no database we can use.
        """
        self._engines = _engines(url, server)
        self._reading = self._engines.reading
        self._looking = self._engines.looking
        self._writing = self._engines.writing
        self._writers: set[int] = set()
        self._keys = WrappedKeys()

    @contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """A writing transaction. Raises ServiceDown (database.unavailable, database.connections, storage.full),
        SetupWrong (database.access).

        Writers of this process wait in line for a connection. One inside another would wait for itself: RuntimeError.
        """
        thread = threading.get_ident()
        if thread in self._writers:
            raise RuntimeError("a writing transaction inside another")
        with _problems(self._engines), self._writing.begin() as connection:
            self._writers.add(thread)
            try:
                transaction = SqlTransaction(connection, self._keys)
                yield transaction
                transaction.close()
            finally:
                self._writers.discard(thread)

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """A reading transaction over one consistent state; an attempt to write in it is refused by the database."""
        # Committed, though it wrote nothing: when one is taken back, psycopg forgets what the connection has prepared.
        with _problems(self._engines), self._reading.begin() as connection:
            yield SqlTransaction(connection, self._keys, writes=False)

    @contextmanager
    def look_up(self) -> Iterator[SqlTransaction]:
        """Statements by themselves, each over the state of its moment; see `gateway.ports.database.Database`."""
        with _problems(self._engines), self._looking.connect() as connection:
            connection.execution_options(**self._engines.alone)
            yield SqlTransaction(connection, self._keys, writes=False)

    def check(self) -> None:
        """Raises ServiceDown when it does not answer, SetupWrong (home.upgrade-needed) when its shape is not ours."""
        with _problems(self._engines), self._reading.begin() as connection:
            schema.check(connection)

    def close(self) -> None:
        """Closes connections; one that is in use, as soon as it is given back."""
        for engine in (self._reading, self._looking, self._writing):
            pool = engine.pool
            engine.dispose()
            sa.event.listen(pool, "checkin", _close)
            pool.dispose()  # what was given back meanwhile


def upgrade(url: str, server: Server = Server()) -> schema.Shape:  # noqa: B008  (frozen)
    """Brings the database to the shape this release knows; again: changes nothing. A file is made where there is none.

    Raises ServiceDown, SetupWrong (settings.invalid, settings.secret, database.access).
    """
    parsed = _parsed(url)
    on_sqlite = parsed.get_backend_name() == _SQLITE
    if on_sqlite:
        from gateway.store import sqlite

        sqlite.create_file(_file_of(parsed))
        engines = sqlite.upgrading(_file_of(parsed))
    else:
        # An index over millions of rows takes as long as it takes.
        engines = _engines(url, replace(server, statement_limit=dt.timedelta(0)))
    try:
        with _problems(engines), engines.writing.begin() as connection:
            shape = schema.upgrade(connection)
            if on_sqlite:
                sqlite.check_references(connection)
            return shape
    finally:
        engines.writing.dispose()


def _engines(url: str, server: Server) -> Engines:
    parsed = _parsed(url)
    # The driver of each is loaded only where it is used.
    if parsed.get_backend_name() == _SQLITE:
        from gateway.store import sqlite

        return sqlite.engines(_file_of(parsed))
    if parsed.get_backend_name() == _POSTGRESQL:
        from gateway.store import postgresql

        return postgresql.engines(parsed, server)
    raise SetupWrong(Code.SETTINGS_INVALID, where="gateway.database")


def _parsed(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise SetupWrong(Code.SETTINGS_INVALID, where="gateway.database") from error


def _file_of(url: sa.URL) -> Path:
    """The database file a URL names."""
    if url.database in {None, "", ":memory:"}:
        raise SetupWrong(Code.SETTINGS_INVALID, where="gateway.database")
    return Path(str(url.database))


def _close(connection: DBAPIConnection | None, _record: object) -> None:
    if connection is not None:
        connection.close()


@contextmanager
def _problems(engines: Engines) -> Iterator[None]:
    """Turns the database's failures into problems; what is a defect of ours passes through as it is."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise engines.none_free() from error
    except sa.exc.DBAPIError as error:
        problem = engines.problem_of(error)
        if problem is None:
            raise
        raise problem from error
