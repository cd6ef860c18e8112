"""Puts a file into a folder of somebody else's: under a temporary name first, then under its own, whole or not at all.

What lies under the temporary name from an earlier try is read back and compared; where it begins as ours does it is
gone on with, and else begun anew. Whoever watches the folder sees the name appear when all is there.
"""

import posixpath
from contextlib import suppress
from dataclasses import dataclass

import asyncssh

from channels.sftp.connection import octets
from channels.sftp.faults import FAULTS, SftpError, SftpFault, of_speaking
from gateway.domain.digest import sha256

UNFINISHED = ".part"
SUM = ".sha256"
_BLOCK = 262_144
"""Bytes compared or written at a time."""


@dataclass
class Progress:
    """How far it came. `renaming`: the file may bear its own name. `resumed`: bytes that lay there and were ours."""

    renaming: bool = False
    resumed: int = 0


@dataclass(frozen=True, kw_only=True)
class SftpFile:
    """What is put there, and under which name."""

    folder: str
    name: str
    content: bytes

    @property
    def path(self) -> str:
        """Where it comes to lie."""
        return posixpath.join(self.folder, self.name)

    @property
    def sum_line(self) -> bytes:
        """What `sha256sum -c` reads."""
        return f"{sha256(self.content).removeprefix('sha256:')}  {self.name}\n".encode()


async def put(client: asyncssh.SFTPClient, file: SftpFile, progress: Progress) -> None:
    """Puts it there, its checksum beside it. The same file again changes nothing. Raises SftpError."""
    try:
        if await stands(client, file):
            return
        await _write(client, file, progress)
        await _put_sum(client, file)
        progress.renaming = True
        await client.rename(file.path + UNFINISHED, file.path)  # of SFTP: it replaces nothing
    except FAULTS as error:
        raise await _told(client, file, of_speaking(error)) from None


async def stands(client: asyncssh.SFTPClient, file: SftpFile) -> bool:
    """Whether it lies there under its own name, byte for byte. Raises SftpError (differs), and what asyncssh raises."""
    size = await _size(client, file.path)
    if size is None:
        return False
    if size != len(file.content) or await _equal(client, file.path, file.content) != size:
        raise SftpError(SftpFault.DIFFERS)
    return True


async def lies(client: asyncssh.SFTPClient, path: str, size: int, digest: str) -> bool | None:
    """Whether a file of that size and digest lies there: False where it surely does not, since it is unfinished;
    None where nothing is there, and it may have been taken away. Raises SftpError."""
    try:
        have = await _size(client, path)
        if have is None:
            return None if await _size(client, path + UNFINISHED) is None else False
        if have == size:
            async with client.open(path, "rb") as there:
                if sha256(await octets(there, size + 1, 0)) == digest:
                    return True
        raise SftpError(SftpFault.DIFFERS)
    except FAULTS as error:
        raise of_speaking(error) from None


async def take_away(client: asyncssh.SFTPClient, path: str) -> bool:
    """Removes the file, what is there of it unfinished, and its checksum: whether any of the file was there. Raises
    SftpError."""
    found = False
    try:
        for one in (path, path + UNFINISHED, path + SUM):
            with suppress(asyncssh.SFTPNoSuchFile):
                await client.remove(one)
                found = found or not one.endswith(SUM)
    except FAULTS as error:
        raise of_speaking(error) from None
    return found


async def _write(client: asyncssh.SFTPClient, file: SftpFile, progress: Progress) -> None:
    path, content = file.path + UNFINISHED, file.content
    have = await _size(client, path)
    ours = await _equal(client, path, content) if have is not None and have <= len(content) else 0
    progress.resumed = ours if ours == have else 0
    async with client.open(path, "r+b" if progress.resumed else "wb") as there:
        for start in range(progress.resumed, len(content), _BLOCK):
            await there.write(content[start : start + _BLOCK], start)
        await _settle(there)
    if await _size(client, path) != len(content):
        raise SftpError(SftpFault.FAILED)


async def _settle(there: asyncssh.SFTPClientFile) -> None:
    """On the server's disk, where it can say so."""
    try:
        await there.fsync()
    except asyncssh.SFTPOpUnsupported:
        return


async def _put_sum(client: asyncssh.SFTPClient, file: SftpFile) -> None:
    """Before the file itself: whoever sees that can check it."""
    async with client.open(file.path + SUM, "wb") as there:
        await there.write(file.sum_line)


async def _size(client: asyncssh.SFTPClient, path: str) -> int | None:
    """None where there is no such file."""
    try:
        return (await client.lstat(path)).size or 0
    except asyncssh.SFTPNoSuchFile:
        return None


async def _equal(client: asyncssh.SFTPClient, path: str, content: bytes) -> int:
    """How many bytes lie there, if all of them are the beginning of ours; else 0."""
    at = 0
    async with client.open(path, "rb") as there:
        while block := await octets(there, _BLOCK, at):
            if block != content[at : at + len(block)]:
                return 0
            at += len(block)
    return at


async def _told(client: asyncssh.SFTPClient, file: SftpFile, error: SftpError) -> SftpError:
    """The error, with what the server's disk says of a refusal without a reason."""
    if error.fault is not SftpFault.FAILED:
        return error
    try:
        disk = await client.statvfs(file.folder)
    except FAULTS:
        return error
    room = (disk.bavail or 0) * (disk.frsize or 0)
    return SftpError(SftpFault.FULL, error.words) if room < len(file.content) else error
