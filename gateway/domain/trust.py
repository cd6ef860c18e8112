"""Whose packages are taken, and who signed one. Certificates and lists are DER; fingerprints lower-case hex SHA-256."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.outcomes import Division


def fingerprint_of(certificate: bytes) -> str:
    """What names a certificate, from its DER."""
    return hashlib.sha256(certificate).hexdigest()


@dataclass(frozen=True, kw_only=True)
class TrustedAnchor:
    """An anchor whose signers may issue for `divisions`.

    `signer`: that end-entity certificate alone is taken; None: every end-entity certificate under the anchor.
    `intermediates` are offered to the chain, never trusted by themselves. `crls` are the newest lists known.
    """

    certificate: bytes
    fingerprint: str
    divisions: frozenset[Division]
    signer: str | None = None
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


class Revocation(StrEnum):
    """How revocation stood at acceptance; a revoked or undeterminable signer is refused and has no such value."""

    GOOD = "good"
    NO_SOURCE = "no-source"
    """The chain names no source of revocation and none is set (`[trust] revocation = "published"`)."""


class StatusKind(StrEnum):
    """How an authority publishes what became of its certificates."""

    CRL = "crl"
    OCSP = "ocsp"


@dataclass(frozen=True, kw_only=True)
class StatusSource:
    """Where a certificate's status is published. `request`: DER of the OCSP request; `subject`: the fingerprint of the
    certificate that a response is about. A list is about all of its authority's."""

    kind: StatusKind
    url: str
    request: bytes = b""
    subject: str = ""

    @property
    def key(self) -> str:
        """Names the source among all."""
        return f"{self.url}#{self.subject}" if self.subject else self.url


@dataclass(frozen=True, kw_only=True)
class PublishedStatus:
    """A list or response, in DER as it was signed, since when it says so and how long it may be used."""

    content: bytes
    since: dt.datetime
    fresh_until: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signed a package: the certificate, the divisions it may issue for, and how revocation stood.

    `subject` is the certificate's distinguished name (RFC 4514); it may name an officer and is never logged.
    `revocation_responses`: the lists and responses relied on, as they were signed; `issuers`: the authorities between
    the certificate and the anchor. `claimed_at`: the signing time that the signer claims; it decides nothing.
    """

    certificate: bytes
    fingerprint: str
    subject: str
    anchor: str
    divisions: frozenset[Division]
    revocation: Revocation
    revocation_responses: tuple[bytes, ...] = ()
    issuers: tuple[bytes, ...] = ()
    claimed_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class VerifiedPackage:
    """A package whose container, digests and signature were checked. `members` are all members outside META-INF
    but `mimetype`, by name; `digest` is over the package as received."""

    members: Mapping[str, bytes]
    signer: Signer
    digest: str
    size: int
