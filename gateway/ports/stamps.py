"""Who stamps checkpoints with the time, and how their stamps are checked."""

import datetime as dt
from typing import Protocol

from gateway.domain.stamps import Stamp


class StampVerifier(Protocol):
    """Checks time stamps, knowing the authority's certificates alone. Never a bool."""

    def verify(self, content: bytes, stamp: Stamp) -> dt.datetime:
        """The moment before which the content existed.

        Raises InputRefused: stamp.unreadable, stamp.refused (the authority gave none), stamp.other-digest (it is over
        something else), stamp.other-nonce (it answers another question), stamp.expired (a certificate of its chain did
        not hold at that moment), stamp.signer-unknown (nobody signed it whom the authority's certificates vouch for).
        """
        ...


class StampAuthority(StampVerifier, Protocol):
    """An authority that can be asked. Raises SetupWrong (key.missing, key.unreadable) for what it is trusted by."""

    def ask(self, content: bytes) -> Stamp:
        """A stamp over the content, checked. Blocks for a limited time; never called inside a transaction.

        Raises ServiceDown (stamp.unavailable), InputRefused as `verify`.
        """
        ...

    def certificates(self) -> bytes:
        """The certificates that it is trusted by, in PEM."""
        ...
