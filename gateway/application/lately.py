"""What is asked for much oftener than it changes."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

SECONDS = 0.25
"""So much later than itself a change may be seen: one by another process, or by ours while a reading was under way."""

T = TypeVar("T")


class Lately(Generic[T]):
    """Reads at most once in `SECONDS`, but for those who ask at one moment. Safe to use from several threads."""

    def __init__(self, read: Callable[[], T], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[float, T] | None = None
        self._changes = 0

    def __call__(self) -> T:
        """What was read last, or is read now."""
        with self._lock:
            held = self._held
        if held is not None and self._clock() - held[0] < SECONDS:
            return held[1]
        return self._read_now()

    def _read_now(self) -> T:
        begun, changes = self._clock(), self._changes
        value = self._read()
        with self._lock:
            if self._changes == changes:  # else it may have been read before the change
                self._held = (begun, value)
        return value

    def forget(self) -> None:
        """It was changed here."""
        with self._lock:
            self._held = None
            self._changes += 1
