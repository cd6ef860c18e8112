"""Asks a time stamp authority over HTTP (RFC 3161 §3.4), within a time and a size, following nothing."""

import datetime as dt
from collections.abc import Callable, Sequence

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway import event_loop
from gateway.domain.codes import Code
from gateway.domain.problem import ServiceDown
from gateway.domain.stamps import Stamp
from keys.time_stamps import CertifiedStamps, query_for

_OK = 200
_MOST_BYTES = 100_000
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class HttpStampAuthority(CertifiedStamps):
    """Implements `gateway.ports.stamps.StampAuthority`. What it signs vouches for itself: plain HTTP serves."""

    def __init__(
        self, url: str, *, trusted: Callable[[], Sequence[x509.Certificate]], time_limit: dt.timedelta
    ) -> None:
        super().__init__(trusted)
        self._url = url
        self._time_limit = time_limit.total_seconds()

    def ask(self, content: bytes) -> Stamp:
        """See `StampAuthority`."""
        self.trusted()  # what could not be judged is not asked for
        query = query_for(content).as_bytes()
        stamp = Stamp(query=query, answer=event_loop.run(self._answer(query)))
        self.verify(content, stamp)
        return stamp

    def certificates(self) -> bytes:
        """See `StampAuthority`."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.trusted())

    async def _answer(self, query: bytes) -> bytes:
        timeout = aiohttp.ClientTimeout(total=self._time_limit)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False, auto_decompress=False) as session,
                session.post(self._url, data=query, headers=_HEADERS, allow_redirects=False) as answer,
            ):
                content = await answer.content.read(_MOST_BYTES)
                if answer.status != _OK or not answer.content.at_eof():
                    raise ServiceDown(Code.STAMP_UNAVAILABLE, status=answer.status)
                return content
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            raise ServiceDown(Code.STAMP_UNAVAILABLE, status=0) from None
