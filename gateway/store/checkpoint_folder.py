"""Checkpoints in a folder, best one that is mounted from another machine."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown


class CheckpointFolder:
    """Implements `gateway.ports.ledger.CheckpointPlace`. The folder is somebody else's: it is never made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, note: str) -> None:
        """See `CheckpointPlace`."""
        path, draft = self._folder / name, self._folder / f".{name}.{secrets.token_hex(4)}"
        if path.exists():
            return
        try:
            with draft.open("x", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        except OSError:
            raise ServiceDown(Code.STORAGE_UNAVAILABLE, where="evidence.checkpoints") from None

    def kept(self) -> Sequence[tuple[str, str]]:
        """See `CheckpointPlace`."""
        try:
            if not self._folder.is_dir():
                raise ServiceDown(Code.STORAGE_UNAVAILABLE, where="evidence.checkpoints")
            found = sorted(self._folder.glob("checkpoint-*.txt"))
            return [(path.name, path.read_text(encoding="utf-8", errors="replace")) for path in found]
        except OSError:
            raise ServiceDown(Code.STORAGE_UNAVAILABLE, where="evidence.checkpoints") from None
