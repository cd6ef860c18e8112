"""Reports for staff as files: each whole under its name at once, in place of an earlier one of that name."""

import errno
import secrets
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def keep_report(folder: Path, name: str, content: bytes) -> None:
    """Raises ServiceDown (storage.unavailable, storage.full)."""
    draft = folder / f".{name}.{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        draft.write_bytes(content)
        draft.rename(folder / name)
    except OSError as error:
        code = Code.STORAGE_FULL if error.errno in _FULL else Code.STORAGE_UNAVAILABLE
        raise ServiceDown(code, where=str(folder)) from None
