"""A folder at a server over HTTPS, into which others put files for us: looked into again and again."""

import datetime as dt
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from channels.http.account import Account
from channels.webdav.client import DavClient
from channels.webdav.faults import DavError, DavFault
from channels.webdav.link import DavLink
from gateway.ports.mailboxes import Arrival

_T = TypeVar("_T")
_UNFINISHED = (".tmp", ".part", ".filepart")
_SLICE = 0.5
"""Seconds between two looks at whether we are ending."""


class DavMailbox:
    """`Mailbox` over the account's folder. Files are let go of by removing them: they are kept."""

    def __init__(self, name: str, account: Account) -> None:
        self._name = name
        self._account = account

    @property
    def name(self) -> str:
        """See `Mailbox`."""
        return self._name

    @contextmanager
    def visit(self) -> Iterator["_Visit"]:
        """Looks in, by one connection. Raises SetupWrong (webdav.*), ServiceDown (webdav.unavailable)."""
        visit = _Visit(self._name, DavLink(self._account, rest=0))
        try:
            visit.arrivals()
            yield visit
        finally:
            visit.link.close()


class _Visit:
    """See `gateway.ports.mailboxes.Visit`."""

    def __init__(self, name: str, link: DavLink) -> None:
        self._name = name
        self.link = link

    def arrivals(self) -> Sequence[Arrival]:
        """Whole files, the oldest first; folders are not looked at."""
        found, _ = self._ask(lambda client: client.listing(()))
        whole = [one for one in found if not one.name.startswith(".") and not one.name.endswith(_UNFINISHED)]
        whole.sort(key=lambda one: (one.modified, one.name))
        return [Arrival(name=one.name, size=one.size) for one in whole]

    def read(self, arrival: Arrival, limit: int) -> bytes | None:
        """See `Visit`."""

        async def take(client: DavClient) -> bytes | None:
            try:
                return await client.get((arrival.name,), limit + 1)
            except DavError as error:
                if error.fault is not DavFault.MISSING:
                    raise
                return None

        return self._ask(take)

    def let_go(self, arrival: Arrival) -> None:
        """Removes it: what it held is sealed."""
        self._ask(lambda client: client.remove((arrival.name,)))

    def wait(self, limit: dt.timedelta, ending: Callable[[], bool]) -> None:
        """For that long: WebDAV tells of nothing that comes."""
        end = time.monotonic() + limit.total_seconds()
        while time.monotonic() < end and not ending():
            time.sleep(min(_SLICE, max(0.0, end - time.monotonic())))

    def _ask(self, question: Callable[[DavClient], Awaitable[_T]]) -> _T:
        """Raises SetupWrong, ServiceDown."""
        try:
            return self.link.ask(question)
        except DavError as error:
            raise error.problem(self._name) from None
