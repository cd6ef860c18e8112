"""A mail server that keeps every message it accepted, in memory, whatever becomes of those who send.

It is aiosmtpd with STARTTLS required: a real SMTP server, but one without DSN; the real Postfix is `postfix.py`.
"""

import asyncio
import email
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.real.certificates import Authority
from tests.real.ports import free_port

MAX_SIZE = 60_000_000


class MailSink:
    """A running sink. `ca`: the root its certificate comes from, PEM."""

    def __init__(self, port: int, ca: Path, latency: float = 0.0) -> None:
        self.port = port
        self.ca = ca
        self._latency = latency
        self._lock = threading.Lock()
        self._messages: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  (theirs)
        """Keeps the message, then says so."""
        await asyncio.sleep(self._latency)
        content = envelope.content
        with self._lock:
            self._messages.append(content if isinstance(content, bytes) else str(content).encode())
        return "250 2.0.0 Ok: kept"

    def messages(self) -> list[bytes]:
        """All messages, in order of arrival."""
        with self._lock:
            return list(self._messages)

    def message_ids(self) -> list[str]:
        """The Message-ID of each message, repeats included."""
        return [str(email.message_from_bytes(message)["Message-ID"]).strip() for message in self.messages()]


@contextmanager
def running_sink(latency: float = 0.0) -> Iterator[MailSink]:
    """A sink while the block runs. `latency`: seconds it takes over each message."""
    with tempfile.TemporaryDirectory(prefix="gw-sink-") as name:
        folder = Path(name)
        authority = Authority.root()
        certificate, key = authority.server("mx.gw.test").write(folder, "server")
        ca = folder / "ca.pem"
        ca.write_bytes(authority.own.pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        sink = MailSink(free_port(), ca, latency)
        controller = Controller(
            sink,
            hostname="127.0.0.1",
            port=sink.port,
            tls_context=context,
            require_starttls=True,
            data_size_limit=MAX_SIZE,
            ready_timeout=60.0,
        )
        controller.start()
        try:
            yield sink
        finally:
            controller.stop()
