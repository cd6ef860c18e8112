"""The connection that an answer goes out by: how much of it has reached the other end, and how long it may be silent.

That a part was written says only that this machine's kernel has it: a document of some megabytes may be there whole
when its reader breaks off. What the other end's own machine confirmed has reached it; behind a proxy, the proxy.
"""

import asyncio
import fcntl
import socket
import struct
import termios
from collections.abc import AsyncIterator, Iterator
from typing import Any

import h11
from anyio import CancelScope
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

MOST = 512
"""Connections at once: half of the 1,024 files that a process may commonly have open."""
SEND_BUFFER = 262_144
"""Bytes that the kernel holds of an answer (it doubles what it is told): what is not confirmed yet is no more."""
STALLED = 60.0
"""Seconds after which a reader who takes nothing more of what is on its way is gone."""
HEAD = 20.0
"""Seconds in which a request's head must have come, from its first byte or from the connection's beginning."""
BODY = 30.0
"""Seconds in which a request's body must have come, or more of it."""
LEAST_RATE = 500
"""Bytes a second that a body which takes longer must come with on the whole (mod_reqtimeout of Apache asks as much)."""

_STATE = "connection"
_SOON, _LATER = 0.005, 0.25
_WAS_RESET = 7
"""`tcpi_state` of a connection that was reset: TCP_CLOSE (linux/tcp_states.h)."""


class PatientProtocol(H11Protocol):
    """uvicorn's own, which tells each request by which connection it came, and waits for none for ever."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, _STATE: self}, _loop)
        self._ends: asyncio.TimerHandle | None = None
        self._begun_at = self._heard_at = 0.0
        self._heard = 0
        self._had_all = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See uvicorn. One too many is dropped before anything of it is read."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.abort()
        else:
            self._begin()

    def data_received(self, data: bytes) -> None:
        """See uvicorn."""
        super().data_received(data)
        if not self._is_unfinished:
            self._stop()
            return
        if self._ends is None:
            self._begin()
        self._heard += len(data)
        self._heard_at = self.loop.time()

    def eof_received(self) -> None:
        """See uvicorn: who has all may hang up before anybody asks whether it arrived."""
        self._had_all = self._on_its_way() == 0
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """See uvicorn."""
        self._stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (uvicorn's own words)
        """What is no request gets no word of why, and no other headers than a page has."""
        self._stop()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.write(
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nCache-Control: no-store\r\n"
                b"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
            )
        self.transport.close()

    @property
    def is_over(self) -> bool:
        """Whether nothing that is written from now on arrives."""
        return self.transport.is_closing()

    async def arrived(self) -> bool:
        """Whether all that was written was confirmed: waits for it. False where the other end went away before, or
        confirms nothing more: then the connection ends."""
        moved_at, wait, left = self.loop.time(), _SOON, self._on_its_way()
        while left and not self.is_over:
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LATER)
            before, left = left, self._on_its_way()
            if left < before:
                moved_at = self.loop.time()
            elif self.loop.time() > moved_at + STALLED:
                self._break_off()
        return self._had_all or not self.is_over

    def _break_off(self) -> None:
        """At once, and what the kernel holds goes nowhere: nobody gets what is recorded as not taken."""
        end = self.transport.get_extra_info("socket")
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _on_its_way(self) -> int:
        """Bytes that were written and not confirmed. The kernel forgets those of a connection that was reset, which
        therefore counts as one that is never confirmed."""
        end = self.transport.get_extra_info("socket")
        if self.is_over:
            return 0
        (queued,) = struct.unpack("i", fcntl.ioctl(end.fileno(), termios.TIOCOUTQ, bytes(4)))
        if end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _WAS_RESET:
            return 1
        return int(self.transport.get_write_buffer_size() + queued)

    @property
    def _is_unfinished(self) -> bool:
        """Whether a request has begun and is not all here."""
        state = self.conn.their_state
        return state is h11.SEND_BODY or (state is h11.IDLE and bool(self.conn.trailing_data[0]))

    def _begin(self) -> None:
        self._begun_at = self._heard_at = self.loop.time()
        self._heard = 0
        self._ends = self.loop.call_later(min(HEAD, BODY), self._look)

    def _stop(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    def _look(self) -> None:
        """Ends what comes too slowly; where it is us who read no further, the other end has its time anew."""
        now = self.loop.time()
        if self.flow.read_paused:
            self._begin()
            return
        until = self._begun_at + HEAD
        if self.conn.their_state is h11.SEND_BODY:
            until = min(self._begun_at + BODY + self._heard / LEAST_RATE, self._heard_at + BODY)
        if now < until:
            self._ends = self.loop.call_at(until, self._look)
        else:
            self.transport.abort()


async def arriving(request: Request, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The parts of an answer. After an empty one it goes on only once all before it arrived, and ends where it did not.

    No thread waits meanwhile. A caller in this process, which has no connection, has what it was given.
    """
    known = getattr(request.state, _STATE, None)
    asked = False
    while True:
        # Whoever has all may hang up at once: what they have is recorded all the same.
        with CancelScope(shield=True):
            if asked and isinstance(known, PatientProtocol) and not await known.arrived():
                return
            part = await run_in_threadpool(next, parts, None)
        if part is None or (part and isinstance(known, PatientProtocol) and known.is_over):
            return
        asked = not part
        if part:
            yield part
