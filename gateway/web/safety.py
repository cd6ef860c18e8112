"""What guards a browser: headers, cookies, and that a form came from our own page (OWASP cheat sheets)."""

import asyncio
import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from fastapi import Request, Response

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, NoSuchThing

MOST_FORM = 4096
MOST_ANSWER = 16_384
"""Bytes of a form with what an authenticator answers: an RSA key and its identifiers, as a form encodes them."""
MOST_FIELDS = 8
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


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie of ours. The prefix `__Host-` of its name holds a browser to: secure, this host alone, the whole of it
    (RFC 6265bis §4.1.3.2)."""

    name: str
    age: dt.timedelta
    goes: Literal["strict", "lax"] = "strict"
    """`strict`: with no request that another site began; `lax`: where another site sends the browser here."""

    def give(self, response: Response, value: str) -> None:
        """The browser has it from now on."""
        age = int(self.age.total_seconds())
        response.set_cookie(self.name, value, max_age=age, path="/", secure=True, httponly=True, samesite=self.goes)

    def take(self, response: Response) -> None:
        """The browser has it no more."""
        response.delete_cookie(self.name, path="/", secure=True, httponly=True, samesite=self.goes)


def guard(response: Response, *, secure: bool) -> Response:
    """The response with every guarding header."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    if secure:
        response.headers["Strict-Transport-Security"] = _HSTS
    return response


def with_script(response: Response) -> Response:
    """The guarded response of a page that has scripts of ours."""
    policy = response.headers["Content-Security-Policy"]
    if "script-src" not in policy:
        response.headers["Content-Security-Policy"] = f"{policy}; script-src 'self'; connect-src 'self'"
    return response


def with_picture(response: Response) -> Response:
    """The guarded response of a page that has a picture of ours."""
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = f"{policy}; img-src 'self'"
    return response


def form_token(secret: str) -> str:
    """What a form of that session bears: nobody else can know it, and it does not give the session away."""
    return hashlib.sha256(b"form " + secret.encode()).hexdigest()


def from_our_own_page(request: Request) -> None:
    """Raises NoSuchThing (request.not-found) for what a page of another site sends."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise NoSuchThing(Code.REQUEST_NOT_FOUND)


def check_form(token: bytes, secret: str) -> None:
    """Raises NoSuchThing (request.not-found) for the form of another session."""
    if not hmac.compare_digest(token, form_token(secret).encode()):
        raise NoSuchThing(Code.REQUEST_NOT_FOUND)


async def form(
    request: Request, secret: str | None = None, *, most: int = MOST_FORM, fields: int = MOST_FIELDS
) -> Mapping[str, str]:
    """What a posted form holds; of that session, if one is given. most: bytes. fields: the most of them.

    Raises NoSuchThing (request.not-found) for a form of another site or session, InputRefused (request.invalid) for
    what is no form of ours.
    """
    raw = await body_of(request, most=most)
    if b"%00" in raw or b"\x00" in raw:  # no text that a database takes
        raise InputRefused(Code.REQUEST_INVALID, where="body")
    try:
        held = dict(parse_qsl(raw.decode("ascii"), errors="strict", max_num_fields=fields))
    except ValueError:
        raise InputRefused(Code.REQUEST_INVALID, where="body") from None
    if secret is not None:
        check_form(held.get("form", "").encode(), secret)
    return held


async def body_of(request: Request, *, most: int) -> bytes:
    """What a page of ours posted. Raises NoSuchThing (request.not-found) for another site's, InputRefused
    (request.invalid) for what is too large or does not end."""
    from_our_own_page(request)
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
