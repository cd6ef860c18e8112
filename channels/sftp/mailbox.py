"""A folder at a server, into which others put files for us: looked into again and again."""

import asyncio
import datetime as dt
import posixpath
import stat
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import asyncssh

from channels.sftp.connection import connected, octets
from channels.sftp.faults import FAULTS, SftpError, of_speaking
from channels.sftp.settings import SftpPlace
from gateway import event_loop
from gateway.ports.mailboxes import Arrival

_T = TypeVar("_T")
_UNFINISHED = (".tmp", ".part", ".filepart")
_ANSWER = 30.0
"""Seconds that one question may take."""
_SLICE = 0.5
"""Seconds between two looks at whether we are ending."""


class SftpMailbox:
    """`Mailbox` over the folder that the place names. Files are let go of by removing them: they are kept."""

    def __init__(self, name: str, place: SftpPlace) -> None:
        self._name = name
        self._place = place

    @property
    def name(self) -> str:
        """See `Mailbox`."""
        return self._name

    @contextmanager
    def visit(self) -> Iterator["_Visit"]:
        """Looks in, by one connection. Raises SetupWrong (sftp.*), ServiceDown (sftp.unavailable)."""
        with event_loop.runner() as runner:
            visit = _Visit(self._name, self._place, runner)
            opened = connected(self._place)
            visit.client = visit.ask(opened.__aenter__)
            try:
                visit.arrivals()
                yield visit
            finally:
                runner.run(opened.__aexit__(None, None, None))


class _Visit:
    """See `gateway.ports.mailboxes.Visit`."""

    client: asyncssh.SFTPClient

    def __init__(self, name: str, place: SftpPlace, runner: asyncio.Runner) -> None:
        self._name = name
        self._place = place
        self._runner = runner

    def arrivals(self) -> Sequence[Arrival]:
        """Whole files, the oldest first; what is no file of its own is not looked at."""
        found = [one for one in self.ask(self._listed) if _is_whole(one)]
        found.sort(key=lambda one: (one.attrs.mtime or 0, _name(one)))
        return [Arrival(name=_name(one), size=one.attrs.size or 0) for one in found]

    def read(self, arrival: Arrival, limit: int) -> bytes | None:
        """See `Visit`."""

        async def take() -> bytes | None:
            try:
                async with self.client.open(self._path(arrival), "rb") as file:
                    return await octets(file, limit + 1)
            except asyncssh.SFTPNoSuchFile:
                return None

        return self.ask(take)

    def let_go(self, arrival: Arrival) -> None:
        """Removes it: what it held is sealed."""

        async def remove() -> None:
            try:
                await self.client.remove(self._path(arrival))
            except asyncssh.SFTPNoSuchFile:
                return

        self.ask(remove)

    def wait(self, limit: dt.timedelta, ending: Callable[[], bool]) -> None:
        """For that long: SFTP tells of nothing that comes."""
        end = time.monotonic() + limit.total_seconds()
        while time.monotonic() < end and not ending():
            time.sleep(min(_SLICE, max(0.0, end - time.monotonic())))

    def ask(self, question: Callable[[], Awaitable[_T]]) -> _T:
        """The answer. Raises SetupWrong, ServiceDown."""
        try:
            return self._runner.run(_in_time(question))
        except SftpError as error:
            raise error.problem(self._name) from None
        except FAULTS as error:
            raise of_speaking(error).problem(self._name) from None

    async def _listed(self) -> Sequence[asyncssh.SFTPName]:
        return [one async for one in self.client.scandir(self._place.folder)]

    def _path(self, arrival: Arrival) -> str:
        return posixpath.join(self._place.folder, arrival.name)


async def _in_time(question: Callable[[], Awaitable[_T]]) -> _T:
    async with asyncio.timeout(_ANSWER):
        return await question()


def _name(one: asyncssh.SFTPName) -> str:
    return one.filename if isinstance(one.filename, str) else one.filename.decode("utf-8", "replace")


def _is_whole(one: asyncssh.SFTPName) -> bool:
    name = _name(one)
    return not name.startswith(".") and not name.endswith(_UNFINISHED) and stat.S_ISREG(one.attrs.permissions or 0)
