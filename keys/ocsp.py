"""What an OCSP response says about one certificate (RFC 6960), or that it says nothing that counts."""

import datetime as dt
from enum import StrEnum
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.certificates import UNREADABLE, extension

SKEW = dt.timedelta(minutes=5)
"""How long after the moment in question an answer may begin: it was made after somebody asked, by another clock. As
much as OpenSSL allows (`openssl ocsp -validity_period`)."""

_CACHED = 1024
_STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


class Status(StrEnum):
    """What an authority says."""

    GOOD = "good"
    REVOKED = "revoked"


@lru_cache(maxsize=_CACHED)
def read_response(der: bytes) -> ocsp.OCSPResponse | None:
    """The response, or None when it is none, or says only that the responder cannot answer."""
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        _ = response.serial_number, response.certificates, response.extensions  # put off until asked for: asked here
    except UNREADABLE:
        return None
    return response


def status_of(
    der: bytes,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    at: dt.datetime,
    max_age: dt.timedelta | None,
) -> Status | None:
    """What the response says of the certificate at the moment `at`.

    None when it is about another certificate, stale, signed by nobody who may, or "unknown".
    """
    response = read_response(der)
    if response is None or not _is_about(response, certificate, issuer):
        return None
    fresh = fresh_until(response, max_age)
    if fresh is None or not response.this_update_utc - SKEW <= at <= fresh:
        return None
    if not _is_signed(response, issuer, at):
        return None
    return {ocsp.OCSPCertStatus.GOOD: Status.GOOD, ocsp.OCSPCertStatus.REVOKED: Status.REVOKED}.get(
        response.certificate_status
    )


def fresh_until(response: ocsp.OCSPResponse, max_age: dt.timedelta | None) -> dt.datetime | None:
    """How long it may be used: until its next update, and no longer than `max_age`; None when neither is known."""
    ends = [] if response.next_update_utc is None else [response.next_update_utc]
    ends += [] if max_age is None else [response.this_update_utc + max_age]
    return min(ends, default=None)


def _is_about(response: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        built = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, response.hash_algorithm).build()
    except (ValueError, UnsupportedAlgorithm):
        return False
    return (built.serial_number, built.issuer_key_hash, built.issuer_name_hash) == (
        response.serial_number,
        response.issuer_key_hash,
        response.issuer_name_hash,
    )


def _is_signed(response: ocsp.OCSPResponse, issuer: x509.Certificate, at: dt.datetime) -> bool:
    """By the issuer itself, or by one it named for this (RFC 6960 §4.2.2.2). Such a one must be exempt from being asked
    about itself (ocsp-nocheck): else its own status would be unknown."""
    return any(
        _verifies(response, responder)
        for responder in (issuer, *(one for one in response.certificates if _is_delegate(one, issuer, at)))
    )


def _is_delegate(responder: x509.Certificate, issuer: x509.Certificate, at: dt.datetime) -> bool:
    uses = extension(responder, x509.ExtendedKeyUsage)
    if uses is None or ExtendedKeyUsageOID.OCSP_SIGNING not in uses or extension(responder, x509.OCSPNoCheck) is None:
        return False
    if not responder.not_valid_before_utc <= at <= responder.not_valid_after_utc:
        return False
    try:
        responder.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _verifies(response: ocsp.OCSPResponse, responder: x509.Certificate) -> bool:
    key = responder.public_key()
    try:
        digest = response.signature_hash_algorithm
        if not isinstance(digest, _STRONG):
            return False
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(digest))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
