"""Servers through which case systems are reached, for tests."""

import json
from pathlib import Path

from channels.case_server import read_server
from channels.sftp.link import SftpLink
from tests.real.sshd import Sshd


def server_file(server: Sshd, *, folder: str) -> str:
    """The file that names the server's account and a folder there."""
    table = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": server.user,
        "key_file": str(server.client_key),
        "host_keys": [server.host_key],
        "folder": folder,
    }
    return "\n".join(["[sftp]", *(f"{name} = {json.dumps(value)}" for name, value in table.items()), ""])


def link_to(at: Path, server: Sshd, *, folder: str) -> SftpLink:
    """The same, as it is read."""
    (at / "server.toml").write_text(server_file(server, folder=folder))
    return SftpLink(read_server(at, "server.toml", "feed.server"), rest=0)
