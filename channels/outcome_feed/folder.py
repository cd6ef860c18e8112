"""A folder from which the receiver fetches, on this machine or mounted from another."""

import errno
import os
import secrets
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.ports.feed import Put

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class FeedFolder:
    """Implements `gateway.ports.feed.FeedPlace`. It is somebody else's: only `outcomes` in it is made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> Put:
        """See `FeedPlace`."""
        place = self._folder / "outcomes"
        draft = place / f".{name}.{secrets.token_hex(4)}"
        try:
            if self._folder.is_dir():
                place.mkdir(mode=0o770, exist_ok=True)
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(place / name)
        except OSError as error:
            code = Code.STORAGE_FULL if error.errno in _FULL else Code.STORAGE_UNAVAILABLE
            raise ServiceDown(code, where="feed.folder") from None
        return Put.THERE

    def holds(self, name: str, size: int) -> bool:
        """See `FeedPlace`."""
        try:
            return (self._folder / "outcomes" / name).stat().st_size == size
        except FileNotFoundError:
            return False
        except OSError:
            raise ServiceDown(Code.STORAGE_UNAVAILABLE, where="feed.folder") from None
