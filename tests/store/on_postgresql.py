"""The fixture of the suites that run on PostgreSQL."""

from collections.abc import Iterator

import pytest

from gateway.store.engine import SqlDatabase
from tests.real.postgresql import Postgresql


class OnPostgresql:
    """Brings an empty database on a real server."""

    @pytest.fixture
    def database(self, postgresql: Postgresql) -> Iterator[SqlDatabase]:
        """Empty, of the shape this release knows."""
        name = postgresql.create()
        database = SqlDatabase(postgresql.url(name), postgresql.server)
        yield database
        database.close()
        postgresql.drop(name)
