"""An SMTP server that misbehaves on demand: one fault at one stage, everything else as RFC 5321 says.

It runs in the event loop of the test. `accepted` holds what it took responsibility for, so that a test can compare
what the server has with what the channel believes.
"""

import asyncio
import re
import ssl
import tempfile
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tests.real.certificates import Issued
from tests.real.ports import free_port


class At(StrEnum):
    """Where the fault strikes: in place of the answer to …"""

    GREETING = "greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    CONTENT = "content"
    """While the message comes in."""
    END = "end"
    """After the ending dot, before the answer."""
    QUIT = "QUIT"


class Do(StrEnum):
    """What the fault is. Anything else in a `Fault` is sent as it stands."""

    DROP = "drop"
    HANG = "hang"
    TAKE_AND_DROP = "take-and-drop"
    TAKE_AND_HANG = "take-and-hang"


@dataclass(frozen=True)
class Fault:
    """`do` (or the line to answer) at `at`, from the `after`-th time on that stage is reached (0: the first)."""

    at: At
    do: Do | str
    after: int = 0
    times: int = 1_000_000


@dataclass
class FaultyServer:
    """What the server offers, how it fails, and what it saw. `offers`: EHLO keywords besides STARTTLS."""

    offers: tuple[str, ...] = ("PIPELINING", "SIZE 20000000", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN")
    faults: tuple[Fault, ...] = ()
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    password: bytes = b""
    port: int = 0
    accepted: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    hangs: bool = False
    """Whether a session began to say nothing more."""
    _reached: dict[At, int] = field(default_factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def due(self, at: At) -> Do | str | None:
        """The fault that strikes now at that stage, if any."""
        count = self._reached.get(at, 0)
        self._reached[at] = count + 1
        return next(
            (fault.do for fault in self.faults if fault.at is at and fault.after <= count < fault.after + fault.times),
            None,
        )

    def reached(self, at: At) -> int:
        """How often a session came to that stage."""
        return self._reached.get(at, 0)

    def count(self, verb: str) -> int:
        """How often a command came."""
        return sum(1 for command in self.commands if command.upper().startswith(verb))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await _Session(self, reader, writer).run()
        except asyncio.CancelledError:
            writer.transport.abort()
        except (_Over, ConnectionError, ssl.SSLError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def stop(self) -> None:
        """Ends all sessions, the hanging ones too."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # aborted transports close in the loop's next rounds


class _Over(Exception):  # noqa: N818
    """The session ends here."""


class _Session:
    def __init__(self, server: FaultyServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.secure = server.implicit

    async def run(self) -> None:
        await self.answer(At.GREETING, "220 faulty.test ESMTP")
        while line := await self.reader.readline():
            command = line.decode("ascii", "replace").rstrip("\r\n")
            self.server.commands.append(command)
            await self.obey(command.partition(" ")[0].upper(), command)

    async def obey(self, verb: str, command: str) -> None:
        match verb:
            case "EHLO":
                await self.answer(At.EHLO, self.hello())
            case "STARTTLS":
                if await self.answer(At.STARTTLS, "220 go ahead"):
                    assert self.server.tls is not None
                    await self.writer.start_tls(self.server.tls)
                    self.secure = True
            case "AUTH":
                good = self.server.password and command.rsplit(maxsplit=1)[-1].encode() == self.server.password
                await self.answer(At.AUTH, "235 2.7.0 welcome" if good else "535 5.7.8 who are you")
            case "MAIL" | "RCPT":
                await self.answer(At(verb), "250 2.1.0 ok")
            case "DATA":
                if await self.answer(At.DATA, "354 go on"):
                    await self.take_message()
            case "QUIT":
                await self.answer(At.QUIT, "221 2.0.0 bye")
                raise _Over
            case _:
                await self.say("250 2.0.0 ok")

    def hello(self) -> str:
        offers = [*self.server.offers]
        if self.server.tls is not None and not self.secure:
            offers.append("STARTTLS")
        lines = ["faulty.test", *offers]
        return "\r\n".join(f"250{'-' if i < len(lines) - 1 else ' '}{line}" for i, line in enumerate(lines))

    async def take_message(self) -> None:
        if (fault := self.server.due(At.CONTENT)) is not None:
            await self.reader.read(1000)
            await self.strike(fault)
        content = bytearray()
        while not content.endswith(b"\r\n.\r\n"):
            piece = await self.reader.read(1 << 16)
            if not piece:
                raise _Over
            content += piece
        message = re.sub(rb"(?m)^\.\.", b".", bytes(content[:-3]))
        fault = self.server.due(At.END)
        if fault in {Do.TAKE_AND_DROP, Do.TAKE_AND_HANG} or fault is None or fault.startswith("2"):
            self.server.accepted.append(message)
        await (self.say("250 2.0.0 Ok: queued as 4F00") if fault is None else self.strike(fault))

    async def answer(self, at: At, line: str) -> bool:
        """The usual answer, or the fault that is due. Whether the usual sequel follows."""
        fault = self.server.due(at)
        await (self.say(line) if fault is None else self.strike(fault))
        return fault is None or fault.startswith(line[:3])

    async def strike(self, fault: Do | str) -> None:
        match fault:
            case Do.DROP | Do.TAKE_AND_DROP:
                self.writer.transport.abort()
                raise _Over
            case Do.HANG | Do.TAKE_AND_HANG:
                self.server.hangs = True
                await asyncio.Event().wait()
            case _:
                await self.say(fault)
                if fault.startswith("421"):
                    raise _Over

    async def say(self, line: str) -> None:
        self.writer.write(line.encode("utf-8", "surrogateescape") + b"\r\n")
        await self.writer.drain()


@asynccontextmanager
async def running(server: FaultyServer) -> AsyncGenerator[FaultyServer]:
    """The server on its loopback port, or a free one, while the block runs."""
    listener = await asyncio.start_server(
        server.serve, "127.0.0.1", server.port or free_port(), ssl=server.tls if server.implicit else None
    )
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        with suppress(ConnectionError):
            await server.stop()


@contextmanager
def in_thread(server: FaultyServer) -> Iterator[FaultyServer]:
    """The same on a thread of its own, for a gateway that does not share the test's event loop."""
    started, stop = threading.Event(), threading.Event()

    async def run() -> None:
        async with running(server):
            started.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert started.wait(60)
    try:
        yield server
    finally:
        stop.set()
        thread.join()


def server_context(issued: Issued) -> ssl.SSLContext:
    """A TLS context that shows the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = issued.write(Path(folder), "server")
        context.load_cert_chain(certificate, key)
    return context
