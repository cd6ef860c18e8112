"""What is common to all that is asked over HTTPS with an account: connecting, tokens, and what breaks on the way."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import quote_plus

import aiohttp

from channels.http.account import Grant

_CONNECT, _SILENCE = 10, 30
"""Seconds to connect, and of silence after which a connection counts as cut."""
_MOST_TOKEN = 20_000
BROKEN = (aiohttp.ClientError, OSError, TimeoutError)
"""What aiohttp raises where no answer came."""


class SpeakingFault(StrEnum):
    """Why no answer came."""

    UNREACHABLE = "unreachable"
    """No connection came about: nothing left us."""
    CUT = "cut"
    """The connection broke off, or fell silent."""
    CERTIFICATE = "certificate"
    """The server's certificate is none that is trusted for it."""
    AUTHENTICATION = "authentication"
    """Nobody gives us a token, or the server does not take our certificate."""


class SpeakingError(Exception):
    """`fault`; `words`: the server's own, for whoever sets it up."""

    def __init__(self, fault: SpeakingFault, words: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.words = words


@asynccontextmanager
async def speaking(tls: ssl.SSLContext) -> AsyncIterator[aiohttp.ClientSession]:
    """A session while the block runs: by no proxy, and keeping no cookie."""
    connector = aiohttp.TCPConnector(ssl=tls)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_SILENCE)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False, cookie_jar=jar) as http:
        yield http


async def granted(http: aiohttp.ClientSession, grant: Grant) -> str:
    """A new token (RFC 6749 §4.4). Raises SpeakingError; it is never cut: nothing was asked of the server yet."""
    fields = {"grant_type": "client_credentials"} | ({"scope": grant.scope} if grant.scope else {})
    # Encoded as forms are, before they are encoded as passwords are (RFC 6749 §2.3.1).
    known = aiohttp.encode_basic_auth(quote_plus(grant.client_id), quote_plus(grant.secret))
    try:
        async with http.post(grant.url, data=fields, headers={"Authorization": known}, allow_redirects=False) as answer:
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise SpeakingError(SpeakingFault.UNREACHABLE, f"{answer.status}")
            told = await answer.json(content_type=None) if answer.ok else None
    except BROKEN as error:
        met = of_error(error)
        fault = SpeakingFault.UNREACHABLE if met.fault is SpeakingFault.CUT else met.fault
        raise SpeakingError(fault, met.words) from None
    except ValueError:
        told = None
    token = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or len(token) > _MOST_TOKEN:
        raise SpeakingError(SpeakingFault.AUTHENTICATION, f"{answer.status}")
    return token


def of_error(error: Exception) -> SpeakingError:
    """What aiohttp raised comes to."""
    match error:
        case _ if _is_about_our_certificate(error.__cause__):
            return SpeakingError(SpeakingFault.AUTHENTICATION, str(error))
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return SpeakingError(SpeakingFault.CERTIFICATE, str(error))
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return SpeakingError(SpeakingFault.UNREACHABLE, str(error))
        case _:
            return SpeakingError(SpeakingFault.CUT, str(error))


def _is_about_our_certificate(cause: BaseException | None) -> bool:
    """Whether the server broke off over it: by TLS 1.3 after we connected (RFC 8446 §4.4.2.4), yet before it heard what
    we ask."""
    reason = str(cause.reason) if isinstance(cause, ssl.SSLError) else ""
    return "_ALERT_" in reason and any(one in reason for one in ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED"))
