"""Leaving when a signal asks for it, at a moment of our choice, so that nothing is left behind.

An exception raised in a signal's handler may land anywhere, in a destructor for one, and be lost there. The handler
only notes the signal; the demonstration asks at each step.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_OFFSET = 128
"""What shells add to a signal's number for the exit status."""


class Leaving:
    """Notes the signal that asks to leave."""

    def __init__(self) -> None:
        self._asked: int | None = None

    def check(self) -> None:
        """Raises SystemExit when a signal came."""
        if self._asked is not None:
            raise SystemExit(_OFFSET + self._asked)

    def check_after_serving(self) -> None:
        """The same, but Ctrl-C is how serving ends: that is no failure."""
        if self._asked != signal.SIGINT:
            self.check()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Notes signals while the block runs."""
        before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self._asked is None:
            self._asked = number
        if number == signal.SIGHUP:
            # The terminal was closed. What serves ends by SIGTERM, and knows no other signal of that kind.
            signal.raise_signal(signal.SIGTERM)
