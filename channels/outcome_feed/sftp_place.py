"""A folder at the receiver's server, reached by SFTP."""

from contextlib import suppress

import asyncssh

from channels.sftp.faults import SftpError, SftpFault
from channels.sftp.link import SftpLink, make_folder, move, write
from gateway.ports.feed import Put

_WHERE = "feed.server"


class FeedSftp:
    """Implements `gateway.ports.feed.FeedPlace`. Only `outcomes` in the account's folder is made."""

    def __init__(self, link: SftpLink) -> None:
        self._link = link

    def put(self, name: str, content: bytes) -> Put:
        """See `FeedPlace`. Under its own name it appears by a rename: only who asked for that and got no answer does
        not know."""
        path, renaming = self._link.path("outcomes", name), False

        async def put(client: asyncssh.SFTPClient) -> None:
            nonlocal renaming
            await make_folder(client, self._link.path("outcomes"))
            await write(client, f"{path}.part", content)
            renaming = True
            await move(client, f"{path}.part", path)

        try:
            self._link.ask(put)
        except SftpError as error:
            if renaming and error.fault is SftpFault.CUT:
                return Put.UNKNOWN
            raise error.problem(_WHERE) from None
        finally:
            self._link.close()
        return Put.THERE

    def holds(self, name: str, size: int) -> bool:
        """See `FeedPlace`."""
        path = self._link.path("outcomes", name)

        async def look(client: asyncssh.SFTPClient) -> bool:
            with suppress(asyncssh.SFTPNoSuchFile):
                return (await client.lstat(path)).size == size
            return False

        try:
            return self._link.ask(look)
        except SftpError as error:
            raise error.problem(_WHERE) from None
        finally:
            self._link.close()
