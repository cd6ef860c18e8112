"""A mailbox over IMAP (RFC 9051) with TLS: what lies in its folder is moved to another one once it is kept.

imap-tools speaks the protocol. What it leaves to its caller is here: which failures an operator must mend, that the
server is asked for its extensions again after the log-in (RFC 9051 §6.2), and waits that end when the process does.
"""

import datetime as dt
import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxUnencrypted

from channels.encrypted_email.receipts.imap_server import ImapServer
from channels.mail.server import Tls, pinned_context
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, ServiceDown, SetupWrong
from gateway.ports.mailboxes import Arrival

NAME = "imap"
_SLICE = 0.5
"""Seconds between two looks at whether the process is ending."""
_MOST_LISTED = 1000
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,18})")
_UID = re.compile(rb"UID (\d{1,10})")
_FOR_NOW = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
"""Answers to a log-in that say nothing against the password (RFC 5530 §3)."""


class ImapMailbox:
    """See `gateway.ports.mailboxes.Mailbox`."""

    def __init__(self, server: ImapServer) -> None:
        self._server = server

    @property
    def name(self) -> str:
        """`imap`."""
        return NAME

    @contextmanager
    def visit(self) -> Iterator["_Visit"]:
        """Connects, logs in and opens the folder; takes leave at the end."""
        with _told():
            box = self._connected()
        try:
            with _told():
                self._enter(box)
            yield _Visit(box, self._server.kept_folder)
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.logout()
        finally:
            with suppress(OSError):  # closed by taking leave
                box.client.shutdown()

    def _connected(self) -> BaseMailBox:
        at, limit = self._server, self._server.time_limit.total_seconds()
        match at.tls:
            case Tls.NONE:
                return MailBoxUnencrypted(at.host, at.port, timeout=limit)
            case Tls.STARTTLS:
                context = self._context()
                return _protected(MailBoxUnencrypted(at.host, at.port, timeout=limit), context)
            case Tls.IMPLICIT:
                return MailBox(at.host, at.port, timeout=limit, ssl_context=self._context())

    def _context(self) -> ssl.SSLContext:
        try:
            return pinned_context(_text("ca", self._server.ca))
        except (ssl.SSLError, ValueError):
            raise SetupWrong(Code.SETTINGS_INVALID, where="mailbox.ca") from None

    def _enter(self, box: BaseMailBox) -> None:
        _log_in(box, self._server.username, _text("password_file", self._server.password_file).rstrip("\r\n"))
        _, offered = box.client.capability()
        box.client.capabilities = tuple(offered[-1].decode("ascii", "replace").upper().split())
        if not box.folder.exists(self._server.kept_folder):
            with suppress(ImapToolsError):  # another process made it meanwhile; if not, moving will tell
                box.folder.create(self._server.kept_folder)
        box.folder.set(self._server.folder)


class _Visit:
    """See `gateway.ports.mailboxes.Visit`."""

    def __init__(self, box: BaseMailBox, kept_folder: str) -> None:
        self._box = box
        self._kept_folder = kept_folder

    def arrivals(self) -> Sequence[Arrival]:
        """The first thousand messages, flagged or not: what a person has read is none the less for us."""
        with _told():
            numbers = self._box.uids("ALL")[:_MOST_LISTED]
            if not numbers:
                return ()
            _, lines = self._box.client.uid("FETCH", ",".join(numbers), "(RFC822.SIZE)")
        sizes = {}
        for line in lines:
            number, size = (_UID.search(line), _SIZE.search(line)) if isinstance(line, bytes) else (None, None)
            if number is not None and size is not None:
                sizes[number[1].decode()] = int(size[1])
        # Of one whose size the server does not tell, reading will tell: it must not be passed over in silence.
        return [Arrival(name=one, size=sizes.get(one, 0)) for one in numbers]

    def read(self, arrival: Arrival, limit: int) -> bytes | None:
        """Its bytes, without marking it as read."""
        with _told():
            try:
                status, parts = self._box.client.uid("FETCH", arrival.name, f"(BODY.PEEK[]<0.{limit + 1}>)")
            except imaplib.IMAP4.abort:  # the connection is gone: nobody can be asked for another one
                raise
            except imaplib.IMAP4.error:
                raise InputRefused(Code.MAILBOX_MESSAGE) from None
        raw = next((bytes(part[1]) for part in parts if isinstance(part, tuple)), None)
        if raw is None and (status != "OK" or any(parts)):  # no answer at all: it is there no more
            raise InputRefused(Code.MAILBOX_MESSAGE)
        return raw

    def let_go(self, arrival: Arrival) -> None:
        """Moves it to the other folder."""
        with _told():
            self._box.move(arrival.name, self._kept_folder)

    def wait(self, limit: dt.timedelta, ending: Callable[[], bool]) -> None:
        """IDLE (RFC 2177) where the server offers it; else the time alone."""
        end = time.monotonic() + limit.total_seconds()
        if "IDLE" not in self._box.client.capabilities:
            while time.monotonic() < end and not ending():
                time.sleep(_SLICE)
            return
        with _told(), self._box.idle as idle:
            while time.monotonic() < end and not ending():
                begun = time.monotonic()
                # A connection that was closed answers at once, with nothing: leaving IDLE will tell.
                if idle.poll(_SLICE) or time.monotonic() < begun + _SLICE / 2:
                    return


def _protected(box: BaseMailBox, context: ssl.SSLContext) -> BaseMailBox:
    """The same once TLS is begun; closed where it cannot be, as `MailBoxStartTls` would not do."""
    try:
        box.client.starttls(context)
    except BaseException:
        with suppress(OSError):
            box.client.shutdown()
        raise
    return box


def _log_in(box: BaseMailBox, username: str, password: str) -> None:
    """LOGIN, which is ASCII alone, or else AUTHENTICATE PLAIN. Raises SetupWrong (mailbox.login, settings.invalid)."""
    if not (username + password).isprintable():  # a line end in it would begin a command of its own
        raise SetupWrong(Code.SETTINGS_INVALID, where="mailbox.password_file")
    log_in = box.login if (username + password).isascii() else box.login_utf8
    try:
        log_in(username, password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (MailboxLoginError, imaplib.IMAP4.error) as refused:
        if any(code in str(refused).upper() for code in _FOR_NOW):
            raise ServiceDown(Code.MAILBOX_UNAVAILABLE, where="mailbox.host") from None
        raise SetupWrong(Code.MAILBOX_LOGIN, where="mailbox.username") from None


def _text(setting: str, path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise SetupWrong(Code.FILE_UNREADABLE, where=f"mailbox.{setting}") from None


@contextmanager
def _told() -> Iterator[None]:
    """What the library raises, as the problem that it is; its words, which may quote an address, are left out."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise SetupWrong(Code.MAILBOX_UNTRUSTED, where="mailbox.ca") from None
    except MailboxFolderSelectError:
        raise SetupWrong(Code.MAILBOX_FOLDER, where="mailbox.folder") from None
    except (OSError, imaplib.IMAP4.error, ImapToolsError):
        raise ServiceDown(Code.MAILBOX_UNAVAILABLE, where="mailbox.host") from None
