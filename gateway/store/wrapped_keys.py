"""Wrapped data keys read a moment ago: the work on one delivery asks for the same two or three again and again.

Only wrapped forms are held, and briefly: a key that was destroyed is forgotten by every process within `SECONDS`.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

SECONDS = 5.0
_MOST = 1000


class WrappedKeys:
    """Those of one process. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def get(self, key_id: str) -> bytes | None:
        """The wrapped key as it was read within the last `SECONDS`, if it was."""
        with self._lock:
            read_at, wrapped = self._held.get(key_id, (None, b""))
            return wrapped if read_at is not None and self._clock() - read_at < SECONDS else None

    def put(self, key_id: str, wrapped: bytes) -> None:
        """As just read, by one that writes nothing: what a transaction wrote and took back must not stay here."""
        with self._lock:
            self._held[key_id] = (self._clock(), wrapped)
            self._held.move_to_end(key_id)
            if len(self._held) > _MOST:
                self._held.popitem(last=False)

    def forget(self, key_id: str) -> None:
        """It changes or goes."""
        with self._lock:
            self._held.pop(key_id, None)
