"""Warm connections: a new one costs a TLS handshake and four round trips, several at once hide the distance."""

import asyncio
import threading
from asyncio import AbstractEventLoop
from contextlib import suppress

from channels.mail.classification import Stage
from channels.mail.connection import Connection, Letter, Progress, Stale
from channels.mail.server import MailServer
from gateway.domain.delivery import AttemptResult

_IDLE_LIMIT = 20.0  # seconds after which a connection is replaced rather than tried
_LEAVE_LIMIT = 2.0  # seconds for taking leave of all


class Pool:
    """At most `connections` at a time within one event loop."""

    def __init__(self, server: MailServer, connections: int) -> None:
        self._server = server
        self._slots = asyncio.Semaphore(connections)
        self._warm: list[Connection] = []

    async def deliver(self, letter: Letter, progress: Progress) -> AttemptResult:
        """Through a warm connection, or a new one where there is none or the server had closed it meanwhile.

        Raises SMTPException, OSError and asyncio.CancelledError, with the stage left in `progress`.
        """
        async with self._slots:
            if (warm := self._take_warm()) is not None:
                with suppress(Stale):
                    return await self._use(warm, letter, progress)
            progress.stage = Stage.CONNECT
            return await self._use(await Connection.open(self._server, progress), letter, progress)

    async def close(self) -> None:
        """Takes leave of all warm connections."""
        leaving, self._warm = self._warm, []
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_LIMIT):
                await asyncio.gather(*(each.quit() for each in leaving), return_exceptions=True)
        for each in leaving:
            each.drop()

    def _take_warm(self) -> Connection | None:
        oldest = asyncio.get_running_loop().time() - _IDLE_LIMIT
        while self._warm:
            candidate = self._warm.pop()
            if candidate.fit and candidate.idle_since >= oldest:
                return candidate
            candidate.drop()
        return None

    async def _use(self, connection: Connection, letter: Letter, progress: Progress) -> AttemptResult:
        try:
            result = await connection.deliver(letter, progress)
        except BaseException:
            connection.drop()
            raise
        if connection.fit:
            connection.idle_since = asyncio.get_running_loop().time()
            self._warm.append(connection)
        else:
            connection.leave()
        return result


class Pools:
    """A pool for each event loop, since a connection belongs to the loop that opened it. Safe between threads."""

    def __init__(self, server: MailServer, connections: int) -> None:
        self._server = server
        self._connections = connections
        self._by_loop: dict[AbstractEventLoop, Pool] = {}
        self._lock = threading.Lock()

    def current(self) -> Pool:
        """The pool of the running loop."""
        loop = asyncio.get_running_loop()
        with self._lock:
            for ended in [each for each in self._by_loop if each.is_closed()]:
                del self._by_loop[ended]
            return self._by_loop.setdefault(loop, Pool(self._server, self._connections))

    async def close(self) -> None:
        """Takes leave of the connections of the running loop."""
        with self._lock:
            pool = self._by_loop.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()
