"""Free loopback ports."""

import os
import random
import socket
from collections import deque

_FIRST, _BEYOND = 10_000, 32_000
"""Below the range from which systems take the near ends of connections (Linux: from 32768)."""
_SHARE = 2_000
"""Each process of a parallel test run has a range of its own: no other takes a port between its finding and its use."""
_given: deque[int] = deque(maxlen=_SHARE // 4)
"""Those found last: none is found again before who asked for it listens there, or while nobody is to."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST + process * _SHARE % (_BEYOND - _FIRST)
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
