"""Files that a person names on the command line."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, NoSuchThing, ServiceDown

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def read_file(path: Path) -> bytes:
    """The file's bytes. Raises NoSuchThing, InputRefused (file.unreadable)."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NoSuchThing(Code.FILE_UNREADABLE, where=path.name) from None
    except OSError:
        raise InputRefused(Code.FILE_UNREADABLE, where=path.name) from None


def read_folder(folder: Path) -> Mapping[str, bytes]:
    """Every file below the folder by its path there. Raises NoSuchThing when there is no such folder; see read_file."""
    if not folder.is_dir():
        raise NoSuchThing(Code.FILE_UNREADABLE, where=folder.name)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): read_file(path) for path in files}


def write_file(path: Path, content: bytes) -> None:
    """Writes the file; a new one is for its owner alone, since it holds a decision.

    Raises NoSuchThing (no such folder), InputRefused (file.unwritable), ServiceDown (storage.full).
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except FileNotFoundError:
        raise NoSuchThing(Code.FILE_UNWRITABLE, where=path.name) from None
    except OSError as error:
        if error.errno in _FULL:
            raise ServiceDown(Code.STORAGE_FULL, where=path.name) from None
        raise InputRefused(Code.FILE_UNWRITABLE, where=path.name) from None
