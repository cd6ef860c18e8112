"""Uploads to exchanges of others, kept in the database for the channel that makes them."""

from gateway.ports.database import Database
from gateway.ports.uploads import Upload


class KeptUploads:
    """`gateway.ports.uploads.Uploads`, each call a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, upload: Upload) -> None:
        """See `Uploads`."""
        with self._database.write() as tx:
            tx.uploads.keep(upload)

    def find(self, token: str) -> Upload | None:
        """See `Uploads`."""
        with self._database.read() as tx:
            return tx.uploads.find(token)
