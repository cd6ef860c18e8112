"""Secrets of the exchange: made here, shown once, kept as digests.

A link and a session are 256 random bits, so a plain digest keeps them. The code is short enough for a person to type:
it is kept under a slow hash (scrypt, RFC 7914) with the costs that OWASP's Password Storage Cheat Sheet gives.
"""

import base64
import hashlib
import hmac
import secrets

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what is taken for something else when read over a telephone: 0 and O, 1 and I."""
_GROUPS, _GROUP = 3, 4
_N, _R, _P = 2**15, 8, 3
_MEMORY = 64 * 1024 * 1024
_SALT_BYTES = 16


def new_secret() -> str:
    """256 random bits, for a URL or a cookie."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """By which a link or session is found."""
    return hashlib.sha256(secret.encode()).hexdigest()


def address_digest(address: str) -> str:
    """By which an account is found, however its owner writes the address."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def new_code() -> str:
    """A code of 60 random bits, in three groups."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def code_hash(code: str) -> str:
    """The code as it is kept: salt and hash."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{base64.b64encode(salt).decode()}${base64.b64encode(_slow(code, salt)).decode()}"


def is_code(given: str, kept: str) -> bool:
    """Whether that is the code."""
    salt, _, hashed = kept.partition("$")
    return hmac.compare_digest(_slow(given, base64.b64decode(salt)), base64.b64decode(hashed))


def _slow(code: str, salt: bytes) -> bytes:
    plain = "".join(one for one in code.upper() if one in _ALPHABET)
    return hashlib.scrypt(plain.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=_MEMORY)
