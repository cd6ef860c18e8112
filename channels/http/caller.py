"""Makes calls over HTTP: side by side, within a time, to addresses that may be spoken to, following nothing.

Where a name leads is judged when the connection is made, by the addresses that are then connected to: a name that leads
somewhere else the next moment gains nothing.
"""

import asyncio
import datetime as dt
import socket
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway import event_loop
from gateway.domain.calls import CallFault, is_this_machine, may_be_connected_to
from gateway.ports.calls import Request


class _NotAllowedError(OSError):
    """Every address of the name is one that must not be spoken to."""


class HttpCaller:
    """`Caller` with aiohttp. private: whether networks of one's own may be called."""

    def __init__(self, *, time_limit: dt.timedelta, private: bool) -> None:
        self._time_limit = time_limit.total_seconds()
        self._private = private

    def __call__(self, requests: Sequence[Request]) -> Sequence[CallFault | None]:
        """What each met, None where it was taken. Blocks."""
        return event_loop.run(self._all(requests))

    async def _all(self, requests: Sequence[Request]) -> Sequence[CallFault | None]:
        connector = aiohttp.TCPConnector(resolver=_Resolver(private=self._private), limit=0, force_close=True)
        timeout = aiohttp.ClientTimeout(total=self._time_limit)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:
            return await asyncio.gather(*(self._one(session, request) for request in requests))

    async def _one(self, session: aiohttp.ClientSession, request: Request) -> CallFault | None:
        try:
            if _is_literal(request.url) and not self._may_be_called(request.url):
                return CallFault.NOT_ALLOWED
            answer = await session.post(request.url, data=request.body, headers=request.headers, allow_redirects=False)
        except TimeoutError:
            return CallFault.TIMED_OUT
        except (aiohttp.ClientError, OSError, ValueError) as error:
            barred = isinstance(getattr(error, "os_error", error), _NotAllowedError)
            return CallFault.NOT_ALLOWED if barred else CallFault.UNREACHABLE
        answer.close()  # what else it says is of no interest, and may be of any length
        return _fault_of(answer.status)

    def _may_be_called(self, url: str) -> bool:
        host = urlsplit(url).hostname or ""
        return may_be_connected_to(host, private=self._private or is_this_machine(host))


class _Resolver(AbstractResolver):
    """Gives the addresses of a name that may be spoken to."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises OSError where there is none."""
        private = self._private or is_this_machine(host)
        found = await self._resolver.resolve(host, port, family)
        allowed = [one for one in found if may_be_connected_to(one["host"], private=private)]
        if found and not allowed:
            raise _NotAllowedError
        return allowed

    async def close(self) -> None:
        """See `AbstractResolver`."""
        await self._resolver.close()


def _is_literal(url: str) -> bool:
    """Whether the host is an address, for which nobody is asked."""
    host = urlsplit(url).hostname or ""
    return ":" in host or host.replace(".", "").isdigit()


def _fault_of(status: int) -> CallFault | None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if status == HTTPStatus.GONE:
        return CallFault.GONE
    return CallFault.REDIRECTED if status < HTTPStatus.BAD_REQUEST else CallFault.REFUSED
