"""Sealed objects as files, for their owner alone: `ROOT/3f/3f0c…`, in a folder by the first two digits of the name.

Only sealed bytes ever reach this module; it neither seals nor opens.
"""

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing, ServiceDown

_NAME = re.compile(r"[0-9a-f]{32,64}")
_FOLDER = re.compile(r"[0-9a-f]{2}")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FileObjects:
    """`gateway.ports.sealing.ObjectStore` in a folder. Safe to use from several threads and processes."""

    def __init__(self, root: Path) -> None:
        """`root` need not exist yet; its parent must."""
        self._root = root

    def put(self, name: str, sealed: bytes) -> None:
        """Durable when it returns: file and folder are on disk. The same name again replaces the object at once.

        Raises ServiceDown (storage.full, storage.unavailable) and leaves nothing; ValueError when the name is not hex.
        """
        path = self._path(name)
        draft = path.with_name(f"{name}.{secrets.token_hex(8)}.draft")
        with _problems(name):
            _make_folder(self._root)
            _make_folder(path.parent)
            try:
                _write(draft, sealed)
                draft.replace(path)
            except OSError:
                with suppress(OSError):
                    draft.unlink()
                raise
            _sync_folder(path.parent)

    def get(self, name: str) -> bytes:
        """The sealed bytes. Raises NoSuchThing (seal.object-missing), ServiceDown (storage.unavailable)."""
        with _problems(name):
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError as error:
                raise NoSuchThing(Code.SEAL_OBJECT_MISSING, where=name) from error

    def delete(self, name: str) -> None:
        """Removes the object for good; an absent one is no error. Raises ServiceDown (storage.unavailable)."""
        path = self._path(name)
        with _problems(name):
            try:
                path.unlink()
            except FileNotFoundError:
                return
            _sync_folder(path.parent)

    def has(self, name: str) -> bool:
        """Whether there is an object of that name. Raises ServiceDown (storage.unavailable)."""
        with _problems(name):
            return self._path(name).is_file()

    def names(self) -> Iterator[str]:
        """All names, in order. Raises ServiceDown (storage.unavailable)."""
        for folder in self._folders():
            with _problems(folder):
                found = sorted(path.name for path in (self._root / folder).iterdir() if _NAME.fullmatch(path.name))
            yield from found

    def _folders(self) -> list[str]:
        with _problems(self._root.name):
            if not self._root.is_dir():
                return []
            return sorted(path.name for path in self._root.iterdir() if _FOLDER.fullmatch(path.name))

    def _path(self, name: str) -> Path:
        if _NAME.fullmatch(name) is None:
            raise ValueError("an object's name is 32 to 64 lower-case hex digits")
        return self._root / name[:2] / name


def _write(path: Path, sealed: bytes) -> None:
    """A new file, mode 0600, on disk when it returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb", buffering=0) as file:  # noqa: PTH123  (from a descriptor, for the mode)
        rest = memoryview(sealed)
        while rest:
            rest = rest[file.write(rest) or 0 :]
        os.fsync(descriptor)


def _make_folder(folder: Path) -> None:
    """The folder, mode 0700; a new one is on disk in its parent when this returns."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _problems(name: str) -> Iterator[None]:
    """Turns what the file system says into a problem; a path is never part of it."""
    try:
        yield
    except OSError as error:
        code = Code.STORAGE_FULL if error.errno in _FULL else Code.STORAGE_UNAVAILABLE
        raise ServiceDown(code, where=name, errno=error.errno or 0) from error
