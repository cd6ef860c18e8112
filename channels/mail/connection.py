"""One SMTP connection: opened, protected, introduced, then used for one message after another.

aiosmtplib opens it and speaks the commands. The message itself is written here, so that the moment its ending dot
leaves is known: the library writes both in one piece.
"""

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from channels.mail.classification import NotOffered, Reply, Stage, of_reply
from channels.mail.server import MailServer, Tls
from gateway.domain.addresses import MailAddress
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import Refused
from gateway.domain.reasons import Reason
from gateway.domain.reference import SendingToken

_CHUNK = 256 * 1024  # octets written between two looks at the other connections
_MOST_MESSAGES = 100  # what Postfix, too, serves from one process
_CLOSING = 421
_DONE, _GO_ON = 2, 3  # the first digits of the replies that are awaited (RFC 5321 §4.2.1)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message for one recipient. `reference` is its Message-ID in angle brackets; `tracked`: whether reports of its
    delivery are asked for (RFC 3461), and `sending` the number of the try that they then give back."""

    sender: MailAddress
    recipient: MailAddress
    reference: str
    content: bytes
    tracked: bool = True
    sending: int = 1


@dataclass
class Progress:
    """How far one send got, readable when it broke off."""

    stage: Stage = Stage.CONNECT


class Stale(Exception):  # noqa: N818
    """A connection that had been used before was closed by the server before this message was begun."""


@dataclass
class Connection:
    """An open connection. Not for two messages at a time."""

    client: aiosmtplib.SMTP
    protocol: SMTPProtocol
    writer: asyncio.StreamWriter
    idle_since: float = 0.0
    messages: int = 0
    _unfinished: bool = field(default=False, repr=False)
    _spent: bool = field(default=False, repr=False)

    @classmethod
    async def open(cls, server: MailServer, progress: Progress) -> Self:
        """Connects, protects and logs in. Raises SMTPException and OSError, with the stage left in `progress`."""
        connected = await _connect(server.host, server.port)
        client = aiosmtplib.SMTP(
            hostname=server.name,
            sock=connected,
            local_hostname=server.ehlo_name or _address_literal(connected),
            timeout=None,  # the channel's own limit rules
            use_tls=server.tls is Tls.IMPLICIT,
            start_tls=False,
            tls_context=server.context,
        )
        try:
            await client.connect()
            await _introduce(client, server, progress)
        except BaseException:
            client.close()
            raise
        protocol = client.protocol
        if protocol is None or protocol.transport is None:
            raise aiosmtplib.SMTPServerDisconnected("closed while being opened")
        return cls(client, protocol, _flow_controlled(protocol, protocol.transport))

    @property
    def fit(self) -> bool:
        """Whether another message may be sent through it."""
        return self.client.is_connected and not self._spent and self.messages < _MOST_MESSAGES

    async def deliver(self, letter: Letter, progress: Progress) -> AttemptResult:
        """Hands one message over. Raises SMTPException and OSError when the conversation breaks off, and `Stale`."""
        progress.stage = Stage.MAIL
        extensions = self.client.esmtp_extensions
        limit = extensions.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < len(letter.content):
            return Refused(reason=Reason.MESSAGE_TOO_LARGE)
        dsn = letter.tracked and "dsn" in extensions
        reply = await self._begin(letter, sized="size" in extensions, dsn=dsn)
        if reply.kind == _DONE:
            progress.stage = Stage.RCPT
            reply = await self._command(_DONE, b"RCPT", *_rcpt(letter, dsn=dsn))
        if reply.kind == _DONE:
            progress.stage = Stage.DATA
            reply = await self._command(_GO_ON, b"DATA")
        if reply.kind != _GO_ON or progress.stage is not Stage.DATA:
            self._unfinished = True
            return of_reply(progress.stage, reply)
        await self._write(letter.content, progress)
        reply = self._seen(_DONE, Reply(*await self.protocol.read_response()))
        self.messages += 1
        if reply.kind == _DONE:
            return HandedOver(words=reply.words, dsn_asked=dsn)
        return of_reply(progress.stage, reply)

    async def _begin(self, letter: Letter, *, sized: bool, dsn: bool) -> Reply:
        """MAIL, after RSET where the last message was left half-way. Nothing of this message is there before."""
        used = self.messages > 0 or self._unfinished
        try:
            if self._unfinished:
                await self._command(_DONE, b"RSET")
                self._unfinished = False
            reply = await self._command(_DONE, b"MAIL", *_mail(letter, sized=sized, dsn=dsn))
        except OSError as lost:
            if used:
                raise Stale from lost
            raise
        if used and reply.code == _CLOSING:
            raise Stale
        return reply

    async def _write(self, content: bytes, progress: Progress) -> None:
        """The message and its ending dot (RFC 5321 §4.5.2). The dot waits until all before it has left this process."""
        progress.stage = Stage.CONTENT
        stuffed = _dot_stuffed(content)
        for start in range(0, len(stuffed), _CHUNK):
            self.protocol.write(stuffed[start : start + _CHUNK])
            await self.writer.drain()
        await asyncio.sleep(0)  # a connection that was closed meanwhile is seen before the dot, not after
        if not self.protocol.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("closed while the message was being written")
        progress.stage = Stage.END
        self.protocol.write(b".\r\n")

    async def _command(self, awaited: int, *words: bytes) -> Reply:
        return self._seen(awaited, Reply(*await self.client.execute_command(*words)))

    def _seen(self, awaited: int, reply: Reply) -> Reply:
        """Marks the connection as spent where the server closes it or its answers no longer fit the commands."""
        self._spent = self._spent or reply.code == _CLOSING or reply.kind not in {awaited, 4, 5}
        return reply

    def drop(self) -> None:
        """Ends the connection at once, whatever is still unwritten."""
        if self.protocol.transport is not None:
            self.writer.transport.abort()
        self.client.close()

    def leave(self) -> None:
        """Takes leave without waiting for the answer: what the last message came to is known and must not wait."""
        with suppress(OSError):
            self.protocol.write(b"QUIT\r\n")
        self.client.close()

    async def quit(self) -> None:
        """Takes leave, and waits for the server to do so. Raises SMTPException and OSError."""
        await self.client.quit()


async def _introduce(client: aiosmtplib.SMTP, server: MailServer, progress: Progress) -> None:
    await client.ehlo()
    if server.tls is Tls.STARTTLS:
        progress.stage = Stage.TLS
        if not client.supports_extension("starttls"):
            raise NotOffered("STARTTLS")
        await client.starttls()
        await client.ehlo()
    if server.username:
        progress.stage = Stage.AUTHENTICATION
        await _log_in(client, server)


async def _log_in(client: aiosmtplib.SMTP, server: MailServer) -> None:
    """AUTH with the first mechanism offered of those that fit a protected connection (RFC 4954)."""
    if "plain" in client.server_auth_methods:
        await client.auth_plain(server.username, server.password)
    elif "login" in client.server_auth_methods:
        await client.auth_login(server.username, server.password)
    else:
        raise NotOffered("AUTH PLAIN, AUTH LOGIN")


async def _connect(host: str, port: int) -> socket.socket:
    """A connected socket to the first address that answers. Raises OSError."""
    loop = asyncio.get_running_loop()
    failure = OSError("no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        candidate = socket.socket(family, kind, protocol)
        candidate.setblocking(False)  # noqa: FBT003
        try:
            await loop.sock_connect(candidate, address)
        except OSError as error:
            candidate.close()
            failure = error
        except BaseException:
            candidate.close()
            raise
        else:
            return candidate
    raise failure


def _address_literal(connected: socket.socket) -> str:
    """Our side of the connection as RFC 5321 §4.1.3 writes it."""
    address = connected.getsockname()[0]
    return f"[IPv6:{address}]" if connected.family == socket.AF_INET6 else f"[{address}]"


def _flow_controlled(protocol: SMTPProtocol, transport: asyncio.BaseTransport) -> asyncio.StreamWriter:
    """A writer whose `drain` returns when all that was written has left this process."""
    if not isinstance(transport, asyncio.WriteTransport):
        raise TypeError("no transport to write to")
    transport.set_write_buffer_limits(high=1, low=0)  # with 0 for both, asyncio's TLS transport never resumes
    return asyncio.StreamWriter(transport, protocol, None, asyncio.get_running_loop())


def _mail(letter: Letter, *, sized: bool, dsn: bool) -> list[bytes]:
    words = [f"FROM:<{letter.sender}>"]
    if sized:
        words.append(f"SIZE={len(letter.content)}")
    if dsn:
        words += ["RET=HDRS", f"ENVID={xtext(str(SendingToken.of(letter.reference, letter.sending)))}"]
    return [word.encode("ascii") for word in words]


def _rcpt(letter: Letter, *, dsn: bool) -> list[bytes]:
    words = [f"TO:<{letter.recipient}>"]
    if dsn:
        words += ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{xtext(str(letter.recipient))}"]
    return [word.encode("ascii") for word in words]


def xtext(text: str) -> str:
    """ASCII text as a DSN parameter value: `+`, `=` and all outside `!`…`~` as `+` and two hex digits (RFC 3461 §4)."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)


def _dot_stuffed(content: bytes) -> bytes:
    """`content` with a second dot wherever a line begins with one. What this channel composes has none."""
    if content.startswith(b"."):
        content = b"." + content
    return content.replace(b"\r\n.", b"\r\n..") if b"\r\n." in content else content
