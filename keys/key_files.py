"""Files that hold the gateway's own secrets: only the owner may touch them, and none is ever overwritten."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

_OWNER_ONLY_DIRECTORY = 0o700
_OWNER_ONLY_FILE = 0o600
_GROUP_AND_OTHERS = 0o077
_GROUP_AND_OTHERS_WRITE = 0o022


@contextmanager
def changing(directory: Path) -> Iterator[None]:
    """Makes the directory where it is missing, and keeps other processes of ours from changing it meanwhile.

    Raises SetupWrong: seal.key-permissions, file.unreadable.
    """
    try:
        directory.mkdir(mode=_OWNER_ONLY_DIRECTORY, parents=True, exist_ok=True)
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise SetupWrong(Code.FILE_UNREADABLE, where=str(directory)) from None
    try:
        require_private_directory(directory)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_new(path: Path, content: bytes) -> None:
    """Writes a file that only its owner may read: whole and durable, or not at all. FileExistsError if it is there."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY_FILE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read_secret(path: Path) -> bytes:
    """The file's bytes. Raises SetupWrong: key.missing; seal.key-permissions when anyone but the owner may touch it."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _GROUP_AND_OTHERS:
                raise SetupWrong(Code.SEAL_KEY_PERMISSIONS, where=str(path))
            return file.read()
    except FileNotFoundError:
        raise SetupWrong(Code.KEY_MISSING, where=str(path)) from None
    except OSError:
        raise SetupWrong(Code.FILE_UNREADABLE, where=str(path)) from None


def require_private_directory(directory: Path) -> None:
    """Raises SetupWrong: key.missing; seal.key-permissions when others may put files of their own in it."""
    try:
        mode = directory.stat().st_mode
    except FileNotFoundError:
        raise SetupWrong(Code.KEY_MISSING, where=str(directory)) from None
    if mode & _GROUP_AND_OTHERS_WRITE:
        raise SetupWrong(Code.SEAL_KEY_PERMISSIONS, where=str(directory))
