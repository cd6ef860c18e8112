"""The exchange over real connections: what did not arrive was not taken, and who is slow or shouts holds nobody up."""

import asyncio
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import uvicorn

from gateway.domain.delivery import DeliveryState
from gateway.ports.papers import RenderedPapers
from gateway.web import connection, safety
from gateway.web.connection import PatientProtocol
from gateway.web.exchange.cookies import SESSION
from gateway.web.server import _listener
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.web.exchange_caller import caller

PART = b"address=" + b"a" * 292
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
SOON = 60
"""Seconds that a test waits for what must come."""


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    yield stage
    stage.close()


@contextmanager
def serving(on: Exchanged) -> Iterator[int]:
    """The exchange as it is served, on a port of its own."""
    listener = _listener("127.0.0.1", 0)
    config = uvicorn.Config(caller(on).app, http=PatientProtocol, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(SOON)
    listener.close()


def weighing(papers: RenderedPapers, size: int) -> RenderedPapers:
    (first,) = papers.documents
    return replace(papers, documents=(replace(first, content=os.urandom(size)),))


def asked(port: int, text: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=SOON)
    client.sendall(text.encode())
    return client


def download(on: Exchanged, port: int, session: str) -> socket.socket:
    """Asked for."""
    entry = on.collect.all(ACCOUNT)[0].entry
    head = (
        f"GET /exchange/en/papers/{entry.id}/0 HTTP/1.1\r\nHost: localhost\r\nCookie: {SESSION.name}={session}\r\n\r\n"
    )
    return asked(port, head)


def all_of(client: socket.socket, size: int) -> None:
    """Reads the answer to its end, and no further."""
    came = b""
    while b"\r\n\r\n" not in came:
        came += client.recv(1000)
    left = size - len(came.partition(b"\r\n\r\n")[2])
    while left:
        left -= len(client.recv(min(left, 100_000)))


def break_off(client: socket.socket) -> None:
    """At once, whatever is on its way."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def left(on: Exchanged, monkeypatch: pytest.MonkeyPatch, size: int) -> tuple[str, str]:
    """The session of who may take it, and the delivery."""
    drawn = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: weighing(drawn(papers), size))
    session = on.signed_in(on.verified()).secret
    return session, on.left().id


@pytest.mark.parametrize("size", [900_000, 3_000_000])
def test_what_its_reader_broke_off_was_not_taken_whatever_lay_in_buffers(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    session, delivery = left(on, monkeypatch, size)
    with serving(on) as port:
        client = download(on, port, session)
        assert client.recv(500)
        time.sleep(0.3)
        break_off(client)
        time.sleep(0.5)
    assert on.collect.all(ACCOUNT)[0].entry.taken == frozenset()
    assert on.delivery(delivery).state is DeliveryState.HANDED_OVER


@pytest.mark.parametrize("size", [20_000, 3_000_000])
def test_what_was_read_to_its_end_was_taken_though_the_reader_left_at_once(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    session, delivery = left(on, monkeypatch, size)
    with serving(on) as port:
        client = download(on, port, session)
        all_of(client, size)
        client.close()
        ends = time.monotonic() + SOON
        while not on.collect.all(ACCOUNT)[0].entry.taken:
            assert time.monotonic() < ends
            time.sleep(0.05)
    assert on.delivery(delivery).state is DeliveryState.DELIVERED


def answer(client: socket.socket) -> bytes:
    """All of it, until the other end hangs up."""
    came = b""
    with client:
        while part := client.recv(10_000):
            came += part
    return came


def test_a_giant_head_gets_a_calm_nothing(on: Exchanged) -> None:
    with serving(on) as port:
        said = answer(asked(port, f"GET /exchange/en HTTP/1.1\r\nHost: localhost\r\nX: {'a' * 60_000}"))
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"Cache-Control: no-store" in head
    assert body == b""


@pytest.mark.parametrize("begun", ["", "GET / HTTP/1.1\r\nHo"])
def test_who_never_ends_a_head_is_hung_up_on(on: Exchanged, monkeypatch: pytest.MonkeyPatch, begun: str) -> None:
    monkeypatch.setattr(connection, "HEAD", 0.5)
    with serving(on) as port:
        assert answer(asked(port, begun)) == b""


def test_who_never_ends_a_form_is_answered_and_holds_up_nobody_meanwhile(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safety, "FORM_WITHIN", 2.0)
    begun = "POST /exchange/en/enter HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nConnection: close\r\n\r\nli"
    with serving(on) as port:
        slow = [asked(port, begun) for _ in range(60)]
        page = asked(port, "GET /exchange/en HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert answer(page).startswith(b"HTTP/1.1 200 ")
        assert all(answer(one).startswith(b"HTTP/1.1 4") for one in slow)


@pytest.mark.parametrize("which", ["0", "all"])
def test_who_asks_and_reads_nothing_has_taken_nothing_is_hung_up_on_and_holds_up_nobody(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """More of them than there are threads."""
    monkeypatch.setattr(connection, "STALLED", 10 * SOON)
    session, delivery = left(on, monkeypatch, 90_000)
    entry = on.collect.all(ACCOUNT)[0].entry
    head = f"GET /exchange/en/papers/{entry.id}/{which} HTTP/1.1\r\nHost: x\r\nCookie: {SESSION.name}={session}\r\n\r\n"
    with serving(on) as port:
        deaf = [with_small_ears(port) for _ in range(60)]
        for one in deaf:
            one.sendall(head.encode())
        time.sleep(1.0)
        page = asked(port, "GET /exchange/en HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer(page).startswith(b"HTTP/1.1 200 ")
        assert on.collect.all(ACCOUNT)[0].entry.taken == frozenset()
        monkeypatch.setattr(connection, "STALLED", 0.1)
        for one in deaf:
            hung_up_on(one)
            with pytest.raises(ConnectionResetError):
                answer(one)
    assert on.delivery(delivery).state is DeliveryState.HANDED_OVER


def hung_up_on(client: socket.socket) -> None:
    """Waits for it without reading: who reads is no more one who takes nothing."""
    ends = select.poll()
    ends.register(client, 0)  # that it is over is told unasked
    assert ends.poll(1000 * SOON), "the connection stands"


def with_small_ears(port: int) -> socket.socket:
    """A client whose machine takes little before it reads."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(SOON)
    client.connect(("127.0.0.1", port))
    return client


def test_a_reader_who_breaks_off_in_a_small_document_has_not_taken_it(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, delivery = left(on, monkeypatch, 90_000)
    entry = on.collect.all(ACCOUNT)[0].entry
    with serving(on) as port:
        client = with_small_ears(port)
        cookie = f"Cookie: {SESSION.name}={session}"
        client.sendall(f"GET /exchange/en/papers/{entry.id}/0 HTTP/1.1\r\nHost: x\r\n{cookie}\r\n\r\n".encode())
        assert client.recv(500)
        time.sleep(0.3)
        break_off(client)
        time.sleep(0.5)
    assert on.collect.all(ACCOUNT)[0].entry.taken == frozenset()
    assert on.delivery(delivery).state is DeliveryState.HANDED_OVER


@dataclass
class Hand:
    """Moves the time of event loops, which stands still meanwhile: on a slow machine no second passes unasked."""

    now: float


@contextmanager
def by_hand(monkeypatch: pytest.MonkeyPatch, most: float) -> Iterator[Hand]:
    """While the block runs. most: seconds by which it is moved; it begins as many back, and goes on by itself after."""
    hand = Hand(time.monotonic() - most)
    with monkeypatch.context() as patched:
        patched.setattr(asyncio.BaseEventLoop, "time", lambda _loop: hand.now)
        yield hand


def told_of(part: bytes, monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Counts how often the server heard that."""
    heard, hear = threading.Semaphore(0), PatientProtocol.data_received

    def hear_and_tell(protocol: PatientProtocol, data: bytes) -> None:
        hear(protocol, data)
        if data == part:
            heard.release()

    monkeypatch.setattr(PatientProtocol, "data_received", hear_and_tell)
    return heard


@pytest.mark.parametrize("rate", ["nothing", "a byte now and then"])
def test_a_body_that_does_not_come_ends_its_connection_and_one_that_comes_on_does_not(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch, rate: str
) -> None:
    monkeypatch.setattr(connection, "BODY", 2.0)
    head = "POST /exchange/en/link HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\nExpect: 100-continue\r\n\r\n"
    with (
        serving(on) as port,
        by_hand(monkeypatch, 10 * 0.3) as hand,
        asked(port, head) as slow,
        asked(port, head) as quick,
    ):
        for one in (slow, quick):
            assert one.recv(len(CONTINUE), socket.MSG_WAITALL) == CONTINUE  # its time has begun
        heard = told_of(PART, monkeypatch)
        for _ in range(10):
            quick.sendall(PART)
            with suppress(OSError):  # it is over: that is what is asked below
                slow.sendall(b"" if rate == "nothing" else b"a")
            assert heard.acquire(timeout=SOON)
            hand.now += 0.3
        assert quick.recv(12) == b"HTTP/1.1 200"
        with suppress(ConnectionResetError):
            assert slow.recv(100) == b""


def test_half_of_the_next_head_ends_a_connection_too(on: Exchanged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD", 0.5)
    with serving(on) as port:
        client = asked(port, "GET /exchange/en HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHo")
        with suppress(ConnectionResetError):
            assert answer(client).count(b"HTTP/1.1") == 1


def test_one_connection_too_many_is_dropped_and_those_that_stand_are_answered(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MOST", 20)
    page = b"GET /exchange/en HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with serving(on) as port:
        standing = [asked(port, "") for _ in range(20)]
        time.sleep(0.3)
        assert answer(asked(port, "")) == b""
        standing[0].sendall(page)
        assert answer(standing[0]).startswith(b"HTTP/1.1 200 ")
        for one in standing[1:]:
            one.close()
