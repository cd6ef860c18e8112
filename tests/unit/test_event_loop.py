"""A loop that is over has left no socket open, whatever the other side keeps to itself."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from channels.http.speaking import speaking
from gateway import event_loop
from tests.real.certificates import Authority

_PROMISED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


@contextmanager
def holding(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that takes one connection, promises an answer over TLS, and neither reads on nor takes leave."""
    over = threading.Event()

    def serve() -> None:
        taken, _ = listening.accept()
        with taken if context is None else context.wrap_socket(taken, server_side=True) as kept:
            with suppress(OSError):  # cut by the other side, as it may
                if context is not None:
                    kept.recv(65536)
                    kept.sendall(_PROMISED)
            over.wait()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's, and that of who trusts it."""
    authority, folder = Authority.root(), tmp_path_factory.mktemp("tls")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*authority.server("localhost").write(folder, "server"))
    return server, ssl.create_default_context(cadata=authority.own.pem.decode())


@pytest.mark.parametrize("twice", [False, True])
def test_a_connection_that_waits_for_a_farewell_ends_with_the_loop(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], twice: bool
) -> None:
    server, client = contexts

    async def leave(port: int) -> Any:
        _, writer = await asyncio.open_connection("localhost", port, ssl=client)
        opened = writer.get_extra_info("socket")
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        writer.close()
        if twice:  # as aiohttp does after what is no HTTP; asyncio then forgets how to cut it
            writer.close()
        return opened

    with holding(server) as port:
        assert event_loop.run(leave(port)).fileno() == -1


def test_an_answer_that_was_not_read_to_its_end_leaves_no_connection(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, client = contexts

    async def ask(port: int) -> Any:
        async with speaking(client) as http, http.get(f"https://localhost:{port}/") as answer:
            assert answer.connection is not None
            assert answer.connection.transport is not None
            return answer.connection.transport.get_extra_info("socket")

    with holding(server) as port:
        assert event_loop.run(ask(port)).fileno() == -1


def test_what_the_other_side_does_not_read_is_given_up_with_the_loop() -> None:
    async def say(port: int) -> Any:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        while not writer.transport.get_write_buffer_size():
            writer.write(bytes(1_000_000))
        writer.close()
        return writer.get_extra_info("socket")

    with holding() as port:
        assert event_loop.run(say(port)).fileno() == -1


def test_a_runner_keeps_its_connections_until_it_is_closed_and_is_closed_twice_without_harm() -> None:
    with holding() as port, event_loop.runner() as runner:
        _, writer = runner.run(asyncio.open_connection("127.0.0.1", port))
        reached = writer.get_extra_info("socket")
        assert reached.fileno() != -1
        runner.close()
        assert reached.fileno() == -1
