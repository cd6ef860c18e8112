"""Joins what reaches other case systems: a folder on this machine, or one at a server by SFTP or by WebDAV."""

from collections.abc import Sequence
from pathlib import Path

from channels.outcome_feed.folder import FeedFolder
from gateway.bootstrap.base import Base
from gateway.bootstrap.reached import Reached
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.ports.drop_folder import DropFolder
from gateway.ports.feed import FeedPlace
from gateway.store.drop_folder import LocalDropFolder


class _Here:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def drop_folder(self, table: str, endings: Sequence[str]) -> DropFolder:
        return LocalDropFolder(self._folder, endings=endings, where=f"{table}.folder")

    def feed_place(self) -> FeedPlace:
        return FeedFolder(self._folder)


def reach(base: Base, table: str, *, folder: str, server: str) -> Reached:
    """By what the table of the settings says. Raises SetupWrong (settings.invalid: both, or no such account)."""
    if folder and server:
        raise SetupWrong(Code.SETTINGS_INVALID, where=f"{table}.server")
    if folder:
        return _Here(base.home / folder)
    from gateway.bootstrap.servers_afar import reach_afar  # with its SSH, loaded where there is a server

    return reach_afar(base.home, table, server)
