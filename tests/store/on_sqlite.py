"""The fixture of the suites that run on SQLite. PostgreSQL's joins beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.engine import SqlDatabase
from tests.migrated import database_in


def url_in(folder: Path) -> str:
    """The URL of a database file in the folder."""
    return f"sqlite:///{folder / 'gateway.db'}"


class OnSqlite:
    """Brings an empty database in a file."""

    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[SqlDatabase]:
        """Empty, of the shape this release knows."""
        database = SqlDatabase(database_in(tmp_path))
        yield database
        database.close()
