"""What is asked for many times a second and changes a few times a year."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

SECONDS = 0.25
"""So much later than itself a change may be seen: one by another process, or by ours while a reading was under way."""

T = TypeVar("T")


class Lately(Generic[T]):
    """Reads at most once in so many seconds. Safe to use from several threads."""

    def __init__(
        self, read: Callable[[], T], clock: Callable[[], float] = time.monotonic, *, seconds: float = SECONDS
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[float, T] | None = None

    def __call__(self) -> T:
        """What was read last, or is read now."""
        with self._lock:
            held = self._held
        if held is not None and self._clock() - held[0] < self._seconds:
            return held[1]
        begun = self._clock()
        value = self._read()
        with self._lock:
            self._held = (begun, value)
        return value

    def forget(self) -> None:
        """It was changed here."""
        with self._lock:
            self._held = None
