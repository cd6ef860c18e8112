"""A folder into which others put raw messages: a Maildir, or any folder into which files are renamed when whole."""

import datetime as dt
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.ports.mailboxes import Arrival

NAME = "folder"
_UNFINISHED = (".tmp", ".part")
_SLICE = 0.5
"""Seconds between two looks for something new while waiting: nothing tells of a file that comes."""


class DropFolder:
    """Files in a folder. What begins with a dot or ends with `.tmp` or `.part` is still being written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """`folder`."""
        return NAME

    @contextmanager
    def visit(self) -> Iterator["_Visit"]:
        """Looks in. Raises SetupWrong (mailbox.folder) when it is none, or may not be written."""
        arriving = self._folder / "new"
        folder = arriving if arriving.is_dir() else self._folder
        if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise SetupWrong(Code.MAILBOX_FOLDER, where="incoming.folder")
        yield _Visit(folder)


class _Visit:
    """See `gateway.ports.mailboxes.Visit`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def arrivals(self) -> Sequence[Arrival]:
        """Whole files, by name; what is no file of its own (a link, a folder) is not looked at."""
        try:
            with os.scandir(self._folder) as entries:
                whole = [entry for entry in entries if _is_whole(entry)]
        except OSError:
            raise SetupWrong(Code.MAILBOX_FOLDER, where="incoming.folder") from None
        found = []
        for entry in sorted(whole, key=lambda one: one.name):
            with suppress(FileNotFoundError):
                found.append(Arrival(name=entry.name, size=entry.stat(follow_symlinks=False).st_size))
        return found

    def read(self, arrival: Arrival, limit: int) -> bytes | None:
        """Its bytes. Raises SetupWrong (mailbox.folder) when it may not be read."""
        try:
            number = os.open(self._folder / arrival.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError:
            raise SetupWrong(Code.MAILBOX_FOLDER, where="incoming.folder") from None
        with open(number, "rb") as file:  # noqa: PTH123  (opened above, so that no link is followed)
            return file.read(limit + 1) if stat.S_ISREG(os.fstat(number).st_mode) else None

    def let_go(self, arrival: Arrival) -> None:
        """Removes it: what it held is sealed."""
        try:
            (self._folder / arrival.name).unlink(missing_ok=True)
        except OSError:
            raise SetupWrong(Code.MAILBOX_FOLDER, where="incoming.folder") from None

    def wait(self, limit: dt.timedelta, ending: Callable[[], bool]) -> None:
        """Until the files there are others than now."""
        before, end = self.arrivals(), time.monotonic() + limit.total_seconds()
        while time.monotonic() < end and not ending() and self.arrivals() == before:
            time.sleep(_SLICE)


def _is_whole(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
        return False
    return entry.is_file(follow_symlinks=False)
