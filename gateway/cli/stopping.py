"""SIGTERM and SIGINT as a wish: what is in hand is finished and recorded, so that no attempt is left in doubt."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopSignal:
    """Whether somebody asked this process to stop."""

    def __init__(self) -> None:
        self.given = threading.Event()
        self.exit_status = 0
        """128 and the signal's number, as shells write it; 0 while none came."""

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Heeds the signals while the block runs. A second SIGINT interrupts at once. For the main thread alone."""
        before = {number: signal.signal(number, self._take) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self.given.set()
        self.exit_status = 128 + number
        signal.signal(signal.SIGINT, signal.default_int_handler)
