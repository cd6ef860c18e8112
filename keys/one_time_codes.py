"""Time-based one-time codes (RFC 6238) by the library `pyotp`: six digits of thirty seconds, by SHA-1, which is what
every device can make; that SHA-1 collides does not matter to an HMAC (RFC 6238 §1.2)."""

import datetime as dt
import hmac

import pyotp

from gateway.domain.codes import Code
from gateway.domain.problem import NotAuthenticated

_SECONDS = 30
_BESIDE = (0, -1, 1)
"""A code of the half minute before or after is taken too: clocks differ, and typing takes its time (RFC 6238 §5.2)."""


class Totp:
    """`OneTimeCodes`."""

    def __init__(self, issuer: str) -> None:
        """issuer: whose place this is, as the device shows it."""
        self._issuer = issuer

    def new_secret(self) -> str:
        """See `OneTimeCodes`: 160 random bits (RFC 4226 §4)."""
        return pyotp.random_base32()

    def address(self, secret: str, account: str) -> str:
        """See `OneTimeCodes`."""
        return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=self._issuer)

    def check(self, secret: str, code: str, now: dt.datetime) -> int:
        """See `OneTimeCodes`. Spaces between the digits, as devices show them, are passed over."""
        given, codes = "".join(code.split()), pyotp.TOTP(secret)
        step = int(now.timestamp()) // _SECONDS
        for beside in _BESIDE:
            if hmac.compare_digest(codes.generate_otp(step + beside).encode(), given.encode()):
                return step + beside
        raise NotAuthenticated(Code.SIGN_IN_REFUSED)
