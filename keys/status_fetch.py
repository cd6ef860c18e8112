"""Asks for published lists and responses over HTTP: several at a time, within a time and a size, following nothing.

The addresses stand in certificates, and what comes back is signed: plain HTTP serves (RFC 5280 §8). No redirect is
followed, since it could lead to what an address in a certificate may not name.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence

import aiohttp

from gateway import event_loop
from gateway.domain.trust import StatusKind, StatusSource

_OK = 200
_PIECE = 65536


class HttpStatusFetcher:
    """Fetches within `time_limit` for all of them together; more than `max_bytes` of one is not read."""

    def __init__(self, *, time_limit: dt.timedelta, max_bytes: int) -> None:
        self._time_limit = time_limit.total_seconds()
        self._max_bytes = max_bytes

    def __call__(self, sources: Sequence[StatusSource]) -> Mapping[StatusSource, bytes]:
        """What the sources answered, without those that did not. Blocks; never called inside a transaction."""
        return event_loop.run(self._all(sources))

    async def _all(self, sources: Sequence[StatusSource]) -> Mapping[StatusSource, bytes]:
        timeout = aiohttp.ClientTimeout(total=self._time_limit)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False, auto_decompress=False) as session:
            answers = await asyncio.gather(*(self._one(session, source) for source in sources))
        return {source: answer for source, answer in zip(sources, answers, strict=True) if answer is not None}

    async def _one(self, session: aiohttp.ClientSession, source: StatusSource) -> bytes | None:
        try:
            if source.kind is StatusKind.CRL:
                return await self._read(session.get(source.url, allow_redirects=False))
            headers = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
            return await self._read(
                session.post(source.url, data=source.request, headers=headers, allow_redirects=False)
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return None

    async def _read(self, asked: aiohttp.client._BaseRequestContextManager[aiohttp.ClientResponse]) -> bytes | None:
        async with asked as answer:
            if answer.status != _OK:
                return None
            content = bytearray()
            async for piece in answer.content.iter_chunked(_PIECE):
                content += piece
                if len(content) > self._max_bytes:
                    return None
            return bytes(content)
