"""The mail server of the demonstration: on a loopback port, TLS required, messages kept in memory.

It stands for the registry's own mail server. It knows no delivery reports (aiosmtpd refuses DSN parameters), so what
it takes shows as handed over and never as delivered.
"""

import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.demo.pki import Identity
from gateway.demo.ports import free_port
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
_TAKEN = "250 2.0.0 Ok: taken"


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message as it came: `content` byte for byte, and whether it came under TLS."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    protected: bool


class Mailbox:
    """Takes every message. Called on the server's own thread."""

    def __init__(self, on_message: Callable[[Received], None]) -> None:
        self.messages: list[Received] = []
        self._on_message = on_message

    async def handle_DATA(self, _server: "SMTP", session: "Session", envelope: "Envelope") -> str:  # noqa: N802
        """See aiosmtpd."""
        self.messages.append(
            Received(
                sender=str(envelope.mail_from),
                recipients=tuple(str(one) for one in envelope.rcpt_tos),
                content=bytes(envelope.original_content or b""),
                protected=session.ssl is not None,
            )
        )
        self._on_message(self.messages[-1])
        return _TAKEN


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """A running mail server."""

    port: int
    mailbox: Mailbox


@contextmanager
def mail_server(
    folder: Path, identity: Identity, chain: bytes, on_message: Callable[[Received], None]
) -> Iterator[MailServer]:
    """Serves while the block runs. `chain`: PEM of the authorities between the identity and the root.

    Raises SetupWrong (demo.extra-missing) without aiosmtpd.
    """
    try:
        from aiosmtpd.controller import Controller
    except ModuleNotFoundError:
        raise SetupWrong(Code.DEMO_EXTRA_MISSING, where="aiosmtpd") from None
    mailbox = Mailbox(on_message)
    controller = Controller(
        mailbox,
        hostname=HOST,
        port=free_port(HOST),
        tls_context=_context(folder, identity, chain),
        require_starttls=True,
        server_hostname="mail.demonstration.example",
        ident="decision-gateway demonstration",
        ready_timeout=60.0,  # its own five seconds are few where much else is at work
    )
    controller.start()
    try:
        yield MailServer(port=controller.port, mailbox=mailbox)
    finally:
        controller.stop()


def _context(folder: Path, identity: Identity, chain: bytes) -> ssl.SSLContext:
    """TLS as the server. `ssl` reads keys from files only: they are gone again at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(identity.pem + chain + identity.key_pem)
        file.flush()
        context.load_cert_chain(Path(file.name))
    return context
