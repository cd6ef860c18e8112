"""A connection to one server, known by its pinned keys, with our own key and nothing else.

What this machine's user has for SSH (an agent, a configuration, hosts they once agreed to) is not looked at.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import asyncssh

from channels.sftp.faults import FAULTS, of_connecting
from channels.sftp.settings import SftpPlace

_LOGIN = 10
"""Seconds to connect, and as many to be let in."""
_SIGNATURES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
"""Of host keys (RFC 8709, RFC 5656, RFC 8332); SHA-1 is not among them."""
_ALIVE = 5
"""Seconds of silence after which the server is asked whether it is there; it is not after three."""


@asynccontextmanager
async def connected(place: SftpPlace) -> AsyncIterator[asyncssh.SFTPClient]:
    """A session while the block runs. Raises SftpError."""
    try:
        connection = await asyncssh.connect(
            place.host,
            place.port,
            username=place.username,
            client_keys=[place.key],
            known_hosts=(list(place.host_keys), [], []),
            server_host_key_algs=_algorithms(place),
            config=None,
            agent_path=None,
            preferred_auth="publickey",
            gss_kex=False,
            gss_auth=False,
            compression_algs=None,
            connect_timeout=_LOGIN,
            login_timeout=_LOGIN,
            keepalive_interval=_ALIVE,
        )
    except FAULTS as error:
        raise of_connecting(error) from None
    try:
        try:
            client = await connection.start_sftp_client()
        except FAULTS as error:
            raise of_connecting(error) from None
        yield client
    finally:
        # Never waited for: a server that hangs would hold up whoever is through with it.
        connection.abort()


def _algorithms(place: SftpPlace) -> list[str]:
    """Those of the pinned keys first, so that a server that has several shows one of them; then the others, so that one
    whose key is of another kind shows that too, and is not taken for one that breaks off."""
    pinned = {algorithm.decode() for key in place.host_keys for algorithm in key.sig_algorithms}
    return sorted(_SIGNATURES, key=lambda one: one not in pinned)


async def octets(file: asyncssh.SFTPClientFile, size: int = -1, offset: int | None = None) -> bytes:
    """What stands in a file that was opened as binary; all of it from `offset`, or at most `size`."""
    return cast("bytes", await file.read(size, offset))
