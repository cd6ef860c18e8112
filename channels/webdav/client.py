"""Asks a WebDAV server one thing at a time (RFC 4918), following nothing and speaking to nobody else."""

import datetime as dt
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import aiohttp

from channels.http.account import Account, Grant
from channels.http.dates import read_date
from channels.http.speaking import BROKEN, SpeakingError, granted, of_error, speaking
from channels.webdav.faults import DavError, DavFault, of_status
from channels.webdav.listing import ASKED, DavFile, read_listing

_MOST_LISTED = 20_000_000
_MOST_WORDS = 500
Path = Sequence[str]
"""Of something in the account's folder, a name a step."""


@dataclass(frozen=True, kw_only=True)
class _Question:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    most: int = 0
    """Octets of the answer that are read."""


@dataclass(frozen=True, kw_only=True)
class _Reply:
    headers: Mapping[str, str]
    content: bytes


@asynccontextmanager
async def session(account: Account) -> AsyncIterator["DavClient"]:
    """A client while the block runs."""
    async with speaking(account.tls) as http:
        yield DavClient(account, http)


class DavClient:
    """Every method raises DavError."""

    def __init__(self, account: Account, http: aiohttp.ClientSession) -> None:
        self._account = account
        self._http = http
        self._token: str | None = None

    async def put(self, path: Path, content: bytes) -> None:
        """In place of what lies there. Who looks may see a part of it: it wants a name that is left alone."""
        await self._ask("PUT", self._url(path), body=content)

    async def move(self, source: Path, target: Path, *, replace: bool = True) -> None:
        """Under another name, whole at once; `replace`: in place of what lies there."""
        headers = {"Destination": self._url(target), "Overwrite": "T" if replace else "F"}
        await self._ask("MOVE", self._url(source), headers)

    async def get(self, path: Path, most: int) -> bytes:
        """What is in it, and no more than so many octets."""
        return (await self._ask("GET", self._url(path), most=most)).content

    async def remove(self, path: Path) -> None:
        """Also where it is gone already."""
        with suppress(_MissingError):
            await self._ask("DELETE", self._url(path))

    async def size(self, path: Path) -> int | None:
        """Of a file; None: there is none."""
        try:
            told = (await self._ask("HEAD", self._url(path))).headers.get("Content-Length", "")
        except _MissingError:
            return None
        if not (told.isascii() and told.isdigit()):
            raise DavError(DavFault.FAILED, told[:_MOST_WORDS])
        return int(told)

    async def make_folder(self, path: Path) -> None:
        """Where there is none yet (§9.3.1: 405 where there is)."""
        with suppress(_ThereError):
            await self._ask("MKCOL", f"{self._url(path)}/")

    async def listing(self, path: Path) -> tuple[Sequence[DavFile], dt.datetime]:
        """The files in a folder, and what time it is there."""
        headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        reply = await self._ask("PROPFIND", f"{self._url(path)}/", headers, ASKED, most=_MOST_LISTED)
        try:
            return read_listing(reply.content), read_date(reply.headers.get("Date", ""))
        except ValueError:
            raise DavError(DavFault.DENIED, "no listing") from None

    def _url(self, path: Path) -> str:
        return "/".join((self._account.url.rstrip("/"), *(quote(one, safe="") for one in path)))

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"", *, most: int = 0
    ) -> _Reply:
        """The answer, which is a success. A token that is not taken any more is renewed once."""
        question, fresh = (
            _Question(method=method, url=url, headers=headers or {}, body=body, most=most),
            self._token is None,
        )
        try:
            return await self._once(question)
        except _NotLetInError:
            if self._account.grant is None or fresh:
                raise
        self._token = None
        return await self._once(question)

    async def _once(self, question: _Question) -> _Reply:
        try:
            said = {"Accept-Encoding": "identity", **question.headers, **await self._known(self._account.grant)}
            sent = io.BytesIO(question.body) if question.body else None
            async with self._http.request(
                question.method, question.url, headers=said, data=sent, allow_redirects=False
            ) as answer:
                if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    words = (await answer.content.read(_MOST_WORDS)).decode("utf-8", "replace")
                    raise _refused(question.method, answer.status, words)
                return _Reply(headers=answer.headers, content=await _octets(answer.content, question.most))
        except SpeakingError as met:
            raise DavError(DavFault(met.fault.value), met.words) from None
        except BROKEN as error:
            broken = of_error(error)
            raise DavError(DavFault(broken.fault.value), broken.words) from None

    async def _known(self, grant: Grant | None) -> Mapping[str, str]:
        if grant is None:
            return {}
        self._token = self._token or await granted(self._http, grant)
        return {"Authorization": f"Bearer {self._token}"}


class _MissingError(DavError):
    """Nothing lies there."""


class _ThereError(DavError):
    """The folder is there."""


class _NotLetInError(DavError):
    """The server does not take our token."""


def _refused(method: str, status: int, words: str) -> DavError:
    fault = of_status(status)
    kind = {DavFault.MISSING: _MissingError, DavFault.AUTHENTICATION: _NotLetInError}.get(fault, DavError)
    if method == "MKCOL" and status == HTTPStatus.METHOD_NOT_ALLOWED:
        kind = _ThereError
    return kind(fault, f"{status} {words}")


async def _octets(stream: aiohttp.StreamReader, most: int) -> bytes:
    held = bytearray()
    while len(held) < most and (part := await stream.read(most - len(held))):
        held += part
    return bytes(held)
