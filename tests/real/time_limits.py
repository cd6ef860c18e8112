"""Time limits of channels that end once the other side hangs, and not before: a test waits for none of them, and none
ends early on a busy machine."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace

import pytest

from channels import base

_LOOK_AGAIN = 0.01


@contextmanager
def ending_once(hangs: Callable[[], bool]) -> Iterator[None]:
    """While the block runs. hangs: whether the other side does; it may run in another thread."""

    @asynccontextmanager
    async def timeout(longest: float | None) -> AsyncGenerator[asyncio.Timeout]:
        async with asyncio.timeout(longest) as limit:
            watching = asyncio.create_task(_ends(limit, hangs))
            try:
                yield limit
            finally:
                watching.cancel()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(base, "asyncio", SimpleNamespace(timeout=timeout, CancelledError=asyncio.CancelledError))
        yield


async def _ends(limit: asyncio.Timeout, hangs: Callable[[], bool]) -> None:
    while not hangs():
        await asyncio.sleep(_LOOK_AGAIN)
    limit.reschedule(asyncio.get_running_loop().time())
