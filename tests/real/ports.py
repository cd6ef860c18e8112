"""Free loopback ports."""

import fcntl
import os
import random
import socket
import tempfile
from collections import deque
from functools import cache

_FIRST, _BEYOND = 10_000, 32_000
"""Below the range from which systems take the near ends of connections (Linux: from 32768)."""
_SHARE = 1_000
"""Each process that runs tests has a range of its own: no other takes a port between its finding and its use."""
_given: deque[int] = deque(maxlen=_SHARE // 4)
"""Those found last: none is found again before who asked for it listens there, or while nobody is to."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago."""
    first = _own(os.getpid())
    for port in random.sample(range(first, first + _SHARE), _SHARE):
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.append(port)
        return port
    raise AssertionError(f"no port is free between {first} and {first + _SHARE}")


@cache
def _own(process: int) -> int:
    """Where the range begins that no other process of this machine has. It is held by a lock until this one ends.
    process: ours; a fork has another range."""
    for first in range(_FIRST, _BEYOND, _SHARE):
        try:
            held = os.open(f"{tempfile.gettempdir()}/gateway-tests-ports-{first}", os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError:
            continue  # another user's
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            continue
        return first
    raise AssertionError(f"process {process} finds every range of ports taken")
