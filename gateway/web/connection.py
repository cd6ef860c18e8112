"""The connection that an answer goes out by: how much of it has reached the other end, and how long it may be silent.

That a part was written says only that this machine's kernel has it: a document of some megabytes may be there whole
when its reader breaks off. What the other end's own machine confirmed has reached it; behind a proxy, the proxy.
"""

import asyncio
import fcntl
import socket
import struct
import termios
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import Request
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

EXTENSION = "gateway.connection"
SEND_BUFFER = 262_144
"""Bytes that the kernel holds of an answer (it doubles what it is told): what is not confirmed yet is no more."""
PATIENCE = 60.0
"""Seconds in which what is in the buffers must be confirmed."""
HEAD = 20.0
"""Seconds in which a request's head must have come, from its first byte or from the connection's beginning."""
_LOOK = 0.005


class Connection:
    """One connection. The loop's thread tells it what happens; another one asks."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._socket: socket.socket = transport.get_extra_info("socket")
        self._over = False
        self._had_all = False

    def arrived(self) -> bool:
        """Whether all that was written was confirmed: waits for it. False where the other end went away before, or
        confirms nothing for too long."""
        ends = time.monotonic() + PATIENCE
        while not self._over:
            if self._waiting() == 0:
                return True
            if time.monotonic() > ends:
                return False
            time.sleep(_LOOK)
        return self._had_all

    def end(self, *, orderly: bool) -> None:
        """It is over. orderly: the other end said so, and did not just break off."""
        if not self._over:
            self._had_all = orderly and self._waiting() == 0
            self._over = True

    def _waiting(self) -> int:
        """Bytes that were written and not confirmed."""
        try:
            raw = fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        except (OSError, ValueError):  # closed at this moment
            return 1
        return self._transport.get_write_buffer_size() + int(struct.unpack("i", raw)[0])


class PatientProtocol(H11Protocol):
    """uvicorn's own, which tells each request by which connection it came, and waits for none for ever."""

    _known: Connection
    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See uvicorn."""
        super().connection_made(transport)
        self._known = Connection(transport)
        self.app = partial(_telling, self.app, self._known)
        self._head = self.loop.call_later(HEAD, transport.close)

    def data_received(self, data: bytes) -> None:
        """See uvicorn."""
        if self._head is None:
            self._head = self.loop.call_later(HEAD, self.transport.close)
        super().data_received(data)
        begun: RequestResponseCycle | None = self.cycle  # none before the first request
        if begun is not None and not begun.response_complete:
            self._head.cancel()
            self._head = None

    def eof_received(self) -> None:
        """See uvicorn."""
        self._known.end(orderly=True)
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """See uvicorn."""
        self._known.end(orderly=False)
        if self._head is not None:
            self._head.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (uvicorn's own words)
        """What is no request gets no word of why, and no other headers than a page has."""
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nCache-Control: no-store\r\n"
            b"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        )
        self.transport.close()


def arrived_by(request: Request) -> Callable[[], bool]:
    """What waits until all that was written of its answer has arrived, and says whether it did."""
    known = request.scope.get("extensions", {}).get(EXTENSION)
    return known.arrived if isinstance(known, Connection) else _unknown


def _unknown() -> bool:
    """Of what is spoken to without a connection, nothing more is known than that it took all."""
    return True


async def _telling(app: Any, known: Connection, scope: dict[str, Any], receive: Any, send: Any) -> None:
    scope["extensions"] = {**scope.get("extensions", {}), EXTENSION: known}
    await app(scope, receive, send)
