"""A stand-in for a server of SFTP that behaves as a scene asks: OpenSSH's own never hangs or talks nonsense. What that
one does is tested against itself (`test_sftp.py`)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from channels.sftp.settings import SftpPlace

_USER = "tribunal"


@dataclass
class Behaviour:
    """lets_in: whether our key is taken. refuses: no folder may be written. renames: False hangs, None talks nonsense.
    renaming: set once a file is to get its name."""

    lets_in: bool = True
    refuses: bool = False
    renames: bool | None = True
    renaming: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def running(behaviour: Behaviour, root: Path) -> AsyncIterator[SftpPlace]:
    """The server while the block runs, with a new host key."""
    host, own = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    trusted = own if behaviour.lets_in else host
    files = _files(behaviour)
    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[host],
        authorized_client_keys=asyncssh.import_authorized_keys(trusted.export_public_key().decode()),
        sftp_factory=lambda channel: files(channel, chroot=bytes(root)),
    )
    try:
        yield SftpPlace(
            host="127.0.0.1",
            port=acceptor.get_port(),
            username=_USER,
            key=own,
            host_keys=(host.convert_to_public(),),
            folder=".",
        )
    finally:
        acceptor.close()


def _files(behaviour: Behaviour) -> type[asyncssh.SFTPServer]:
    class Files(asyncssh.SFTPServer):
        """What it does with files."""

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            if behaviour.refuses:
                raise asyncssh.SFTPPermissionDenied("not here")
            return super().open(path, pflags, attrs)

        async def rename(self, oldpath: bytes, newpath: bytes) -> None:
            behaviour.renaming.set()
            if behaviour.renames is None:
                raise asyncssh.SFTPError(250, "\x00?\ufffd")
            if not behaviour.renames:
                await asyncio.Event().wait()
            super().rename(oldpath, newpath)

    return Files
