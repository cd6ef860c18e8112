"""What the registry's keyring asks of certificates, without knowing how they are made. Certificates are DER."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.trust import Revocation


@dataclass(frozen=True, kw_only=True)
class CertificateFacts:
    """What is shown of a certificate. `fingerprint`: SHA-256, lower-case hex; `key`: that of the public key in it.
    `key_type`: "RSA", a curve's name or "other"; `key_size` in bits, 0 where the type has none. `emails` are
    addresses: they stay out of logs."""

    fingerprint: str
    key: str
    not_before: dt.datetime
    not_after: dt.datetime
    key_type: str
    key_size: int
    emails: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class KeyStanding:
    """How a recipient's certificate stood that may be used. `anchor`: the fingerprint of the one it leads to, None when
    the pin alone vouches for it; `responses`: the lists and responses relied on, as they were signed."""

    fingerprint: str
    anchor: str | None
    revocation: Revocation
    responses: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AnchorFile:
    """What a file of certificates holds: the self-signed ones, which become anchors, and the others."""

    anchors: Sequence[bytes]
    intermediates: Sequence[bytes]


class Certificates(Protocol):
    """Reads certificates and revocation lists that people hand in."""

    def to_der(self, raw: bytes) -> bytes:
        """One certificate, PEM or DER, as DER. Raises InputRefused (key.unreadable)."""
        ...

    def facts(self, certificate: bytes) -> CertificateFacts:
        """What is shown of it. Raises InputRefused (key.unreadable)."""
        ...

    def check_recipient(self, certificate: bytes, at: dt.datetime) -> None:
        """Whether a message may be encrypted to it at `at`. Raises InputRefused (key.*)."""
        ...

    def list_ends(self, crl: bytes) -> dt.datetime:
        """The next update of a list, or since when it says what it says where it names none. Raises InputRefused
        (key.crl-invalid)."""
        ...

    def anchor_file(self, raw: bytes) -> AnchorFile:
        """The certificates of a PEM file. Raises InputRefused (key.no-anchor, key.unreadable)."""
        ...

    def revocation_list(self, raw: bytes) -> bytes:
        """A CRL, PEM or DER, as DER. Raises InputRefused (key.crl-invalid)."""
        ...
