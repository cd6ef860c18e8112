"""The database behind `gateway.ports.database.Database`: transactions, and what their failures mean to a caller."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown, SetupWrong
from gateway.store import schema, sqlite
from gateway.store.transaction import SqlTransaction


class SqlDatabase:
    """`Database` over SQLAlchemy. Safe to use from several threads; a transaction belongs to the thread that opened it.

    url: `sqlite:///relative/path` or `sqlite:////absolute/path`.
    """

    def __init__(self, url: str) -> None:
        """Opens nothing yet. Raises SetupWrong (settings.invalid) when the URL names no database we can use."""
        engines = sqlite.engines(file_of(url))
        self._reading = engines.reading
        self._writing = engines.writing
        self._writer: int | None = None

    @contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """A writing transaction. Raises ServiceDown (database.unavailable, storage.full).

        Writers of this process wait in line. One inside another would wait for itself: RuntimeError.
        """
        if self._writer == threading.get_ident():
            raise RuntimeError("a writing transaction inside another")
        with _problems(), self._writing.begin() as connection:
            self._writer = threading.get_ident()
            try:
                yield SqlTransaction(connection)
            finally:
                self._writer = None

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """A reading transaction over one consistent state; an attempt to write in it is refused by the database."""
        with _problems(), self._reading.connect() as connection:
            yield SqlTransaction(connection)

    def check(self) -> None:
        """Raises ServiceDown when it does not answer, SetupWrong (home.upgrade-needed) when its shape is not ours."""
        with _problems(), self._reading.connect() as connection:
            schema.check(connection)

    def close(self) -> None:
        """Lets go of connections."""
        self._reading.dispose()
        self._writing.dispose()


def upgrade(url: str) -> None:
    """Brings the database to the shape this release knows, making it where there is none; again: changes nothing.

    Raises ServiceDown, SetupWrong (settings.invalid).
    """
    path = file_of(url)
    sqlite.create_file(path)
    engines = sqlite.engines(path)
    try:
        with _problems(), engines.writing.begin() as connection:
            schema.upgrade(connection)
    finally:
        engines.writing.dispose()


def file_of(url: str) -> Path:
    """The database file a URL names. Raises SetupWrong (settings.invalid)."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise SetupWrong(Code.SETTINGS_INVALID, where="gateway.database") from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise SetupWrong(Code.SETTINGS_INVALID, where="gateway.database")
    return Path(str(parsed.database))


@contextmanager
def _problems() -> Iterator[None]:
    """Turns the database's failures into problems; what is a defect of ours passes through as it is."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise ServiceDown(Code.DATABASE_UNAVAILABLE, result="writer-busy") from error
    except sa.exc.DBAPIError as error:
        problem = sqlite.problem_of(error)
        if problem is None:
            raise
        raise problem from error
