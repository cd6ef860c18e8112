"""One large thing at a time within a process, whatever step it is in: memory stays bounded by the largest one.

What is small passes at once.
"""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

LARGE = 1_000_000
"""Bytes of a package or of a delivery's papers above which it waits its turn."""

_LOOK_AGAIN = 0.02
"""Seconds; a large thing takes many times that."""


class LargeGate:
    """The turns of one process."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    @contextmanager
    def turn(self, size: int) -> Iterator[None]:
        """Holds the turn while the block runs, when `size` in bytes is large."""
        if size <= LARGE:
            yield
            return
        with self._turn:
            try:
                yield
            finally:
                _collect()

    @asynccontextmanager
    async def async_turn(self, size: int) -> AsyncIterator[None]:
        """The same on an event loop, which goes on meanwhile.

        It asks again and again rather than wait on a thread: the loop has few threads, and whoever holds the turn
        needs one to get on. Nor does a wait that is cancelled leave a thread behind that takes the turn for nobody.
        """
        if size <= LARGE:
            yield
            return
        while not self._turn.acquire(blocking=False):
            await asyncio.sleep(_LOOK_AGAIN)
        try:
            yield
        finally:
            _collect()
            self._turn.release()


def _collect() -> None:
    """PDF readers leave cycles around the bytes they read, and few objects: the collector would not come for long."""
    gc.collect()
