"""One account at a server, spoken to for as long as there is something to say, by code that waits for each answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import TypeVar

import asyncssh

from channels.sftp.connection import connected
from channels.sftp.faults import FAULTS, SftpError, SftpFault, of_speaking
from channels.sftp.settings import SftpPlace
from gateway import event_loop

_T = TypeVar("_T")
_ANSWER = 120.0
"""Seconds that one question may take: the largest package goes through it."""

REST = 30.0


class SftpLink:
    """Connects when it is first asked something, and anew after a fault. One thread at a time.

    rest: seconds for which a server that could not be connected to is left alone: who asks is told the same at once.
    """

    def __init__(self, place: SftpPlace, *, rest: float = REST) -> None:
        self._place = place
        self._rest = rest
        self._resting: tuple[float, SftpError] | None = None
        self._runner: asyncio.Runner | None = None
        self._opened: AbstractAsyncContextManager[asyncssh.SFTPClient] | None = None
        self._client: asyncssh.SFTPClient | None = None

    def path(self, *names: str) -> str:
        """Of something in the account's folder."""
        return "/".join((self._place.folder.rstrip("/") or "/", *names)).replace("//", "/")

    def ask(self, question: Callable[[asyncssh.SFTPClient], Awaitable[_T]]) -> _T:
        """The answer. Raises SftpError."""
        if self._resting is not None and time.monotonic() < self._resting[0]:
            raise self._resting[1]
        self._runner = self._runner or event_loop.runner()
        try:
            return self._runner.run(self._asked(question))
        except SftpError:
            self.close()
            raise
        except FAULTS as error:
            met = of_speaking(error)
            if met.fault is SftpFault.CUT:
                self.close()
            raise met from None

    def close(self) -> None:
        """Lets go of the connection."""
        own, opened = self._runner, self._opened
        self._runner = self._opened = self._client = None
        if own is not None:
            with own:  # which ends also where the leave-taking breaks off
                if opened is not None:
                    own.run(opened.__aexit__(None, None, None))

    async def _asked(self, question: Callable[[asyncssh.SFTPClient], Awaitable[_T]]) -> _T:
        if self._client is None:
            opened = connected(self._place)
            try:
                self._client = await opened.__aenter__()
            except SftpError as error:
                self._resting = time.monotonic() + self._rest, error
                raise
            self._opened = opened
        async with asyncio.timeout(_ANSWER):
            return await question(self._client)


async def move(client: asyncssh.SFTPClient, source: str, target: str) -> None:
    """In place of what lies there: at once where the server can, else after that is removed."""
    try:
        await client.posix_rename(source, target)
    except asyncssh.SFTPOpUnsupported:
        with suppress(asyncssh.SFTPNoSuchFile):
            await client.remove(target)
        await client.rename(source, target)


async def make_folder(client: asyncssh.SFTPClient, path: str) -> None:
    """Where there is none yet."""
    if not await client.isdir(path):
        await client.mkdir(path)


async def write(client: asyncssh.SFTPClient, path: str, content: bytes) -> None:
    """All of it, on the server's disk where it can say so. Raises SftpError (failed) where less lies there."""
    async with client.open(path, "wb") as file:
        await file.write(content)
        with suppress(asyncssh.SFTPOpUnsupported):
            await file.fsync()
    if (await client.lstat(path)).size != len(content):
        raise SftpError(SftpFault.FAILED)
