"""The wire between the gateway and its mail server, which can be cut, slowed, or made deaf in one direction.

A relay of plain TCP on loopback; what goes through it is TLS of the two ends, and stays unread.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_PIECE = 16_384
_PATIENCE = 10.0  # seconds
_DELAY = 0.05  # seconds a piece waits while the wire is slow


class Wire:
    """A running relay. Each fault lasts until `mend`."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._slow = threading.Event()
        self._mute = threading.Event()
        self._refused = threading.Event()
        self._lock = threading.Lock()
        self._open: list[_Pair] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection ends at once, and new ones are cut too."""
        self._refused.set()
        self._end_all()

    def slow(self) -> None:
        """Each piece of 16 KB waits a twentieth of a second."""
        self._slow.set()

    def mute(self) -> None:
        """What the server says no longer arrives; what is said to it still does: silence after the final dot."""
        self._mute.set()

    def mend(self) -> None:
        """As it was. What went through a mute wire is cut: nobody will ever hear the rest."""
        was_mute = self._mute.is_set()
        if was_mute:
            self._end_all()
        for fault in (self._slow, self._mute, self._refused):
            fault.clear()

    def close(self) -> None:
        """Ends it."""
        self._door.close()
        self._end_all()
        end = time.monotonic() + _PATIENCE
        while self._open:
            assert time.monotonic() < end, "a connection through the wire does not end"
            time.sleep(0.01)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if self._refused.is_set():
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._server), timeout=10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            pair = _Pair(near, far)
            with self._lock:
                self._open.append(pair)
            threading.Thread(target=self._carry, args=(pair, near, far), daemon=True).start()
            threading.Thread(target=self._carry, args=(pair, far, near), daemon=True).start()

    def _carry(self, pair: "_Pair", source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):  # one that is cut ends in both directions
            while piece := source.recv(_PIECE):
                if self._slow.is_set():
                    time.sleep(_DELAY)
                if not (source is pair.far and self._mute.is_set()):
                    sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
        with self._lock:
            pair.done += 1
            if pair.done == len((pair.near, pair.far)):
                pair.near.close()
                pair.far.close()
                self._open.remove(pair)

    def _end_all(self) -> None:
        with self._lock:
            for pair in self._open:
                for one in (pair.near, pair.far):
                    with contextlib.suppress(OSError):
                        one.shutdown(socket.SHUT_RDWR)


@dataclass(eq=False)
class _Pair:
    """A connection through the wire: the gateway's end, the server's end, and how many directions are over."""

    near: socket.socket
    far: socket.socket
    done: int = 0


@contextmanager
def wire_to(server: int) -> Iterator[Wire]:
    """A wire to that port of this machine while the block runs."""
    made = Wire(server)
    try:
        yield made
    finally:
        made.close()
