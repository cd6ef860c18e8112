"""A drop folder on this machine or mounted from another.

`in` is the sender's: whatever has no ending of ours, begins with a dot, is no plain file or was written to a moment ago
is left alone. A rename into `taken` is the claim, so that any number of processes may look. `out` holds the answers,
`refused` what was set aside.
"""

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, ServiceDown
from gateway.ports.drop_folder import Dropped, in_turn

QUIET = 2.0
"""Seconds since a file was last written to, before it is taken: for those who forget to rename."""
LEASE = 600.0
"""Seconds after which a file that was taken and not dealt with is taken again."""
_LONGEST_NAME = 160
"""Octets, so that what we add to a name still fits a file system."""
_MARK = "~"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_OF_ONE_FILE = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.EIO})
"""What is wrong with a file, and not with the folder in which it was just moved."""


class LocalDropFolder:
    """Implements `gateway.ports.drop_folder.DropFolder`. The folder is somebody else's: only what is in it is made.

    endings: of the names that are taken. where: the setting that names the folder.
    """

    def __init__(
        self, folder: Path, *, endings: Sequence[str], where: str, quiet: float = QUIET, lease: float = LEASE
    ) -> None:
        self._folder = folder
        self._endings = tuple(endings)
        self._where = where
        self._quiet = quiet
        self._lease = lease

    def take(self, limit: int) -> Sequence[Dropped]:
        """See `DropFolder`."""
        taken: list[Dropped] = []
        try:
            self._prepare()
            for candidate in in_turn(self._left_behind(), self._arrived()):
                if len(taken) == limit:
                    break
                dropped = self._claim(*candidate)
                taken += [dropped] if dropped is not None else []
        except OSError as error:
            raise self._down(error) from None
        return taken

    def read(self, dropped: Dropped, limit: int) -> bytes:
        """See `DropFolder`."""
        try:
            descriptor = os.open(self._folder / "taken" / dropped.place, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as file:
                return file.read(limit + 1)
        except OSError as error:
            if error.errno in _OF_ONE_FILE:
                raise InputRefused(Code.DROP_UNREADABLE) from None
            raise self._down(error) from None

    def answer(self, dropped: Dropped, outcome: str, content: bytes) -> None:
        """See `DropFolder`."""
        out = self._folder / "out"
        try:
            draft = out / f".{secrets.token_hex(8)}"
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            for other in out.glob(f"{_literal(dropped.name)}.*.json"):
                other.unlink(missing_ok=True)
            draft.rename(out / f"{dropped.name}.{outcome}.json")
        except OSError as error:
            raise self._down(error) from None

    def let_go(self, dropped: Dropped) -> None:
        """See `DropFolder`."""
        try:
            (self._folder / "taken" / dropped.place).unlink(missing_ok=True)
        except OSError as error:
            raise self._down(error) from None

    def set_aside(self, dropped: Dropped) -> None:
        """See `DropFolder`."""
        try:
            (self._folder / "taken" / dropped.place).rename(self._folder / "refused" / dropped.name)
        except OSError as error:
            raise self._down(error) from None

    def refused(self) -> int:
        """See `DropFolder`."""
        try:
            return sum(1 for _ in (self._folder / "refused").iterdir())
        except OSError as error:
            raise self._down(error) from None

    def give_back(self, dropped: Dropped) -> None:
        """See `DropFolder`."""
        place = self._folder / "taken" / dropped.place
        try:
            os.utime(place, (0, 0))
            place.rename(place.with_name(_placed(dropped.name, dropped.tries - 1)))
        except OSError as error:
            raise self._down(error) from None

    def _prepare(self) -> None:
        """Raises OSError where the folder itself is missing: nobody makes one by a wrong setting."""
        if not self._folder.is_dir():
            raise FileNotFoundError(self._where)
        for name in ("in", "taken", "out", "refused"):
            (self._folder / name).mkdir(mode=0o770, exist_ok=True)

    def _arrived(self) -> Iterator[tuple[Path, str, int]]:
        now = time.time()
        for path in sorted((self._folder / "in").iterdir()):
            ours = path.name.endswith(self._endings) and not path.name.startswith(".")
            if ours and len(path.name.encode()) <= _LONGEST_NAME and _rests(path, now - self._quiet):
                yield path, path.name, 0

    def _left_behind(self) -> Iterator[tuple[Path, str, int]]:
        now = time.time()
        for path in sorted((self._folder / "taken").iterdir()):
            match path.name.split(_MARK, maxsplit=2):
                case [_, tries, name] if tries.isdecimal() and _rests(path, now - self._lease):
                    yield path, name, int(tries)  # what else lies there is not ours

    def _claim(self, path: Path, name: str, tries: int) -> Dropped | None:
        """None where another process was quicker."""
        place = _placed(name, tries + 1)
        try:
            os.utime(path, follow_symlinks=False)  # first: the lease runs from the moment the file lies there
            path.rename(self._folder / "taken" / place)
        except FileNotFoundError:
            return None
        return Dropped(name=name, place=place, tries=tries + 1)

    def _down(self, error: OSError) -> ServiceDown:
        return ServiceDown(Code.STORAGE_FULL if error.errno in _FULL else Code.STORAGE_UNAVAILABLE, where=self._where)


def _placed(name: str, tries: int) -> str:
    return f"{secrets.token_hex(8)}{_MARK}{tries}{_MARK}{name}"


def _rests(path: Path, since: float) -> bool:
    """Whether it is a plain file that nobody has written to since."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_mtime <= since


def _literal(name: str) -> str:
    """The name for `glob`, which takes brackets and stars for patterns."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in name)
