"""What the end of an SMTP conversation means for the delivery: one table, the heart of "never twice, never lost".

Everything turns on one moment: the line with a single dot that ends the message (RFC 5321 §4.1.1.4). Before it was
written the server holds nothing that it may deliver; from then on, only a reply tells.
"""

import asyncio
import ssl
from dataclasses import dataclass
from enum import StrEnum

from aiosmtplib import SMTPException, SMTPResponseException

from gateway.domain.failures import AttemptFailure, MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason

_MOST_WORDS = 2000  # characters kept of what a server says


class Stage(StrEnum):
    """How far the conversation got: the last thing begun."""

    CONNECT = "connect"
    TLS = "tls"
    AUTHENTICATION = "authentication"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    """The message is being written; its ending dot is not."""
    END = "end"
    """The ending dot was, or may have been, written."""


@dataclass(frozen=True)
class Reply:
    """A server's reply: the code and its text, lines joined by a newline."""

    code: int
    text: str

    @property
    def kind(self) -> int:
        """The first digit, which is what decides (RFC 5321 §4.2.1)."""
        return self.code // 100

    @property
    def words(self) -> str:
        """As it is kept: printable, bounded, safe to encode."""
        return printable(f"{self.code} {self.text}")


class Break(StrEnum):
    """How a conversation ended without a reply that can be used."""

    LOST = "lost"
    """Refused, reset, closed, or no such host."""
    SILENT = "silent"
    """The time limit came, or the send was cancelled."""
    GARBLED = "garbled"
    """What came is no SMTP reply, or none that fits the command."""
    UNTRUSTED = "untrusted"
    """TLS failed: certificate, name or protocol version."""
    NOT_OFFERED = "not-offered"
    """The server does not offer what we require (STARTTLS, AUTH)."""


class NotOffered(SMTPException):
    """The server does not offer what we require."""


_NOT_AUTHENTICATED = frozenset({530, 534, 535, 538})  # RFC 4954 §6: about us, whatever command they answer
_EXCEEDED = 552  # RFC 1870 §6
_MAILBOX_FULL = "5.2.2"  # RFC 3463: a 552 that is about the recipient, not about the size

_PERMANENT: dict[Stage, type[Refused] | type[Misconfigured]] = {
    Stage.CONNECT: Misconfigured,
    Stage.TLS: Misconfigured,
    Stage.AUTHENTICATION: Misconfigured,
    Stage.MAIL: Misconfigured,
    Stage.RCPT: Refused,
    Stage.DATA: Refused,
    Stage.CONTENT: Refused,
    Stage.END: Refused,
}
_PERMANENT_REASON = {
    Stage.CONNECT: Reason.SMTP_CONNECT,
    Stage.TLS: Reason.SMTP_TLS,
    Stage.AUTHENTICATION: Reason.SMTP_AUTHENTICATION,
    Stage.MAIL: Reason.SMTP_SENDER_REFUSED,
    Stage.RCPT: Reason.SMTP_REFUSED,
    Stage.DATA: Reason.SMTP_REFUSED,
    Stage.CONTENT: Reason.SMTP_REFUSED,
    Stage.END: Reason.SMTP_REFUSED,
}
_BEFORE_MAIL = frozenset({Stage.CONNECT, Stage.TLS, Stage.AUTHENTICATION})


def of_reply(stage: Stage, reply: Reply) -> AttemptFailure:
    """What a reply that is not the awaited one means at that stage."""
    if reply.kind == 4:  # noqa: PLR2004  after the dot too: "the requested action did not occur" (RFC 5321 §4.2.1)
        return NotSent(reason=Reason.SMTP_TEMPORARY, words=reply.words)
    if reply.kind != 5:  # noqa: PLR2004
        return of_break(stage, Break.GARBLED, reply.words)
    if reply.code in _NOT_AUTHENTICATED:
        return Misconfigured(reason=Reason.SMTP_AUTHENTICATION, words=reply.words)
    if reply.code == _EXCEEDED and stage in {Stage.MAIL, Stage.DATA, Stage.END}:
        full = reply.text.startswith(_MAILBOX_FULL)
        return Refused(reason=Reason.SMTP_REFUSED if full else Reason.MESSAGE_TOO_LARGE, words=reply.words)
    return _PERMANENT[stage](reason=_PERMANENT_REASON[stage], words=reply.words)


def of_break(stage: Stage, end: Break, words: str = "") -> AttemptFailure:
    """What a conversation that broke off at that stage means."""
    if stage is Stage.END:
        return MaybeSent(reason=Reason.SMTP_UNCERTAIN, words=words)
    if end is Break.UNTRUSTED:
        return Misconfigured(reason=Reason.SMTP_TLS, words=words)
    if end is Break.NOT_OFFERED:
        return Misconfigured(reason=_PERMANENT_REASON[stage], words=words)
    return NotSent(reason=Reason.SMTP_CONNECT if stage in _BEFORE_MAIL else Reason.SMTP_CUT, words=words)


def of_error(stage: Stage, error: SMTPException | OSError | asyncio.CancelledError) -> AttemptFailure:
    """What an exception of the mail library or the socket means at that stage."""
    if isinstance(error, SMTPResponseException) and error.code > 0:
        return of_reply(stage, Reply(error.code, error.message))
    return of_break(stage, _break(error), printable(str(error)))


def _break(error: BaseException) -> Break:
    if isinstance(error, NotOffered):
        return Break.NOT_OFFERED
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Break.UNTRUSTED
    if isinstance(error, TimeoutError | asyncio.CancelledError):
        return Break.SILENT
    return Break.LOST if isinstance(error, OSError) else Break.GARBLED


def printable(text: str) -> str:
    """A server's text made safe to keep: it may hold undecodable bytes and control characters."""
    shown = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown[:_MOST_WORDS]
