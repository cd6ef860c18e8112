"""Servers through which case systems are reached, for tests."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from channels.case_server import read_server
from channels.http.account import Account
from channels.outcome_feed.sftp_place import FeedSftp
from channels.outcome_feed.webdav_place import FeedWebdav
from channels.sftp.drop_folder import SftpDropFolder
from channels.sftp.link import SftpLink
from channels.sftp.settings import SftpPlace
from channels.webdav.drop_folder import DavDropFolder
from channels.webdav.link import DavLink
from gateway.domain.codes import Code
from gateway.ports.drop_folder import DropFolder
from gateway.ports.feed import FeedPlace
from tests.real.sshd import Sshd
from tests.real.webdav import Webdav


def server_file(server: Sshd | Webdav, *, folder: str) -> str:
    """The file that names the server's account and a folder there."""
    if isinstance(server, Webdav):
        return _written("webdav", webdav_table(server, folder=folder))
    table = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": server.user,
        "key_file": str(server.client_key),
        "host_keys": [server.host_key],
        "folder": folder,
    }
    return _written("sftp", table)


@dataclass(frozen=True, kw_only=True)
class Afar:
    """The feed's folder at a server, as it is reached. moves: where a file is given its name there, for tests that
    break off then."""

    place: FeedPlace
    answers: DropFolder
    close: Callable[[], None]
    moves: str
    unavailable: Code
    another: Code
    """What is said of a server that is away, and of another under the same address."""


def afar(server: Sshd | Webdav, *, folder: str) -> Afar:
    """Through that server."""
    if isinstance(server, Webdav):
        dav = webdav_link(server.folder, server, folder=folder)
        return Afar(
            place=FeedWebdav(dav),
            answers=DavDropFolder(dav, endings=[".p7s"], where="feed.server", every=0, quiet=0),
            close=dav.close,
            moves="channels.webdav.client.DavClient.move",
            unavailable=Code.WEBDAV_UNAVAILABLE,
            another=Code.WEBDAV_CERTIFICATE,
        )
    link = link_to(server.folder, server, folder=folder)
    return Afar(
        place=FeedSftp(link),
        answers=SftpDropFolder(link, endings=[".p7s"], where="feed.server", every=0, quiet=0),
        close=link.close,
        moves="channels.outcome_feed.sftp_place.move",
        unavailable=Code.SFTP_UNAVAILABLE,
        another=Code.SFTP_HOST_KEY,
    )


def webdav_table(server: Webdav, *, folder: str) -> dict[str, object]:
    """An account that is known by a certificate."""
    known = {"certificate": str(server.certificate), "key_file": str(server.key)}
    return {"url": f"https://localhost:{server.port}/{folder}", "ca": str(server.ca), **known}


def link_to(at: Path, server: Sshd, *, folder: str) -> SftpLink:
    """The same, as it is read."""
    (at / "server.toml").write_text(server_file(server, folder=folder))
    place = read_server(at, "server.toml", "feed.server")
    assert isinstance(place, SftpPlace)
    return SftpLink(place, rest=0)


def webdav_link(at: Path, server: Webdav, *, folder: str, **changes: object) -> DavLink:
    """By WebDAV, changed as said."""
    (at / "server.toml").write_text(_written("webdav", webdav_table(server, folder=folder) | changes))
    account = read_server(at, "server.toml", "feed.server")
    assert isinstance(account, Account)
    return DavLink(account, rest=0)


def _written(table: str, values: Mapping[str, object]) -> str:
    return "\n".join([f"[{table}]", *(f"{name} = {json.dumps(value)}" for name, value in values.items()), ""])
