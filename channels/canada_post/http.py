"""One question at a time to the post's REST services, following nothing and speaking to nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

import aiohttp
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from channels.canada_post.faults import of_answer, of_error
from channels.canada_post.settings import CanadaPostPlace
from gateway import event_loop
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent
from gateway.domain.reasons import Reason
from gateway.ports.carriage import CarrierFailed

PDF = "application/pdf"
_TIME_LIMIT, _CONNECT = 20, 10
"""Seconds of a question, and of connecting."""
_MOST_OCTETS = 20_000_000
_MOST_WORDS = 500


@dataclass(frozen=True, kw_only=True)
class Question:
    """accept: the media type wanted (`*/*` is refused); body: XML of that same type; changes: whether it would change
    something there."""

    method: str
    url: str
    accept: str
    body: bytes | None = None

    @property
    def changes(self) -> bool:
        """Whether it would change something at the post."""
        return self.method != "GET"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """codes: those of the messages in it, where it is no success."""

    status: int
    content: bytes
    codes: Sequence[str] = ()


def ask(place: CanadaPostPlace, question: Question, *also: int) -> Reply:
    """The answer: a success, or one of the statuses or with one of the messages in `also`. Raises CarrierFailed."""
    if urlsplit(question.url)[:2] != urlsplit(place.url)[:2]:
        # The key goes to the service that it is for, whatever a link says.
        raise CarrierFailed(Misconfigured(reason=Reason.CARRIER_NOT_UNDERSTOOD, words=urljoin(question.url, "/")))
    try:
        reply = event_loop.run(_ask(place, question))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise CarrierFailed(of_error(error, changes=question.changes)) from None
    if reply.status == HTTPStatus.ACCEPTED:  # of an artifact: it is not made yet
        raise CarrierFailed(NotSent(reason=Reason.CARRIER_BUSY, words=f"{reply.status}"))
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return reply
    told = messages(reply.content)
    codes = [code for code, _ in told]
    if reply.status in also or any(int(code) in also for code in codes if code.isdigit()):
        return Reply(status=reply.status, content=reply.content, codes=codes)
    words = "; ".join(f"{code} {text}" for code, text in told)[:_MOST_WORDS]
    raise CarrierFailed(of_answer(reply.status, codes, words, changes=question.changes))


def read(reply: Reply, question: Question) -> Element:
    """The XML of a success. Raises CarrierFailed: what was asked for may have been done for all that."""
    try:
        root: Element = fromstring(reply.content)
    except (ParseError, DefusedXmlException, ValueError):
        raise unread(question) from None
    return root


def unread(question: Question) -> CarrierFailed:
    """A success that says something else than its schema."""
    if question.changes:
        return CarrierFailed(MaybeSent(reason=Reason.CARRIER_UNCERTAIN, words="unreadable"))
    return CarrierFailed(Misconfigured(reason=Reason.CARRIER_NOT_UNDERSTOOD, words="unreadable"))


def messages(content: bytes) -> list[tuple[str, str]]:
    """The service's messages, each with its code and text; none of what is no XML (schema messages)."""
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError):
        return []
    found = [one for one in root.iter() if name_of(one) == "message"]
    return [(text_of(one, "code"), text_of(one, "description")) for one in found]


def name_of(element: Element) -> str:
    """Without its name space: the service's changes with its version."""
    return element.tag.rpartition("}")[2]


def text_of(element: Element, name: str) -> str:
    """The text of the child of that name; empty: there is none."""
    return next(((one.text or "").strip() for one in element if name_of(one) == name), "")


def links_of(element: Element, rel: str) -> list[str]:
    """Where the links of that relation lead, in their order."""
    links = (one for one in element.iter() if name_of(one) == "link")
    return [one.get("href", "") for one in links if one.get("rel") == rel]


async def _ask(place: CanadaPostPlace, question: Question) -> Reply:
    headers = {
        "Accept": question.accept,
        "Accept-language": "en-CA",
        "Authorization": aiohttp.encode_basic_auth(place.username, place.password),
    }
    if question.body is not None:
        headers["Content-Type"] = question.accept
    connector = aiohttp.TCPConnector(ssl=place.tls, force_close=True)
    timeout = aiohttp.ClientTimeout(total=_TIME_LIMIT, sock_connect=_CONNECT)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
        session.request(
            question.method, question.url, data=question.body, headers=headers, allow_redirects=False
        ) as answer,
    ):
        return Reply(status=answer.status, content=await _content(answer))


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for part in answer.content.iter_chunked(65536):
        content += part
        if len(content) > _MOST_OCTETS:
            raise aiohttp.ClientPayloadError("larger than anything the post sends")
    return bytes(content)
