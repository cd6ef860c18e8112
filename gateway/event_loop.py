"""An event loop that ends with every connection that was opened on it closed.

Libraries say that they closed what they asked to close: over TLS a connection then waits for the other side's farewell
(RFC 8446 §6.1), and with something left to send for the other side to read it. Who ends the loop meanwhile leaves the
socket open until the garbage collector comes by, in a worker that lives for months.
"""

import asyncio
from collections.abc import Coroutine, MutableMapping
from typing import Any, TypeVar

_T = TypeVar("_T")


class EndingLoop(asyncio.SelectorEventLoop):
    """asyncio's, which cuts whatever is still open on it before it is closed. Nothing is waited for: by then all that
    was asked is answered or given up."""

    _transports: MutableMapping[int, asyncio.WriteTransport]
    """By descriptor, those of asyncio itself: a library's hold on one may be gone while it waits to be closed."""

    def close(self) -> None:
        """See `asyncio.AbstractEventLoop`."""
        if not self.is_closed():
            self._cut()
        super().close()

    def _cut(self) -> None:
        left = list(self._transports.values())
        for transport in left:
            transport.abort()
        if left:
            self.run_until_complete(_told())


async def _told() -> None:
    """Until those that were cut are closed, which comes first, and until TLS and whoever spoke through it were told."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def runner() -> asyncio.Runner:
    """For several conversations on one loop. Whoever makes it closes it."""
    return asyncio.Runner(loop_factory=EndingLoop)


def run(conversation: Coroutine[Any, Any, _T]) -> _T:
    """What it comes to, on a loop of its own, as `asyncio.run`."""
    with runner() as own:
        return own.run(conversation)
