"""The folder in which a clerk finds what to upload: one folder a reference, for its owner alone, whole or not there."""

import asyncio
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown, SetupWrong
from gateway.ports.exchange import PaperToLeave

_OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})
"""What passes, or is mended without a change of settings."""
_OWNER_ONLY = 0o700
_UNFINISHED = ".unfinished"


class FilesForClerk:
    """`ClerksFolder` on this machine's disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def lay_out(self, reference: str, papers: Sequence[PaperToLeave]) -> str:
        """See `ClerksFolder`."""
        return await asyncio.to_thread(self._lay_out, reference, papers)

    def holds(self, reference: str) -> bool:
        """See `ClerksFolder`."""
        return self._place(reference).is_dir()

    def all(self) -> Sequence[str]:
        """See `ClerksFolder`."""
        if not self._folder.is_dir():
            return []
        return sorted(one.name for one in self._folder.iterdir() if one.is_dir() and one.suffix != _UNFINISHED)

    def destroy(self, reference: str) -> None:
        """See `ClerksFolder`."""
        for place in (self._place(reference), self._unfinished(reference)):
            shutil.rmtree(place, ignore_errors=True)

    def _lay_out(self, reference: str, papers: Sequence[PaperToLeave]) -> str:
        place, unfinished = self._place(reference), self._unfinished(reference)
        try:
            if not _holds(place, papers):
                self._folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
                shutil.rmtree(unfinished, ignore_errors=True)  # of a process that died
                unfinished.mkdir(mode=_OWNER_ONLY)
                for paper in papers:
                    _write(unfinished / paper.name, paper.content)
                _settle(unfinished)
                shutil.rmtree(place, ignore_errors=True)  # of an earlier try with other papers, or for another account
                unfinished.rename(place)
                _settle(self._folder)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            if error.errno in _OURS:
                raise ServiceDown(Code.STORAGE_UNAVAILABLE) from error
            raise SetupWrong(Code.SETTINGS_INVALID, where="channels.secure-upload.connect_folder") from error
        return str(place)

    def _place(self, reference: str) -> Path:
        return self._folder / reference

    def _unfinished(self, reference: str) -> Path:
        return self._folder / f"{reference}{_UNFINISHED}"


def _holds(place: Path, papers: Sequence[PaperToLeave]) -> bool:
    """Whether exactly these lie there."""
    if not place.is_dir() or {one.name for one in place.iterdir()} != {one.name for one in papers}:
        return False
    return all((place / one.name).read_bytes() == one.content for one in papers)


def _write(path: Path, content: bytes) -> None:
    """For its owner alone from the first byte, and on the disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """What stands in the folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
