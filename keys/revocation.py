"""Revocation by lists that were given with the anchors (RFC 5280 §5 and §6.3), hard fail.

Nothing is fetched: a certificate that names only an OCSP responder or a distribution point, and for whose issuer no
list was given, has a status that cannot be known, and is refused. Lists for all reasons and for user or authority
certificates are read; delta lists, indirect lists, and lists for some reasons are not, and count as absent.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID

from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.problem import InputRefused
from gateway.domain.trust import Revocation
from keys.certificates import extension, fingerprint

RevocationList = x509.CertificateRevocationList


class RevocationPolicy(StrEnum):
    """`[trust] revocation` of gateway.toml."""

    PUBLISHED = "published"
    """Hard fail wherever a certificate names a source or a list was given; a chain that names none is taken."""
    REQUIRED = "required"
    """Every certificate below the anchor must be covered by a list."""


@dataclass(frozen=True, kw_only=True)
class RevocationStanding:
    """How a chain stood that was not refused. `evidence`: digests of the lists relied on.

    GOOD: the signer's certificate, and every one above it that names a source, is on no valid list.
    """

    revocation: Revocation
    evidence: tuple[str, ...]


def check_revocation(
    chain: Sequence[x509.Certificate],
    lists: Sequence[RevocationList],
    *,
    at: dt.datetime,
    policy: RevocationPolicy,
    expected: bool,
) -> RevocationStanding:
    """How the chain, from the signer's certificate to the anchor's, stood at the moment `at`.

    expected: lists were given with the anchor, so that the signer's own certificate must be covered.
    Raises InputRefused: signer.revoked, signer.revocation-unknown.
    """
    relied: list[RevocationList | None] = []
    for position, (certificate, issuer) in enumerate(pairwise(chain)):
        newest = _newest_list(certificate, issuer, lists, at)
        needed = policy is RevocationPolicy.REQUIRED or (expected and position == 0)
        if newest is None and (needed or _has_source(certificate, lists)):
            raise InputRefused(Code.SIGNER_REVOCATION_UNKNOWN, certificate=fingerprint(certificate))
        if newest and newest.get_revoked_certificate_by_serial_number(certificate.serial_number):
            raise InputRefused(Code.SIGNER_REVOKED, certificate=fingerprint(certificate))
        relied.append(newest)
    digests = (sha256(used.public_bytes(serialization.Encoding.DER)) for used in relied if used is not None)
    return RevocationStanding(
        revocation=Revocation.NO_SOURCE if relied[0] is None else Revocation.GOOD, evidence=tuple(digests)
    )


def _has_source(certificate: x509.Certificate, lists: Sequence[RevocationList]) -> bool:
    """Whether the certificate names where its status is published, or a list was given under its issuer's name."""
    access = extension(certificate, x509.AuthorityInformationAccess) or ()
    return (
        extension(certificate, x509.CRLDistributionPoints) is not None
        or any(entry.access_method == AuthorityInformationAccessOID.OCSP for entry in access)
        or any(known.issuer == certificate.issuer for known in lists)
    )


def _newest_list(
    certificate: x509.Certificate, issuer: x509.Certificate, lists: Sequence[RevocationList], at: dt.datetime
) -> RevocationList | None:
    usable = [
        known
        for known in lists
        if known.issuer == certificate.issuer
        and _is_current(known, at)
        and _covers(known, certificate)
        and _is_signed_by(known, issuer)
    ]
    return max(usable, key=lambda known: known.last_update_utc, default=None)


def _is_current(known: RevocationList, at: dt.datetime) -> bool:
    """A list without a next update never says when it is stale, and is not used (RFC 5280 §5.1.2.5 requires one)."""
    return known.next_update_utc is not None and known.last_update_utc <= at <= known.next_update_utc


def _is_signed_by(known: RevocationList, issuer: x509.Certificate) -> bool:
    usage = extension(issuer, x509.KeyUsage)
    key = issuer.public_key()
    if usage is not None and not usage.crl_sign:
        return False
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    try:
        strong = isinstance(known.signature_hash_algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512)
        return strong and known.is_signature_valid(key)
    except UnsupportedAlgorithm:
        return False


def _covers(known: RevocationList, certificate: x509.Certificate) -> bool:
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
