"""A drop folder at a server, laid out as one on this machine: `in`, `taken`, `out` and `refused`.

A rename into `taken` is the claim here as well. The time of a claim is ours; the server's clock says only
whether a file rests.
"""

import posixpath
import secrets
import stat
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

import asyncssh

from channels.sftp.connection import octets
from channels.sftp.faults import SftpError, SftpFault
from channels.sftp.link import SftpLink, make_folder, move, write
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.drop_folder import Dropped, in_turn

_T = TypeVar("_T")
_Candidate = tuple[str, str, int]
EVERY = 15.0
"""Seconds between two looks where the last found nothing."""
QUIET = 2.0
LEASE = 600.0
"""Seconds, as in a folder on this machine."""
_LONGEST_NAME = 160
_MARK = "~"


class SftpDropFolder:
    """Implements `gateway.ports.drop_folder.DropFolder`. The account's folder must be there: what is in it is made.

    endings: of the names that are taken. where: the setting that names the server.
    """

    def __init__(
        self,
        link: SftpLink,
        *,
        endings: Sequence[str],
        where: str,
        every: float = EVERY,
        quiet: float = QUIET,
        lease: float = LEASE,
    ) -> None:
        self._link = link
        self._endings = tuple(endings)
        self._where = where
        self._every = every
        self._quiet = quiet
        self._lease = lease
        self._next = 0.0

    def take(self, limit: int) -> Sequence[Dropped]:
        """See `DropFolder`. A server that had nothing, or is away, is left alone for a while."""
        if time.monotonic() < self._next:
            return ()
        self._next = time.monotonic() + self._every
        taken = self._ask(partial(self._take, limit))
        if taken:
            self._next = 0.0
        else:
            self._link.close()
        return taken

    def read(self, dropped: Dropped, limit: int) -> bytes:
        """See `DropFolder`."""

        async def read(client: asyncssh.SFTPClient) -> bytes:
            async with client.open(self._link.path("taken", dropped.place), "rb") as file:
                return await octets(file, limit + 1)

        try:
            return self._link.ask(read)
        except SftpError as error:
            denied = error.fault is SftpFault.DENIED
            raise InputRefused(Code.DROP_UNREADABLE) if denied else error.problem(self._where) from None

    def answer(self, dropped: Dropped, outcome: str, content: bytes) -> None:
        """See `DropFolder`."""
        draft = self._link.path("out", f".{secrets.token_hex(8)}")
        given = self._link.path("out", f"{dropped.name}.{outcome}.json")
        other = "refused" if outcome == "accepted" else "accepted"

        async def put(client: asyncssh.SFTPClient) -> None:
            await write(client, draft, content)
            with suppress(asyncssh.SFTPNoSuchFile):
                await client.remove(self._link.path("out", f"{dropped.name}.{other}.json"))
            await move(client, draft, given)

        self._ask(put)

    def let_go(self, dropped: Dropped) -> None:
        """See `DropFolder`."""

        async def remove(client: asyncssh.SFTPClient) -> None:
            with suppress(asyncssh.SFTPNoSuchFile):
                await client.remove(self._link.path("taken", dropped.place))

        self._ask(remove)

    def set_aside(self, dropped: Dropped) -> None:
        """See `DropFolder`."""
        place, aside = self._link.path("taken", dropped.place), self._link.path("refused", dropped.name)
        self._ask(lambda client: move(client, place, aside))

    def refused(self) -> int:
        """See `DropFolder`."""
        try:
            return len(self._ask(lambda client: _resting(client, self._link.path("refused"), float("inf"))))
        finally:
            self._link.close()

    def give_back(self, dropped: Dropped) -> None:
        """See `DropFolder`."""
        place = self._link.path("taken", dropped.place)
        again = self._link.path("taken", _placed(dropped.name, dropped.tries - 1))

        async def give(client: asyncssh.SFTPClient) -> None:
            await client.utime(place, (0, 0))
            await client.rename(place, again)

        self._ask(give)

    async def _take(self, limit: int, client: asyncssh.SFTPClient) -> Sequence[Dropped]:
        for name in ("in", "taken", "out", "refused"):
            await make_folder(client, self._link.path(name))
        taken: list[Dropped] = []
        for path, name, tries in in_turn(await self._left_behind(client), await self._arrived(client)):
            if len(taken) == limit:
                break
            dropped = await self._claim(client, path, name, tries)
            taken += [dropped] if dropped is not None else []
        return taken

    async def _arrived(self, client: asyncssh.SFTPClient) -> Sequence[_Candidate]:
        found = await _resting(client, self._link.path("in"), time.time() - self._quiet)
        ours = [one for one in found if one.endswith(self._endings) and not one.startswith(".")]
        return [(self._link.path("in", one), one, 0) for one in ours if len(one.encode()) <= _LONGEST_NAME]

    async def _left_behind(self, client: asyncssh.SFTPClient) -> Sequence[_Candidate]:
        found = await _resting(client, self._link.path("taken"), time.time() - self._lease)
        parts = [(one, *one.split(_MARK, maxsplit=2)[1:]) for one in found if one.count(_MARK) > 1]
        ours = [one for one in parts if one[1].isdecimal()]
        return [(self._link.path("taken", place), name, int(tries)) for place, tries, name in ours]

    async def _claim(self, client: asyncssh.SFTPClient, path: str, name: str, tries: int) -> Dropped | None:
        """None where another process was quicker."""
        place, now = _placed(name, tries + 1), time.time()
        try:
            await client.utime(path, (now, now))  # first: the lease runs from the moment the file lies there
            await client.rename(path, self._link.path("taken", place))
        except asyncssh.SFTPNoSuchFile:
            return None
        return Dropped(name=name, place=place, tries=tries + 1)

    def _ask(self, question: Callable[[asyncssh.SFTPClient], Awaitable[_T]]) -> _T:
        """Raises ServiceDown, SetupWrong (sftp.*)."""
        try:
            return self._link.ask(question)
        except SftpError as error:
            raise error.problem(self._where) from None


async def _resting(client: asyncssh.SFTPClient, folder: str, since: float) -> Sequence[str]:
    """Plain files that nobody has written to since, by name."""
    names: list[str] = []
    async for one in client.scandir(folder):
        plain = stat.S_ISREG(one.attrs.permissions or 0) and (one.attrs.mtime or 0) <= since
        if plain and isinstance(one.filename, str):
            names.append(posixpath.basename(one.filename))
    return sorted(names)


def _placed(name: str, tries: int) -> str:
    return f"{secrets.token_hex(8)}{_MARK}{tries}{_MARK}{name}"
