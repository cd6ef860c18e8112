"""How a signed decision package is checked."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.domain.trust import TrustedAnchor, VerifiedPackage


class PackageVerifier(Protocol):
    """Checks a signed decision package (ETSI EN 319 162-1, EN 319 122-1; the checks of INTERFACE.md)."""

    def verify(self, raw: bytes, *, anchors: Sequence[TrustedAnchor], at: dt.datetime) -> VerifiedPackage:
        """The package, when every check held at the moment `at`. Never a bool.

        Raises InputRefused with a `package.*`, `signature.*` or `signer.*` code and the member as `where`.
        """
        ...

    def unpack(self, raw: bytes) -> Mapping[str, bytes]:
        """The members of a package that was verified when it was accepted, without judging its signer again."""
        ...

    def certificates(self, raw: bytes) -> Sequence[bytes]:
        """The certificates that came in the signature of such a package, the signer's first, in DER."""
        ...
