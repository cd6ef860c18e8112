"""Where a certificate says that its status is published: distribution points and OCSP responders (RFC 5280 §4.2).

Only http and https are followed, as the addresses stand in the certificate. A point for some reasons or by another
issuer is no source: such lists are not read.
"""

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from gateway.domain.trust import StatusKind, StatusSource
from keys.certificates import extension, fingerprint

_CACHED = 1024


@lru_cache(maxsize=_CACHED)
def sources_of(certificate: x509.Certificate, issuer: x509.Certificate) -> tuple[StatusSource, ...]:
    """Every place to ask about the certificate, responders first: what they say is newer."""
    request = _request(certificate, issuer)
    responders = (
        StatusSource(kind=StatusKind.OCSP, url=url, request=request, subject=fingerprint(certificate))
        for url in _responders(certificate)
    )
    lists = (StatusSource(kind=StatusKind.CRL, url=url) for url in _points(certificate))
    return (*responders, *lists)


def names_source(certificate: x509.Certificate) -> bool:
    """Whether the certificate names any place at all, one that is not followed included: then its status is published,
    and not to know it is not the same as there being none."""
    access = extension(certificate, x509.AuthorityInformationAccess) or ()
    return extension(certificate, x509.CRLDistributionPoints) is not None or any(
        entry.access_method == AuthorityInformationAccessOID.OCSP for entry in access
    )


def _responders(certificate: x509.Certificate) -> Iterator[str]:
    for entry in extension(certificate, x509.AuthorityInformationAccess) or ():
        if entry.access_method == AuthorityInformationAccessOID.OCSP:
            yield from _followed(entry.access_location)


def _points(certificate: x509.Certificate) -> Iterator[str]:
    for point in extension(certificate, x509.CRLDistributionPoints) or ():
        if point.reasons is None and point.crl_issuer is None:
            for name in point.full_name or ():
                yield from _followed(name)


def _followed(name: x509.GeneralName) -> Iterator[str]:
    if isinstance(name, x509.UniformResourceIdentifier):
        try:
            parts = urlsplit(name.value)
        except ValueError:
            return
        if parts.scheme in {"http", "https"} and parts.hostname and not parts.username:
            yield name.value


def _request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    # SHA-1 names the issuer here and protects nothing; responders need know no other (RFC 5019 §2.1.1). No nonce, so
    # that an answer can be kept and used again.
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303  # nosec B303
    return builder.build().public_bytes(Encoding.DER)
