"""Passwords under Argon2id (RFC 9106) by the library `argon2-cffi`, with the least costs that OWASP's Password Storage
Cheat Sheet gives: 19 MiB each, so that many at once leave the machine its memory."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from gateway.domain.codes import Code
from gateway.domain.problem import NotAuthenticated

_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1


class Argon2Passwords:
    """`Passwords`."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
        self._nobodys: str | None = None

    def hashed(self, password: str) -> str:
        """See `Passwords`."""
        return self._hasher.hash(password)

    def check(self, password: str, kept: str | None) -> None:
        """See `Passwords`."""
        try:
            self._hasher.verify(kept or self._hash_of_nobody(), password)
        except (Argon2Error, InvalidHashError):
            raise NotAuthenticated(Code.SIGN_IN_REFUSED) from None

    def _hash_of_nobody(self) -> str:
        """What a password is compared with where there is no account, so that the answer takes as long."""
        if self._nobodys is None:
            self._nobodys = self._hasher.hash(secrets.token_urlsafe())
        return self._nobodys
