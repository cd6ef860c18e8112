"""One account at a server, spoken to for as long as there is something to say, by code that waits for each answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from channels.http.account import Account
from channels.webdav.client import DavClient, session
from channels.webdav.faults import DavError, DavFault
from gateway import event_loop

_T = TypeVar("_T")
_ANSWER = 120.0
"""Seconds that one question may take: the largest package goes through it."""
REST = 30.0


class DavLink:
    """Connects when it is first asked something, and anew after a fault. One thread at a time.

    rest: seconds for which a server that could not be connected to is left alone: who asks is told the same at once.
    """

    def __init__(self, account: Account, *, rest: float = REST) -> None:
        self._account = account
        self._rest = rest
        self._resting: tuple[float, DavError] | None = None
        self._runner: asyncio.Runner | None = None
        self._opened: AbstractAsyncContextManager[DavClient] | None = None
        self._client: DavClient | None = None

    def ask(self, question: Callable[[DavClient], Awaitable[_T]]) -> _T:
        """The answer. Raises DavError."""
        if self._resting is not None and time.monotonic() < self._resting[0]:
            raise self._resting[1]
        self._runner = self._runner or event_loop.runner()
        try:
            return self._runner.run(self._asked(question))
        except DavError as error:
            if error.fault is DavFault.UNREACHABLE:
                self._resting = time.monotonic() + self._rest, error
            raise
        except TimeoutError:
            raise DavError(DavFault.CUT) from None

    def close(self) -> None:
        """Lets go of the connection."""
        own, opened = self._runner, self._opened
        self._runner = self._opened = self._client = None
        if own is not None:
            with own:  # which ends also where the leave-taking breaks off
                if opened is not None:
                    own.run(opened.__aexit__(None, None, None))

    async def _asked(self, question: Callable[[DavClient], Awaitable[_T]]) -> _T:
        if self._client is None:
            self._opened = session(self._account)
            self._client = await self._opened.__aenter__()
        async with asyncio.timeout(_ANSWER):
            return await question(self._client)
