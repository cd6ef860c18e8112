"""A mailbox of a real Dovecot is emptied: read whole, moved once kept; and what is wrong with it is told apart."""

import datetime as dt
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from channels.encrypted_email.receipts.imap import ImapMailbox
from channels.encrypted_email.receipts.imap_server import ImapServer
from channels.mail.server import Tls
from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown, SetupWrong
from tests.real.certificates import Authority
from tests.real.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.real.ports import free_port

pytestmark = pytest.mark.real

MESSAGE = b"From: a@elsewhere.test\r\nSubject: one\r\n\r\nA line.\r\n"
LIMIT = 1_000_000


@pytest.fixture(scope="module")
def dovecot() -> Generator[Dovecot]:
    with running_dovecot() as running:
        yield running


@pytest.fixture
def server(dovecot: Dovecot, tmp_path: Path) -> Iterator[ImapServer]:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    yield ImapServer(
        host="127.0.0.1",
        port=dovecot.port,
        tls=Tls.IMPLICIT,
        ca=dovecot.ca,
        username="returns",
        password_file=tmp_path / "password",
        folder="INBOX",
        kept_folder="Kept",
        time_limit=dt.timedelta(seconds=30),
    )
    for path in (*dovecot.maildir.rglob("new/*"), *dovecot.maildir.rglob("cur/*")):
        path.unlink()


def never() -> bool:
    return False


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_a_message_is_read_whole_and_moved_once_it_is_let_go(dovecot: Dovecot, server: ImapServer, tls: Tls) -> None:
    dovecot.put("one", MESSAGE)
    port = dovecot.port if tls is Tls.IMPLICIT else dovecot.starttls
    mailbox = ImapMailbox(replace(server, tls=tls, port=port))
    with mailbox.visit() as visit:
        (arrival,) = visit.arrivals()
        assert arrival.size == len(MESSAGE)
        assert visit.read(arrival, LIMIT) == MESSAGE
        assert dovecot.lying() == [MESSAGE]
        visit.let_go(arrival)
        assert visit.arrivals() == ()
        assert visit.read(arrival, LIMIT) is None
        visit.let_go(arrival)
    assert dovecot.lying() == []
    assert dovecot.lying("Kept") == [MESSAGE]


def test_no_more_than_one_byte_beyond_the_limit_is_fetched(dovecot: Dovecot, server: ImapServer) -> None:
    dovecot.put("huge", MESSAGE + b"x" * 100_000)
    with ImapMailbox(server).visit() as visit:
        (arrival,) = visit.arrivals()
        assert len(visit.read(arrival, 1000) or b"") == 1001


def test_what_a_person_has_read_is_none_the_less_found(dovecot: Dovecot, server: ImapServer) -> None:
    dovecot.put("seen", MESSAGE)
    with ImapMailbox(server).visit() as visit:
        assert len(visit.arrivals()) == 1
    (file,) = dovecot.maildir.glob("cur/*")
    file.rename(file.with_name("seen:2,S"))
    with ImapMailbox(server).visit() as visit:
        assert len(visit.arrivals()) == 1


def test_a_mailbox_that_numbers_anew_is_read_all_the_same(dovecot: Dovecot, server: ImapServer) -> None:
    dovecot.put("first", MESSAGE)
    with ImapMailbox(server).visit() as visit:
        assert len(visit.arrivals()) == 1
    dovecot.number_anew()
    dovecot.put("second", MESSAGE.replace(b"one", b"two"))
    with ImapMailbox(server).visit() as visit:
        assert {visit.read(one, LIMIT) for one in visit.arrivals()} == {MESSAGE, MESSAGE.replace(b"one", b"two")}


def test_a_message_that_comes_ends_the_wait(dovecot: Dovecot, server: ImapServer) -> None:
    with ImapMailbox(server).visit() as visit:
        threading.Timer(0.5, dovecot.put, ("late", MESSAGE)).start()
        begun = time.monotonic()
        visit.wait(dt.timedelta(seconds=120), never)
        assert time.monotonic() - begun < 60
        assert len(visit.arrivals()) == 1


def test_a_wait_ends_when_the_process_does(server: ImapServer) -> None:
    with ImapMailbox(server).visit() as visit:
        begun = time.monotonic()
        visit.wait(dt.timedelta(seconds=120), lambda: time.monotonic() > begun + 0.2)
        assert time.monotonic() - begun < 60


def test_a_server_that_goes_away_is_told_as_such(server: ImapServer) -> None:
    with ExitStack() as running, ExitStack() as kill:
        short = kill.enter_context(running_dovecot())
        visit = running.enter_context(ImapMailbox(replace(server, port=short.port, ca=short.ca)).visit())
        kill.close()
        with pytest.raises(ServiceDown) as gone:
            visit.wait(dt.timedelta(seconds=30), never)
    assert gone.value.code is Code.MAILBOX_UNAVAILABLE


def problem(server: ImapServer) -> Problem:
    with pytest.raises(Problem) as told, ImapMailbox(server).visit():
        pass
    return told.value


def test_each_fault_of_the_set_up_is_told_apart(server: ImapServer, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("not it")
    (tmp_path / "accents").write_text("pas ça")
    (tmp_path / "other.pem").write_bytes(Authority.root().own.pem)
    (tmp_path / "lines").write_text("two\nlines")
    (tmp_path / "none.pem").write_text("nothing")
    found = {
        "login": problem(replace(server, password_file=tmp_path / "wrong")),
        "accents": problem(replace(server, password_file=tmp_path / "accents")),
        "folder": problem(replace(server, folder="Nowhere")),
        "ca": problem(replace(server, ca=tmp_path / "other.pem")),
        "no ca": problem(replace(server, ca=tmp_path / "none.pem")),
        "no password": problem(replace(server, password_file=tmp_path / "missing")),
        "lines": problem(replace(server, password_file=tmp_path / "lines")),
        "no server": problem(replace(server, port=free_port())),
    }
    assert {name: (type(one), one.code) for name, one in found.items()} == {
        "login": (SetupWrong, Code.MAILBOX_LOGIN),
        "accents": (SetupWrong, Code.MAILBOX_LOGIN),
        "folder": (SetupWrong, Code.MAILBOX_FOLDER),
        "ca": (SetupWrong, Code.MAILBOX_UNTRUSTED),
        "no ca": (SetupWrong, Code.SETTINGS_INVALID),
        "no password": (SetupWrong, Code.FILE_UNREADABLE),
        "lines": (SetupWrong, Code.SETTINGS_INVALID),
        "no server": (ServiceDown, Code.MAILBOX_UNAVAILABLE),
    }


def test_a_server_that_says_nothing_is_left_after_the_time_limit(server: ImapServer) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        begun = time.monotonic()
        told = problem(replace(server, port=silent.getsockname()[1], time_limit=dt.timedelta(seconds=1)))
        assert time.monotonic() - begun < 30
    assert told.code is Code.MAILBOX_UNAVAILABLE
