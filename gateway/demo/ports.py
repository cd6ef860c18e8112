"""Free ports of this machine."""

import socket


def free_port(host: str, wanted: int = 0) -> int:
    """`wanted` if nobody listens on it, else a port that nobody listened on a moment ago."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("no free port")
