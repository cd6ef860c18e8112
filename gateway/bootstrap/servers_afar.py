"""Joins what reaches other case systems at a server: by SFTP, or over HTTPS by WebDAV."""

from collections.abc import Sequence
from pathlib import Path

from channels.case_server import read_server
from channels.outcome_feed.sftp_place import FeedSftp
from channels.outcome_feed.webdav_place import FeedWebdav
from channels.sftp.drop_folder import SftpDropFolder
from channels.sftp.link import SftpLink
from channels.sftp.settings import SftpPlace
from channels.webdav.drop_folder import DavDropFolder
from channels.webdav.link import DavLink
from gateway.bootstrap.reached import Reached
from gateway.ports.drop_folder import DropFolder
from gateway.ports.feed import FeedPlace


def reach_afar(home: Path, table: str, server: str) -> Reached:
    """What the file `server` names. Raises SetupWrong (settings.invalid, seal.key-permissions)."""
    place = read_server(home, server, f"{table}.server")
    return _BySftp(SftpLink(place)) if isinstance(place, SftpPlace) else _ByWebdav(DavLink(place))


class _BySftp:
    def __init__(self, link: SftpLink) -> None:
        self._link = link

    def drop_folder(self, table: str, endings: Sequence[str]) -> DropFolder:
        return SftpDropFolder(self._link, endings=endings, where=f"{table}.server")

    def feed_place(self) -> FeedPlace:
        return FeedSftp(self._link)


class _ByWebdav:
    def __init__(self, link: DavLink) -> None:
        self._link = link

    def drop_folder(self, table: str, endings: Sequence[str]) -> DropFolder:
        return DavDropFolder(self._link, endings=endings, where=f"{table}.server")

    def feed_place(self) -> FeedPlace:
        return FeedWebdav(self._link)
