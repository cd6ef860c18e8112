"""Settings of secure-upload for tests."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from channels.secure_upload.clerks_folder import FilesForClerk
from channels.secure_upload.connect import Connect
from channels.secure_upload.settings import SecureUploadSettings
from gateway.ports.exchange import PaperToLeave
from templates.clerks_texts import ClerksTextsFromCatalogue

URL = "http://127.0.0.1:8480/exchange"


def upload_settings(**changes: object) -> SecureUploadSettings:
    """Settings for a mail server without TLS on this machine, changed as said."""
    table = {"url": URL, "host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@tribunal.test"}
    return SecureUploadSettings.read(table | changes)


class FolderThatFails(FilesForClerk):
    """A clerk's folder that raises what it is told to, or never answers."""

    def __init__(self, fails: Exception | None = None) -> None:
        super().__init__(Path("/nowhere"))
        self._fails = fails

    async def lay_out(self, reference: str, papers: Sequence[PaperToLeave]) -> str:
        """See `ClerksFolder`."""
        if self._fails is not None:
            raise self._fails
        await asyncio.Event().wait()
        return reference


def connect(folder: FilesForClerk, max_message: int = 1_000_000_000) -> Connect:
    """Connect with the real texts."""
    return Connect(
        folder=folder, texts=ClerksTextsFromCatalogue(), max_message=max_message, max_conversation=20_000_000_000
    )
