"""ID tokens that hold, and everything that must not pass for one."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from gateway.domain.codes import Code
from gateway.domain.identity import identity_of, is_identity
from gateway.domain.problem import InputRefused
from keys.oidc_token import Expected, verified_claims

NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
EXPECTED = Expected(issuer="https://idp.test", client_id="exchange", nonce="the-nonce")
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
PUBLISHED = KeySet([KEY]).as_dict(private=False)


def claims(**changes: Any) -> dict[str, Any]:
    """What a good token says; None takes a claim away."""
    now = int(NOW.timestamp())
    good = {
        "iss": "https://idp.test",
        "sub": "u-1",
        "aud": "exchange",
        "nonce": "the-nonce",
        "iat": now,
        "exp": now + 300,
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(key: Any = KEY, algorithm: str = "RS256", **changes: Any) -> str:
    kid = {"kid": "one"}
    return str(jwt.encode({"alg": algorithm, **kid}, claims(**changes), key, algorithms=[algorithm]))


def unsigned() -> str:
    parts = ({"alg": "none"}, claims())
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


def under_the_public_key() -> str:
    """HS256 with the provider's public key for a secret (RFC 8725 §2.1)."""
    public = KEY.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = (
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
        for one in ({"alg": "HS256", "kid": "one"}, claims())
    )
    mac = hmac.new(public, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "token",
    [
        signed(),
        signed(aud=["exchange"]),
        signed(aud=["exchange", "other"], azp="exchange"),
        signed(iat=int(NOW.timestamp()) + 30),
    ],
)
def test_a_token_that_holds_names_its_subject(token: str) -> None:
    assert verified_claims(token, PUBLISHED, EXPECTED, NOW)["sub"] == "u-1"


def test_an_elliptic_key_is_taken_too() -> None:
    key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
    published = KeySet([key]).as_dict(private=False)
    assert verified_claims(signed(key, "ES256"), published, EXPECTED, NOW)["sub"] == "u-1"


LATE, LONG_AGO = int(NOW.timestamp()) - 120, int(NOW.timestamp()) - 3600


@pytest.mark.parametrize(
    ("what", "token"),
    [
        ("forged", signed(RSAKey.generate_key(2048, {"kid": "one"}))),
        ("unsigned", unsigned()),
        ("a public key for a secret", under_the_public_key()),
        ("a secret", signed(OctKey.import_key("a secret of some length, so that it is taken"), "HS256")),
        ("altered", signed()[:-6] + "AAAAAA"),
        ("another issuer", signed(iss="https://idp.evil")),
        ("no issuer", signed(iss=None)),
        ("another audience", signed(aud="other")),
        ("several audiences and none authorized", signed(aud=["exchange", "other"])),
        ("authorized is another", signed(azp="other")),
        ("no audience", signed(aud=None)),
        ("another nonce", signed(nonce="another")),
        ("no nonce", signed(nonce=None)),
        ("expired", signed(exp=LATE)),
        ("without an end", signed(exp=None)),
        ("from the future", signed(iat=int(NOW.timestamp()) + 3600)),
        ("issued long ago", signed(iat=LONG_AGO)),
        ("without its time", signed(iat=None)),
        ("not yet good", signed(nbf=int(NOW.timestamp()) + 3600)),
        ("nobody", signed(sub=None)),
        ("empty", signed(sub="")),
        ("a number", signed(sub=7)),
        ("too long", signed(sub="u" * 256)),
        ("no token", "nothing"),
        ("nothing", ""),
    ],
)
def test_what_does_not_hold_is_refused_with_one_reason(what: str, token: str) -> None:
    with pytest.raises(InputRefused) as raised:
        verified_claims(token, PUBLISHED, EXPECTED, NOW)
    assert raised.value.code is Code.PROVIDER_REFUSED, what


@pytest.mark.parametrize("published", [{}, {"keys": []}, {"keys": None}, {"keys": [{"kty": "oct", "k": "AAAA"}]}])
def test_a_provider_that_publishes_no_key_vouches_for_nobody(published: dict[str, Any]) -> None:
    with pytest.raises(InputRefused):
        verified_claims(signed(), published, EXPECTED, NOW)


def test_an_identity_is_of_issuer_and_subject_together_and_can_be_read_aloud() -> None:
    one = identity_of("https://idp.test", "u-1")
    assert is_identity(one)
    others = [("https://idp.test", "u-2"), ("https://idp.other", "u-1"), ("https://idp.testu", "-1")]
    assert one not in {identity_of(*other) for other in others}
    for text in ("", one.lower(), one[:-1], one + "-AAAA", one.replace("-", "")):
        assert not is_identity(text)
