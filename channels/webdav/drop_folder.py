"""A drop folder at a server, laid out as one on this machine: `in`, `taken`, `out` and `refused`.

A move into `taken` is the claim here as well. When it was claimed stands in the name, by our clock, since a file's
times cannot be set there; the server's clock says only whether a file rests.
"""

import datetime as dt
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from channels.webdav.client import DavClient
from channels.webdav.faults import DavError, DavFault
from channels.webdav.link import DavLink
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.drop_folder import Dropped, in_turn

_T = TypeVar("_T")
_Candidate = tuple[Sequence[str], str, int]
EVERY = 15.0
"""Seconds between two looks where the last found nothing."""
QUIET = 2.0
LEASE = 600.0
"""Seconds, as in a folder on this machine."""
_LONGEST_NAME = 160
_MARK, _MARKS = "~", 3
_FOREIGN = frozenset({DavFault.MISSING, DavFault.DENIED})
"""What a claim meets where another process was quicker: nothing, or a server that trips over it. Of a file that was
claimed, that we may not read it."""


class DavDropFolder:
    """Implements `gateway.ports.drop_folder.DropFolder`. The account's folder must be there: what is in it is made.

    endings: of the names that are taken. where: the setting that names the server.
    """

    def __init__(
        self,
        link: DavLink,
        *,
        endings: Sequence[str],
        where: str,
        every: float = EVERY,
        quiet: float = QUIET,
        lease: float = LEASE,
    ) -> None:
        self._link = link
        self._endings = tuple(endings)
        self._where = where
        self._every = every
        self._quiet = quiet
        self._lease = lease
        self._next = 0.0

    def take(self, limit: int) -> Sequence[Dropped]:
        """See `DropFolder`. A server that had nothing, or is away, is left alone for a while."""
        if time.monotonic() < self._next:
            return ()
        self._next = time.monotonic() + self._every
        taken = self._ask(partial(self._take, limit))
        if taken:
            self._next = 0.0
        else:
            self._link.close()
        return taken

    def read(self, dropped: Dropped, limit: int) -> bytes:
        """See `DropFolder`."""
        try:
            return self._link.ask(lambda client: client.get(("taken", dropped.place), limit + 1))
        except DavError as error:
            denied = error.fault in _FOREIGN
            raise InputRefused(Code.DROP_UNREADABLE) if denied else error.problem(self._where) from None

    def answer(self, dropped: Dropped, outcome: str, content: bytes) -> None:
        """See `DropFolder`."""
        draft, other = ("out", f".{secrets.token_hex(8)}"), "refused" if outcome == "accepted" else "accepted"

        async def put(client: DavClient) -> None:
            await client.put(draft, content)
            await client.remove(("out", f"{dropped.name}.{other}.json"))
            await client.move(draft, ("out", f"{dropped.name}.{outcome}.json"))

        self._ask(put)

    def let_go(self, dropped: Dropped) -> None:
        """See `DropFolder`."""
        self._ask(lambda client: client.remove(("taken", dropped.place)))

    def set_aside(self, dropped: Dropped) -> None:
        """See `DropFolder`."""
        self._ask(lambda client: client.move(("taken", dropped.place), ("refused", dropped.name)))

    def refused(self) -> int:
        """See `DropFolder`."""
        try:
            return len(self._ask(lambda client: client.listing(("refused",)))[0])
        finally:
            self._link.close()

    def give_back(self, dropped: Dropped) -> None:
        """See `DropFolder`."""
        again = ("taken", _placed(dropped.name, dropped.tries - 1, 0))
        self._ask(lambda client: client.move(("taken", dropped.place), again, replace=False))

    async def _take(self, limit: int, client: DavClient) -> Sequence[Dropped]:
        for name in ("in", "taken", "out", "refused"):
            await client.make_folder((name,))
        taken: list[Dropped] = []
        for path, name, tries in in_turn(await self._left_behind(client), await self._arrived(client)):
            if len(taken) == limit:
                break
            dropped = await _claim(client, path, name, tries)
            taken += [dropped] if dropped is not None else []
        return taken

    async def _arrived(self, client: DavClient) -> Sequence[_Candidate]:
        found, now = await client.listing(("in",))
        rested = now - dt.timedelta(seconds=self._quiet)
        names = [one.name for one in found if one.modified <= rested]
        ours = [one for one in names if one.endswith(self._endings) and not one.startswith(".")]
        return [(("in", one), one, 0) for one in ours if len(one.encode()) <= _LONGEST_NAME]

    async def _left_behind(self, client: DavClient) -> Sequence[_Candidate]:
        found, _ = await client.listing(("taken",))
        since, left = time.time() - self._lease, []
        for place in (one.name for one in found):
            match place.split(_MARK, maxsplit=_MARKS):
                case [_, tries, claimed, name] if f"{tries}{claimed}".isdecimal() and int(claimed) <= since:
                    left.append((("taken", place), name, int(tries)))
        return left

    def _ask(self, question: Callable[[DavClient], Awaitable[_T]]) -> _T:
        """Raises ServiceDown, SetupWrong (webdav.*)."""
        try:
            return self._link.ask(question)
        except DavError as error:
            raise error.problem(self._where) from None


async def _claim(client: DavClient, path: Sequence[str], name: str, tries: int) -> Dropped | None:
    """None where another process was quicker."""
    place = _placed(name, tries + 1, int(time.time()))
    try:
        await client.move(path, ("taken", place), replace=False)
    except DavError as error:
        if error.fault in _FOREIGN:
            return None
        raise
    return Dropped(name=name, place=place, tries=tries + 1)


def _placed(name: str, tries: int, claimed: int) -> str:
    return _MARK.join((secrets.token_hex(8), str(tries), str(claimed), name))
