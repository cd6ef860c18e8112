"""An exchange for tests of the channel: it keeps what was left, or behaves as its script says."""

import asyncio
import datetime as dt
from collections.abc import Sequence

from gateway.ports.exchange import PaperToLeave

LEFT_AT = dt.datetime(2026, 11, 23, 17, 30, tzinfo=dt.UTC)


class FakeExchange:
    """`gateway.ports.exchange.Exchange` in memory. `fails`: what each call raises; `silent`: it never answers."""

    def __init__(self, *, fails: Exception | None = None, silent: bool = False) -> None:
        self.left: dict[str, tuple[str, tuple[PaperToLeave, ...]]] = {}
        self._fails = fails
        self._silent = silent

    async def leave(self, reference: str, account: str, papers: Sequence[PaperToLeave]) -> dt.datetime:
        """See `Exchange`."""
        if self._fails is not None:
            raise self._fails
        if self._silent:
            await asyncio.Event().wait()
        self.left.setdefault(reference, (account, tuple(papers)))
        return LEFT_AT

    def left_at(self, reference: str) -> dt.datetime | None:
        """See `Exchange`."""
        if self._fails is not None:
            raise self._fails
        return LEFT_AT if reference in self.left else None
