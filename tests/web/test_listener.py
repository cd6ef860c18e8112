"""The socket that the web listens on."""

import socket

from gateway.web.server import _listener


def test_an_answer_is_not_held_back_until_its_beginning_is_acknowledged() -> None:
    with _listener("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
