"""Revocation by lists and responders (RFC 5280 §5 and §6.3, RFC 6960), hard fail.

Lists come with the anchors, or from where the certificates name them; responses only from there. What is fetched is
`published`'s affair: here it is judged, whoever brought it. Lists for all reasons and for user or authority
certificates are read; delta lists, indirect lists, and lists for some reasons are not, and count as absent.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.problem import InputRefused
from gateway.domain.trust import Revocation, StatusKind
from gateway.ports.revocation import PublishedResponses
from keys.certificates import extension, fingerprint
from keys.ocsp import SKEW, Status, status_of
from keys.status_reading import ReadList, list_fresh_until, read_list
from keys.status_sources import names_source, sources_of

_CACHED = 1024


class RevocationPolicy(StrEnum):
    """`[trust] revocation` of gateway.toml."""

    PUBLISHED = "published"
    """Hard fail wherever a certificate names a source or a list was given; a chain that names none is taken."""
    REQUIRED = "required"
    """Every certificate below the anchor must be covered by a list."""


@dataclass(frozen=True, kw_only=True)
class RevocationRules:
    """What is asked of a chain, and whom. `max_age`: no list or response older than this is relied on, whatever it says
    of itself; None: it says itself how long. `published`: whom to ask; None: only the lists that were given count."""

    policy: RevocationPolicy = RevocationPolicy.PUBLISHED
    max_age: dt.timedelta | None = None
    published: PublishedResponses | None = None


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """The codes of refusal: a signer's by default."""

    revoked: Code = Code.SIGNER_REVOKED
    unknown: Code = Code.SIGNER_REVOCATION_UNKNOWN


@dataclass(frozen=True, kw_only=True)
class RevocationStanding:
    """How a chain stood that was not refused. `responses`: the lists and responses relied on, as they were signed.

    GOOD: the certificate, and every one above it that names a source, is on no valid list and was called good.
    """

    revocation: Revocation
    responses: tuple[bytes, ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        """Their digests."""
        return tuple(sha256(one) for one in self.responses)


def check_revocation(
    chain: Sequence[x509.Certificate],
    lists: Sequence[ReadList],
    *,
    at: dt.datetime,
    rules: RevocationRules,
    expected: bool,
    refusals: Refusals | None = None,
) -> RevocationStanding:
    """How the chain, from the end entity's certificate to the anchor's, stood at the moment `at`.

    expected: lists were given with the anchor, so that the end entity's own certificate must be covered.
    Raises InputRefused: signer.revoked, signer.revocation-unknown, or what `refusals` has in their place.
    """
    codes = refusals or Refusals()
    relied: list[Sequence[bytes]] = []
    for position, (certificate, issuer) in enumerate(pairwise(chain)):
        found = _Findings(certificate, issuer, rules, at)
        for known in (*found.published_lists, *lists):
            found.consider(known)
        if found.revoked:
            raise InputRefused(codes.revoked, certificate=fingerprint(certificate))
        needed = rules.policy is RevocationPolicy.REQUIRED or (expected and position == 0)
        if not found.relied and (needed or _has_source(certificate, lists)):
            raise InputRefused(codes.unknown, certificate=fingerprint(certificate))
        relied.append(found.relied)
    return RevocationStanding(
        revocation=Revocation.GOOD if relied[0] else Revocation.NO_SOURCE,
        responses=tuple(one for some in relied for one in some),
    )


class _Findings:
    """What is known of one certificate: the newest list that covers it, and what its responder says."""

    def __init__(
        self, certificate: x509.Certificate, issuer: x509.Certificate, rules: RevocationRules, at: dt.datetime
    ) -> None:
        self._certificate = certificate
        self._issuer = issuer
        self._max_age = rules.max_age
        self._at = at
        self._newest: ReadList | None = None
        asked = rules.published
        answers = () if asked is None else asked.responses(sources_of(certificate, issuer), at=at)
        self.published_lists = [read_list(der) for kind, der in answers if kind is StatusKind.CRL]
        self._statuses = {der: self._status(der) for kind, der in answers if kind is StatusKind.OCSP}

    def consider(self, known: ReadList) -> None:
        """The list counts when it is a newer one that covers the certificate."""
        newer = self._newest is None or known.crl.last_update_utc > self._newest.crl.last_update_utc
        if newer and self._counts(known):
            self._newest = known

    @property
    def revoked(self) -> bool:
        """Whether anybody who may say so does."""
        listed = self._newest is not None and (
            self._newest.crl.get_revoked_certificate_by_serial_number(self._certificate.serial_number) is not None
        )
        return listed or Status.REVOKED in self._statuses.values()

    @property
    def relied(self) -> Sequence[bytes]:
        """What says that the certificate is good."""
        newest = () if self._newest is None else (self._newest.der,)
        return (*newest, *(der for der, status in self._statuses.items() if status is Status.GOOD))

    def _status(self, der: bytes) -> Status | None:
        return status_of(der, self._certificate, self._issuer, at=self._at, max_age=self._max_age)

    def _counts(self, known: ReadList) -> bool:
        return (
            known.crl.issuer == self._certificate.issuer
            and _is_current(known.crl, self._at, self._max_age)
            and _covers(known.crl, self._certificate)
            and _is_signed_by(known, self._issuer)
        )


def _has_source(certificate: x509.Certificate, lists: Iterable[ReadList]) -> bool:
    """Whether the certificate names where its status is published, or a list was given under its issuer's name."""
    return names_source(certificate) or any(known.crl.issuer == certificate.issuer for known in lists)


def _is_current(known: x509.CertificateRevocationList, at: dt.datetime, max_age: dt.timedelta | None) -> bool:
    ends = list_fresh_until(known, max_age)
    return ends is not None and known.last_update_utc - SKEW <= at <= ends


@lru_cache(maxsize=_CACHED)
def _is_signed_by(known: ReadList, issuer: x509.Certificate) -> bool:
    """A long list takes longer to check than all else; nothing changes what was found."""
    usage = extension(issuer, x509.KeyUsage)
    key = issuer.public_key()
    if usage is not None and not usage.crl_sign:
        return False
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    try:
        strong = isinstance(known.crl.signature_hash_algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512)
        return strong and known.crl.is_signature_valid(key)
    except UnsupportedAlgorithm:
        return False


def _covers(known: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Whether the list's scope holds the certificate (RFC 5280 §5.2.5), and nothing critical in it is unknown."""
    if any(found.critical and found.oid != x509.IssuingDistributionPoint.oid for found in known.extensions):
        return False
    if extension(known, x509.DeltaCRLIndicator) is not None:
        return False
    scope = extension(known, x509.IssuingDistributionPoint)
    return scope is None or (_is_whole(scope) and _is_of_kind(scope, certificate) and _is_named(scope, certificate))


def _is_whole(scope: x509.IssuingDistributionPoint) -> bool:
    return not (scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs)


def _is_of_kind(scope: x509.IssuingDistributionPoint, certificate: x509.Certificate) -> bool:
    basic = extension(certificate, x509.BasicConstraints)
    is_authority = basic is not None and basic.ca
    return not (scope.only_contains_user_certs if is_authority else scope.only_contains_ca_certs)


def _is_named(scope: x509.IssuingDistributionPoint, certificate: x509.Certificate) -> bool:
    """A list for one distribution point covers the certificates that name that point."""
    if scope.relative_name is not None:
        return False
    if scope.full_name is None:
        return True
    points = extension(certificate, x509.CRLDistributionPoints) or ()
    named = {name for point in points for name in point.full_name or () if point.reasons is None}
    return not named.isdisjoint(scope.full_name)
