"""What the registry's keyring asks of certificates and OpenPGP keys, without knowing how they are made. Certificates
are DER."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.parties import RecipientChannel
from gateway.domain.trust import Revocation


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """What is shown of a certificate or an OpenPGP key, good or not. `fingerprint`: SHA-256 of a certificate in
    lower-case hex, or the 40 hex of an OpenPGP key; `key`: what tells the public key in it. `not_after`: for an OpenPGP
    key the end of what encrypts. `key_type`: "RSA", a curve's name or "other"; `key_size` in bits, 0 where the type has
    none. `emails` are addresses of a certificate (what an OpenPGP key says of its owner is not vouched for): they stay
    out of logs."""

    fingerprint: str
    key: str
    not_before: dt.datetime
    not_after: dt.datetime
    key_type: str
    key_size: int
    emails: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class KeyStanding:
    """How a recipient's key stood that may be used. `anchor`: the fingerprint of the one it leads to, None when the pin
    alone vouches for it; `responses`: the lists and responses relied on, as they were signed; `issuers`: the
    authorities between it and the anchor, DER."""

    fingerprint: str
    anchor: str | None
    revocation: Revocation
    responses: tuple[bytes, ...] = ()
    issuers: tuple[bytes, ...] = ()


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

    def facts(self, certificate: bytes) -> KeyFacts:
        """What is shown of it. Raises InputRefused (key.unreadable)."""
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


class RecipientKeys(Protocol):
    """Reads and judges the keys that are pinned to recipients, certificates and OpenPGP keys alike. All of it raises
    SetupWrong (key.openpgp-program) where an OpenPGP key is to be read and GnuPG does not run."""

    def pinned(self, way: RecipientChannel, raw: bytes, fingerprint: str | None) -> RecipientChannel:
        """The way with the certificate or OpenPGP key of the file `raw` in place of what it had.

        fingerprint: what somebody compared, with or without spaces and colons; an OpenPGP key must come with one.
        Raises InputRefused: key.unreadable, key.mismatch, request.invalid when the fingerprint is missing.
        """
        ...

    def facts(self, way: RecipientChannel) -> KeyFacts | None:
        """What is shown of the way's key; None where it has none. Raises InputRefused (key.unreadable)."""
        ...

    def standing(self, way: RecipientChannel, at: dt.datetime) -> KeyStanding | None:
        """How the way's key stands at `at`; None where it has none. Raises InputRefused (key.*) when nothing may be
        encrypted to it."""
        ...
