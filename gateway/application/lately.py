"""What is asked for much oftener than it changes, or takes longer to read than who asks should wait."""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from gateway.domain.problem import Problem

SECONDS = 0.25
"""So much later than itself a change may be seen: one by another process, or by ours while a reading was under way."""

T = TypeVar("T")


class Lately(Generic[T]):
    """Reads at most once in so many seconds. Safe to use from several threads.

    behind: for so many seconds more what was read is still given, while a thread of its own reads anew.
    """

    def __init__(
        self,
        read: Callable[[], T],
        clock: Callable[[], float] = time.monotonic,
        *,
        seconds: float = SECONDS,
        behind: float = 0.0,
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._behind = behind
        self._clock = clock
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._held: tuple[float, T] | None = None
        self._changes = 0

    def __call__(self) -> T:
        """What was read last, or is read now."""
        with self._lock:
            held = self._held
        age = self._clock() - held[0] if held is not None else 0.0
        if held is not None and age < self._seconds + self._behind:
            if age >= self._seconds and self._reading.acquire(blocking=False):
                if self._held is held:
                    threading.Thread(target=self._read_behind, daemon=True).start()
                else:  # while this one looked, another had it read
                    self._reading.release()
            return held[1]
        return self._read_now()

    def _read_now(self) -> T:
        begun, changes = self._clock(), self._changes
        value = self._read()
        with self._lock:
            if self._changes == changes:  # else it may have been read before the change
                self._held = (begun, value)
        return value

    def _read_behind(self) -> None:
        """Whatever it meets, who asks next meets it too once what is held is too old."""
        try:
            with contextlib.suppress(Problem):
                self._read_now()
        finally:
            self._reading.release()

    def forget(self) -> None:
        """It was changed here."""
        with self._lock:
            self._held = None
            self._changes += 1
