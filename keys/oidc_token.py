"""ID tokens (OpenID Connect Core §3.1.3.7): the signature by joserfc, the claims by Authlib; one reason for all."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""By the provider's own key alone: never `none`, and no algorithm under which a public key could pass for a secret
(RFC 8725 §3.1)."""
_LEEWAY = 60
"""Seconds that clocks may differ."""
_OLDEST = dt.timedelta(minutes=10)
_LONGEST_SUBJECT = 255
"""OpenID Connect Core §2: `sub`."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a token must say: who gives it, whom it is for, and what was asked for with it."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str | None = field(default=None, repr=False)


def verified_claims(token: str, keys: Mapping[str, Any], expected: Expected, now: dt.datetime) -> Mapping[str, Any]:
    """The claims of a token that holds, a `sub` among them. keys: the provider's, as JWK set.

    Raises InputRefused (provider.refused).
    """
    try:
        read = jwt.decode(token, KeySet.import_key_set(_for_signatures(keys)), algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": expected.issuer},
                "aud": {"essential": True, "value": expected.client_id},
                "nonce": {"essential": True, "value": expected.nonce},
            },
            params={
                "client_id": expected.client_id,
                "nonce": expected.nonce,
                "access_token": expected.access_token,
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise InputRefused(Code.PROVIDER_REFUSED) from None
    subject, issued = claims["sub"], claims["iat"]
    old = not isinstance(issued, int | float) or now.timestamp() - issued > _OLDEST.total_seconds()
    if old or not isinstance(subject, str) or not subject or len(subject) > _LONGEST_SUBJECT:
        raise InputRefused(Code.PROVIDER_REFUSED)
    return dict(claims)


def _for_signatures(keys: Mapping[str, Any]) -> Any:
    """Without keys for encryption, and without secrets: a provider publishes none."""
    listed = keys["keys"]
    return {"keys": [one for one in listed if one.get("use", "sig") == "sig" and one.get("kty") != "oct"]}
