"""Tries to sign in, counted for each address they come from: see `sign_in.toml`."""

import ipaddress
import math
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.application.people.account_rules import address_rate
from gateway.domain.codes import Code
from gateway.domain.problem import Overloaded
from gateway.domain.rate import after_granting, grantable
from gateway.ports.clock import Clock
from gateway.ports.database import Database

_NETWORK = 64
"""Bits of an IPv6 address that one line has (RFC 6177)."""


class SignInTries:
    """Tries to sign in."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._rate = address_rate()

    @contextmanager
    def of(self, address: str | None) -> Iterator[None]:
        """One try; address: None where nobody can tell it, and then nothing is counted. Else it is counted before it
        begins, so that many at once are many, and one that succeeds is given back.

        Raises Overloaded (sign-in.too-many) where that address may not try now.
        """
        if address is None:
            yield
            return
        whose, now = counted_as(address), self._clock.now()
        with self._database.write() as tx:
            tx.sign_in_tries.forget(now)
            digested_at = tx.sign_in_tries.digested_at(whose, now)
            if grantable(self._rate, digested_at, now) < 1:
                free = digested_at - (self._rate.burst - 1) * self._rate.interval - now
                raise Overloaded(Code.SIGN_IN_TOO_MANY, retry_after=max(math.ceil(free.total_seconds()), 1))
            tx.sign_in_tries.put(whose, after_granting(self._rate, digested_at, now, 1))
        yield
        with self._database.write() as tx:
            tx.sign_in_tries.put(whose, tx.sign_in_tries.digested_at(whose, now) - self._rate.interval)


def counted_as(address: str) -> str:
    """What of the address counts as one; whatever is no address counts as one too."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, _NETWORK), strict=False))
    return str(known)
