"""What guards a browser: headers, the session's cookie, and that a form came from our own page (OWASP cheat sheets)."""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request, Response

from gateway.domain.codes import Code
from gateway.domain.exchange import LONGEST
from gateway.domain.identity import ASKED_LIFE
from gateway.domain.passkeys import CHALLENGE_LIFE
from gateway.domain.problem import InputRefused, NoSuchThing

COOKIE = "__Host-exchange"
"""The prefix holds a browser to: secure, this host alone, the whole of it (RFC 6265bis §4.1.3.2)."""

TICKET = "__Host-exchange-passkey"
"""Where the sealed challenge waits in the browser that was asked."""

PROVIDER_TICKET = "__Host-exchange-provider"
"""Where what goes with a sign-in at the provider waits, sealed."""

MOST_FORM = 4096
FORM_WITHIN = 20.0
"""Seconds in which a form must have come whole."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
_HSTS = "max-age=31536000"


def guard(response: Response, *, secure: bool) -> Response:
    """The response with every guarding header."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    if secure:
        response.headers["Strict-Transport-Security"] = _HSTS
    return response


def with_script(response: Response) -> Response:
    """The guarded response of a page that has our one script."""
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = f"{policy}; script-src 'self'"
    return response


def keep_ticket(response: Response, ticket: str) -> None:
    """Gives the browser the sealed challenge."""
    age = int(CHALLENGE_LIFE.total_seconds())
    response.set_cookie(TICKET, ticket, max_age=age, path="/", secure=True, httponly=True, samesite="strict")


def keep_provider_ticket(response: Response, ticket: str) -> None:
    """Gives the browser what it brings back from the provider: `lax`, since it is the provider that sends it here."""
    age = int(ASKED_LIFE.total_seconds())
    response.set_cookie(PROVIDER_TICKET, ticket, max_age=age, path="/", secure=True, httponly=True, samesite="lax")


def forget_provider_ticket(response: Response) -> None:
    """Takes it away again."""
    response.delete_cookie(PROVIDER_TICKET, path="/", secure=True, httponly=True, samesite="lax")


def keep(response: Response, secret: str) -> None:
    """Gives the browser its session."""
    age = int(LONGEST.total_seconds())
    response.set_cookie(COOKIE, secret, max_age=age, path="/", secure=True, httponly=True, samesite="strict")


def forget(response: Response) -> None:
    """Takes it away again."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


def form_token(secret: str) -> str:
    """What a form of that session bears: nobody else can know it, and it does not give the session away."""
    return hashlib.sha256(b"exchange form " + secret.encode()).hexdigest()


async def form(request: Request, secret: str | None = None, *, most: int = MOST_FORM) -> Mapping[str, str]:
    """The fields of a posted form; of that session, if one is given. most: bytes.

    Raises NoSuchThing (exchange.nothing-there) for a form of another site or session, InputRefused (request.invalid)
    for what is no form of ours.
    """
    raw = await body_of(request, most=most)
    try:
        fields = dict(parse_qsl(raw.decode("ascii"), errors="strict", max_num_fields=8))
    except ValueError:
        raise InputRefused(Code.REQUEST_INVALID, where="body") from None
    if secret is not None:
        check_form(fields.get("form", "").encode(), secret)
    return fields


async def body_of(request: Request, *, most: int) -> bytes:
    """What a page of ours posted. Raises NoSuchThing (exchange.nothing-there) for another site's, InputRefused
    (request.invalid) for what is too large or does not end."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
    raw = b""
    try:
        async with asyncio.timeout(FORM_WITHIN):
            async for part in request.stream():
                raw += part
                if len(raw) > most:
                    raise InputRefused(Code.REQUEST_INVALID, where="body")
    except TimeoutError:
        raise InputRefused(Code.REQUEST_INVALID, where="body") from None
    return raw


def check_form(token: bytes, secret: str) -> None:
    """Raises NoSuchThing (exchange.nothing-there) for a form of another session."""
    if not hmac.compare_digest(token, form_token(secret).encode()):
        raise NoSuchThing(Code.EXCHANGE_NOTHING_THERE)
