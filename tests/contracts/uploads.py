"""What every `Uploads` keeps to."""

from dataclasses import replace

from gateway.domain.digest import sha256
from gateway.domain.parties import ExchangeKind
from gateway.ports.database import Database
from gateway.ports.uploads import Upload

UPLOAD = Upload(
    token="0123456789abcdef0123456789abcdef",
    exchange=ExchangeKind.SFTP,
    account="counsel-12345p",
    digest=sha256(b"papers"),
    size=3_000_000_000,
    place="inbox/TC6-12345.zip",
)


class UploadsContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_the_upload_kept_last_under_a_token_is_found(self, database: Database) -> None:
        with database.write() as tx:
            assert tx.uploads.find(UPLOAD.token) is None
            tx.uploads.keep(UPLOAD)
            assert tx.uploads.find(UPLOAD.token) == UPLOAD
        moved = replace(UPLOAD, place="elsewhere", size=1)
        with database.write() as tx:
            tx.uploads.keep(moved)
        with database.read() as tx:
            assert tx.uploads.find(UPLOAD.token) == moved
            assert tx.uploads.find("another") is None
