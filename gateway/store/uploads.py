"""Uploads as rows. See `gateway.ports.uploads.Uploads` for the contract."""

from functools import cache

import sqlalchemy as sa

from gateway.domain.parties import ExchangeKind
from gateway.ports.uploads import Upload
from gateway.store.tables.upload import uploads
from gateway.store.upsert import Insert, replace_in

_FIND = sa.select(uploads).where(uploads.c.token == sa.bindparam("b_token"))


@cache
def _keep(dialect: str) -> Insert:
    return replace_in(uploads, dialect, key=("token",))


class SqlUploads:
    """`Uploads` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def keep(self, upload: Upload) -> None:
        """In place of the one that a try before kept."""
        values = vars(upload) | {"exchange": upload.exchange.value}
        self._connection.execute(_keep(self._connection.dialect.name), values)

    def find(self, token: str) -> Upload | None:
        """None: nothing left us under that token."""
        row = self._connection.execute(_FIND, {"b_token": token}).one_or_none()
        return None if row is None else Upload(**{**row._mapping, "exchange": ExchangeKind(row.exchange)})
