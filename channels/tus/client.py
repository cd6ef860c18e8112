"""Asks a tus server one thing at a time (tus 1.0.0: core, creation, checksum, expiration, termination), and follows
nothing."""

import base64
import hashlib
import io
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import aiohttp

from channels.http.account import Grant
from channels.http.dates import read_date
from channels.http.speaking import BROKEN, SpeakingError, granted, of_error, speaking
from channels.tus.faults import TusError, TusFault, of_status
from channels.tus.settings import TusPlace

VERSION = "1.0.0"
_MOST_WORDS = 500
_ALGORITHMS = ("sha256", "sha1")
"""For checksums, the better first; every server that gives any gives sha1."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """status and headers of an answer; `words`: how its body begins, where it was no success."""

    status: int
    headers: Mapping[str, str]
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an upload stands. offset: bytes of it that lie there. ends: from when on the server keeps it no more unless
    it is whole by then (`Upload-Expires`), as our `time.monotonic`; None: it does not say."""

    address: str
    offset: int = 0
    ends: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether what is missing would come too late."""
        return self.ends is not None and time.monotonic() >= self.ends


@asynccontextmanager
async def session(place: TusPlace) -> AsyncIterator["TusClient"]:
    """A client while the block runs."""
    async with speaking(place.tls) as http:
        yield TusClient(place, http)


class TusClient:
    """Every method raises TusError."""

    def __init__(self, place: TusPlace, http: aiohttp.ClientSession) -> None:
        self.place = place
        self._http = http
        self._token: str | None = None

    async def checksum(self) -> str | None:
        """By what the server checks each request: the best that we have in common; None: by nothing.

        Raises TusError: refused, where it does not speak tus 1.0 or does not let uploads be created.
        """
        answer = await self._ask("OPTIONS", self.place.url, {})
        extensions = _listed(answer, "Tus-Extension")
        if VERSION not in _listed(answer, "Tus-Version") or "creation" not in extensions:
            raise TusError(TusFault.REFUSED, f"{answer.headers.get('Tus-Version', '')} {' '.join(sorted(extensions))}")
        offered = _listed(answer, "Tus-Checksum-Algorithm") if "checksum" in extensions else frozenset()
        return next((one for one in _ALGORITHMS if one in offered), None)

    async def create(self, size: int, metadata: Mapping[str, str]) -> Standing:
        """A new upload, at the same server."""
        told = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())
        answer = await self._ask("POST", self.place.url, {"Upload-Length": str(size), "Upload-Metadata": told})
        address = urljoin(self.place.url, answer.headers.get("Location", ""))
        if answer.status != HTTPStatus.CREATED or not self.is_at_home(address):
            raise TusError(TusFault.FAILED, f"{answer.status} {address}")
        return Standing(address=address, ends=_ends(answer))

    def is_at_home(self, address: str) -> bool:
        """Whether it is an upload's at the server that we know: content goes to no other."""
        ours, theirs = urlsplit(self.place.url), urlsplit(address)
        return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc) and address != self.place.url

    async def standing(self, address: str, size: int) -> Standing:
        """How the upload stands. Raises TusError: gone, also where it is of another size."""
        answer = await self._ask("HEAD", address, {})
        if answer.headers.get("Upload-Length") != str(size):
            raise TusError(TusFault.GONE)
        return Standing(address=address, offset=_offset(answer, size), ends=_ends(answer))

    async def append(self, standing: Standing, part: bytes, *, size: int, checksum: str | None) -> Standing:
        """How it stands after `part` was added."""
        headers = {"Upload-Offset": str(standing.offset), "Content-Type": "application/offset+octet-stream"}
        if checksum is not None:
            digest = hashlib.new(checksum, part, usedforsecurity=False).digest()
            headers["Upload-Checksum"] = f"{checksum} {base64.b64encode(digest).decode()}"
        answer = await self._ask("PATCH", standing.address, headers, part)
        reached = _offset(answer, size)
        if reached != standing.offset + len(part):
            raise TusError(TusFault.MOVED)
        return replace(standing, offset=reached, ends=_ends(answer) or standing.ends)

    async def end(self, address: str) -> None:
        """Ends an upload of ours, whole or not, so that nothing of it is kept there.

        Raises TusError: refused, where the server lets none be ended or it is at another; gone.
        """
        answer = await self._ask("OPTIONS", self.place.url, {})
        if "termination" not in _listed(answer, "Tus-Extension") or not self.is_at_home(address):
            raise TusError(TusFault.REFUSED)
        await self._ask("DELETE", address, {})

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """The answer, which is a success. A token that is not taken any more is renewed once."""
        fresh = self._token is None
        answer = await self._once(method, url, headers, body)
        if answer.status == HTTPStatus.UNAUTHORIZED and self.place.grant is not None and not fresh:
            self._token = None
            answer = await self._once(method, url, headers, body)
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            fault = of_status(answer.status)
            # What is not there at the server's own address is no upload that expired.
            wrong = fault is TusFault.GONE and url == self.place.url
            raise TusError(TusFault.REFUSED if wrong else fault, f"{answer.status} {answer.words}")
        return answer

    async def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        said = {"Tus-Resumable": VERSION, **headers}
        if self.place.grant is not None:
            self._token = self._token or await self._granted(self.place.grant)
            said["Authorization"] = f"Bearer {self._token}"
        sent = io.BytesIO(body) if body else None  # in pieces, so that other sends go on
        try:
            async with self._http.request(method, url, headers=said, data=sent, allow_redirects=False) as answer:
                good = answer.ok or method == "HEAD"
                words = "" if good else (await answer.content.read(_MOST_WORDS)).decode("utf-8", "replace")
                return Answer(status=answer.status, headers=answer.headers, words=words)
        except BROKEN as error:
            raise _of(of_error(error)) from None

    async def _granted(self, grant: Grant) -> str:
        try:
            return await granted(self._http, grant)
        except SpeakingError as met:
            raise _of(met) from None


def _listed(answer: Answer, name: str) -> frozenset[str]:
    return frozenset(one.strip() for one in answer.headers.get(name, "").split(","))


def _offset(answer: Answer, size: int) -> int:
    text = answer.headers.get("Upload-Offset", "")
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(size)) or int(text) > size:
        raise TusError(TusFault.FAILED, text)
    return int(text)


def _of(met: SpeakingError) -> TusError:
    return TusError(TusFault(met.fault.value), met.words)


def _ends(answer: Answer) -> float | None:
    """By how much the server's own clock, which need not be ours, is before that moment. What cannot be read is as if
    it were not said."""
    try:
        left = read_date(answer.headers["Upload-Expires"]) - read_date(answer.headers["Date"])
    except (KeyError, ValueError):
        return None
    return time.monotonic() + left.total_seconds()
