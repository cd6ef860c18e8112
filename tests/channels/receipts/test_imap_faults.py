"""A server that does not give out one message: a stand-in, since Dovecot gives out all. The others are read."""

import datetime as dt
import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from channels.encrypted_email.receipts.imap import ImapMailbox
from channels.encrypted_email.receipts.imap_server import ImapServer
from channels.mail.server import Tls
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, ServiceDown
from tests.real.certificates import Authority

LIMIT = 1000
MESSAGE = b"Subject: one\r\n\r\nA line.\r\n"
REFUSED, BAD, EMPTY, CUT, FINE, GONE = range(1, 7)


class StandIn(socketserver.StreamRequestHandler):
    """As much of IMAP (RFC 9051) as a visit takes, on which each message fares as its number says."""

    def handle(self) -> None:
        """Answers one command after another."""
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, command = line.decode().split(maxsplit=1)
            if not self._answered(tag, command.strip().upper()):
                return

    def _answered(self, tag: str, command: str) -> bool:
        lines, status = self._answer(command)
        if status == "":
            return False
        self.wfile.write(b"".join(lines) + f"{tag} {status}\r\n".encode())
        return command != "LOGOUT"

    def _answer(self, command: str) -> tuple[list[bytes], str]:
        match command.split()[:2]:
            case ["CAPABILITY"]:
                return [b"* CAPABILITY IMAP4rev1\r\n"], "OK done"
            case ["LIST", _]:
                return [b'* LIST () "/" "Kept"\r\n'], "OK done"
            case ["SELECT", _]:
                return [b"* 6 EXISTS\r\n"], "OK [READ-WRITE] done"
            case ["UID", "SEARCH"]:
                return [b"* SEARCH 1 2 3 4 5 6\r\n"], "OK done"
            case ["UID", "FETCH"]:
                return self._fetch(command)
            case _:
                return [], "OK done"

    def _fetch(self, command: str) -> tuple[list[bytes], str]:
        if "RFC822.SIZE" in command:  # of all but the first
            return [b"* %d FETCH (UID %d RFC822.SIZE 27)\r\n" % (one, one) for one in range(2, 7)], "OK done"
        number = int(re.findall(r"FETCH (\d+)", command)[0])
        body = b"{%d}\r\n%s" % (len(MESSAGE), MESSAGE)
        return {
            REFUSED: ([], "NO [SERVERBUG] cannot be read"),
            BAD: ([], "BAD cannot be read"),
            EMPTY: ([b"* 3 FETCH (UID 3 BODY[]<0> NIL)\r\n"], "OK done"),
            CUT: ([], ""),
            FINE: ([b"* 5 FETCH (UID 5 BODY[]<0> " + body + b")\r\n"], "OK done"),
            GONE: ([], "OK done"),
        }[number]


@pytest.fixture
def mailbox(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ImapMailbox]:
    (tmp_path / "password").write_text("secret")
    (tmp_path / "ca").write_bytes(Authority.root().own.pem)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), StandIn) as server:
        server.daemon_threads = True  # one whose connection was left open is not waited for
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield ImapMailbox(
            ImapServer(
                host="127.0.0.1",
                port=server.server_address[1],
                tls=getattr(request, "param", Tls.NONE),
                ca=tmp_path / "ca",
                username="returns",
                password_file=tmp_path / "password",
                folder="INBOX",
                kept_folder="Kept",
                time_limit=dt.timedelta(seconds=5),
            )
        )
        server.shutdown()


def test_one_that_is_not_given_out_is_refused_by_itself_and_the_next_is_read(mailbox: ImapMailbox) -> None:
    with mailbox.visit() as visit:
        by_number = {int(one.name): one for one in visit.arrivals()}
        assert set(by_number) == {REFUSED, BAD, EMPTY, CUT, FINE, GONE}, "one without a size is not passed over"
        for number in (REFUSED, BAD, EMPTY):
            with pytest.raises(InputRefused) as refused:
                visit.read(by_number[number], LIMIT)
            assert refused.value.code is Code.MAILBOX_MESSAGE
        assert visit.read(by_number[FINE], LIMIT) == MESSAGE
        assert visit.read(by_number[GONE], LIMIT) is None, "somebody else took it away"


def test_one_at_which_the_connection_ends_is_no_refusal_of_it(mailbox: ImapMailbox) -> None:
    with mailbox.visit() as visit:
        cut = next(one for one in visit.arrivals() if int(one.name) == CUT)
        with pytest.raises(ServiceDown):
            visit.read(cut, LIMIT)


@pytest.mark.parametrize("mailbox", [Tls.STARTTLS], indirect=True)
def test_a_server_that_begins_no_tls_is_told_nothing_and_its_connection_is_closed(
    mailbox: ImapMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[socket.socket] = []
    connect = socket.create_connection

    def connected(*where: Any, **how: Any) -> socket.socket:
        opened.append(connect(*where, **how))
        return opened[-1]

    monkeypatch.setattr(socket, "create_connection", connected)
    with pytest.raises(ServiceDown), mailbox.visit():
        pass
    assert [one.fileno() for one in opened] == [-1]
