"""Exchanges by SFTP for tests."""

import json
from pathlib import Path

from channels.secure_upload.by_sftp import SftpExchanges
from channels.secure_upload.channel import SecureUpload
from channels.secure_upload.others_file import Others, read_others
from channels.sftp.settings import SftpPlace
from gateway.domain.parties import ExchangeKind, RecipientChannel
from gateway.ports.uploads import Upload
from tests.channels.exchange import FakeExchange
from tests.channels.uploads import FolderThatFails, connect, upload_settings
from tests.real.sshd import Sshd

ACCOUNT = "cbsa-gta"
WAY = RecipientChannel(type="secure-upload", account=ACCOUNT, exchange=ExchangeKind.SFTP)


class UploadsInMemory:
    """`gateway.ports.uploads.Uploads` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Upload] = {}

    def keep(self, upload: Upload) -> None:
        """See `Uploads`."""
        self.kept[upload.token] = upload

    def find(self, token: str) -> Upload | None:
        """See `Uploads`."""
        return self.kept.get(token)


def exchanges_file(server: Sshd, **changes: object) -> str:
    """The file of exchanges that names the server's account, changed as said."""
    table: dict[str, object] = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": server.user,
        "key_file": str(server.client_key),
        "host_keys": [server.host_key],
        "machine": "recipient",
        "folder": "inbox",
        "receipts": "receipts",
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in (table | changes).items() if value is not None]
    return "\n".join([f"[sftp.{ACCOUNT}]", *lines, ""])


def others(at: Path, server: Sshd, **changes: object) -> Others:
    """The same, as it is read."""
    (at / "exchanges.toml").write_text(exchanges_file(server, **changes))
    return read_others(at, "exchanges.toml")


def channel(
    place: SftpPlace, uploads: UploadsInMemory, time_limit: str = "20s", max_message: str = "100MB"
) -> SecureUpload:
    """The channel with one account of others."""
    settings = upload_settings(time_limit=time_limit, max_message=max_message)
    exchanges = {ExchangeKind.SFTP: SftpExchanges({ACCOUNT: place}, uploads, settings.time_limit)}
    return SecureUpload(settings, FakeExchange(), connect(FolderThatFails()), exchanges, uploads)
