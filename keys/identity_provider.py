"""Speaks OpenID Connect with one provider: discovery, a code for a token, its keys; in a time, following nothing."""

import datetime as dt
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus, urlsplit

import aiohttp
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from gateway import event_loop
from gateway.domain.calls import is_this_machine
from gateway.domain.codes import Code
from gateway.domain.identity import AskedOfProvider, Vouched, identity_of
from gateway.domain.problem import InputRefused, ServiceDown
from keys.oidc_token import Expected, verified_claims

_FORM = "application/x-www-form-urlencoded"
_WELL_KNOWN = "/.well-known/openid-configuration"
_Asked = aiohttp.client._BaseRequestContextManager[aiohttp.ClientResponse]
_MOST = 200_000
"""Bytes of an answer."""


@dataclass(frozen=True, kw_only=True)
class ProviderPlace:
    """A provider, and as whom it knows us."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)
    time_limit: dt.timedelta
    scope: str = "openid"
    """What is asked for (OpenID Connect Core §5.4): `openid` at least."""


class OpenIdProvider:
    """`IdentityProvider` over HTTPS. What the provider publishes is read anew for each sign-in: keys change."""

    def __init__(self, place: ProviderPlace, *, now: Callable[[], dt.datetime]) -> None:
        self._place = place
        self._now = now

    def address(self, asked: AskedOfProvider, redirect: str) -> str:
        """See `IdentityProvider`."""
        published = self._run(self._published)
        where: str = prepare_grant_uri(
            _endpoint(published, "authorization_endpoint"),
            self._place.client_id,
            "code",
            redirect_uri=redirect,
            scope=self._place.scope,
            state=asked.state,
            nonce=asked.nonce,
            code_challenge=create_s256_code_challenge(asked.verifier),
            code_challenge_method="S256",
        )
        return where

    def check(self) -> None:
        """See `IdentityProvider`."""
        published = self._run(self._published)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _endpoint(published, name)

    def identity(self, code: str, asked: AskedOfProvider, redirect: str) -> str:
        """See `IdentityProvider`."""
        return identity_of(self._place.issuer, self._claims(code, asked, redirect)["sub"])

    def vouched(self, code: str, asked: AskedOfProvider, redirect: str, *, account: str, groups: str) -> Vouched:
        """See `IdentityProvider`."""
        claims = self._claims(code, asked, redirect)
        named, told = claims.get(account), claims.get(groups) if groups else None
        listed = told if isinstance(told, list) else [told]
        return Vouched(
            identity=identity_of(self._place.issuer, claims["sub"]),
            account=named if isinstance(named, str) else "",
            groups=frozenset(one for one in listed if isinstance(one, str)),
        )

    def _claims(self, code: str, asked: AskedOfProvider, redirect: str) -> Mapping[str, Any]:
        body: str = prepare_token_request(
            "authorization_code", redirect_uri=redirect, code=code, code_verifier=asked.verifier
        )
        answer, keys = self._run(lambda http: self._exchanged(http, body))
        token, access = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str):
            raise InputRefused(Code.PROVIDER_REFUSED)
        expected = Expected(
            issuer=self._place.issuer,
            client_id=self._place.client_id,
            nonce=asked.nonce,
            access_token=access if isinstance(access, str) else None,
        )
        return verified_claims(token, keys, expected, self._now())

    async def _published(self, http: aiohttp.ClientSession) -> Mapping[str, Any]:
        published = await _json(http.get(self._place.issuer.rstrip("/") + _WELL_KNOWN, allow_redirects=False))
        if published.get("issuer") != self._place.issuer:  # OpenID Connect Discovery §4.3
            raise ServiceDown(Code.PROVIDER_UNAVAILABLE)
        return published

    async def _exchanged(self, http: aiohttp.ClientSession, body: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        published = await self._published(http)
        # RFC 6749 §2.3.1: both are encoded as in a form before they go into the header.
        who = aiohttp.encode_basic_auth(quote_plus(self._place.client_id), quote_plus(self._place.secret))
        headers = {
            "Authorization": who,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        asked = http.post(_endpoint(published, "token_endpoint"), data=body, headers=headers, allow_redirects=False)
        answer = await _json(asked, refuses=True)
        return answer, await _json(http.get(_endpoint(published, "jwks_uri"), allow_redirects=False))

    def _run(self, ask: Callable[[aiohttp.ClientSession], Any]) -> Any:
        """Blocks. Raises ServiceDown (provider.unavailable)."""

        async def within() -> Any:
            timeout = aiohttp.ClientTimeout(total=self._place.time_limit.total_seconds())
            connector = aiohttp.TCPConnector(ssl=self._place.tls)
            async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as http:
                return await ask(http)

        try:
            return event_loop.run(within())
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            raise ServiceDown(Code.PROVIDER_UNAVAILABLE) from None


async def _json(asked: _Asked, *, refuses: bool = False) -> Mapping[str, Any]:
    """The answer's object. refuses: whether 400 and 401 mean that what we brought does not hold (RFC 6749 §5.2)."""
    async with asked as answer:
        if refuses and answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
            raise InputRefused(Code.PROVIDER_REFUSED)
        content = await answer.content.read(_MOST) if answer.status == HTTPStatus.OK else b""
        while content and len(content) < _MOST and (more := await answer.content.read(_MOST)):
            content += more
        told = json.loads(content)
    if not isinstance(told, dict):
        raise ServiceDown(Code.PROVIDER_UNAVAILABLE)
    return told


def _endpoint(published: Mapping[str, Any], name: str) -> str:
    """An address that the provider published; over TLS, whatever it says. Raises ServiceDown (provider.unavailable)."""
    address = published.get(name)
    place = urlsplit(address) if isinstance(address, str) else urlsplit("")
    if place.scheme != "https" and not (place.scheme == "http" and is_this_machine(place.hostname or "")):
        raise ServiceDown(Code.PROVIDER_UNAVAILABLE)
    return str(address)
