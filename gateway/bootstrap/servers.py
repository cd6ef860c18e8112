"""Joins what reaches other case systems: a folder on this machine, or one at a server by SFTP."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from channels.outcome_feed.folder import FeedFolder
from gateway.bootstrap.base import Base
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.ports.drop_folder import DropFolder
from gateway.ports.feed import FeedPlace
from gateway.store.drop_folder import LocalDropFolder

if TYPE_CHECKING:
    from channels.sftp.link import SftpLink


def reach(base: Base, table: str, *, folder: str, server: str) -> "Path | SftpLink":
    """By what the table of the settings says. Raises SetupWrong (settings.invalid: both, or no such account)."""
    if folder and server:
        raise SetupWrong(Code.SETTINGS_INVALID, where=f"{table}.server")
    if folder:
        return base.home / folder
    from channels.case_server import read_server  # with its SSH, loaded where there is a server
    from channels.sftp.link import SftpLink

    return SftpLink(read_server(base.home, server, f"{table}.server"))


def drop_folder(reached: "Path | SftpLink", table: str, endings: Sequence[str]) -> DropFolder:
    """What others put files into for us there."""
    if isinstance(reached, Path):
        return LocalDropFolder(reached, endings=endings, where=f"{table}.folder")
    from channels.sftp.drop_folder import SftpDropFolder

    return SftpDropFolder(reached, endings=endings, where=f"{table}.server")


def feed_place(reached: "Path | SftpLink") -> FeedPlace:
    """What we put batches into there."""
    if isinstance(reached, Path):
        return FeedFolder(reached)
    from channels.outcome_feed.sftp_place import FeedSftp

    return FeedSftp(reached)
