"""The certificates that messages are encrypted to: their rules, and what is shown of them (RFC 8550 §4, RFC 5280).

A certificate is pinned to its recipient by the directory, where two people put it. So nothing here builds a chain:
the rules ask whether this very certificate may be used for this purpose at this moment.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, PublicKeyAlgorithmOID

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.keys import KeyFacts
from keys.certificates import UNREADABLE, extension, fingerprint
from keys.cms.algorithms import LEAST_RSA_BITS
from keys.cms.key_agreement import CURVES

_CACHED_CERTIFICATES = 1024
_LEAST_RSA_EXPONENT = 65537
"""NIST SP 800-56B §6.2: greater than 2^16. With 1 nothing would be encrypted at all."""

_EMAIL_USES = frozenset({ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


def check_recipient_certificate(der: bytes, at: dt.datetime) -> x509.Certificate:
    """The certificate, when a message may be encrypted to it at the moment `at`.

    Raises InputRefused: key.unreadable; key.not-yet-valid, key.expired; key.wrong-use for a CA, for a key usage or
    extended key usage that leaves this use out, and for a key that cannot encrypt; key.weak for an RSA key below
    2048 bits or with a small exponent, and for a curve other than P-256, P-384 and P-521.
    """
    recipient = _read(der)
    _check_validity(recipient.certificate, at)
    _check_key(recipient)
    _check_use(recipient)
    return recipient.certificate


def certificate_facts(der: bytes) -> KeyFacts:
    """What is shown of a certificate, good or not. Raises InputRefused (key.unreadable)."""
    recipient = _read(der)
    key_type, key_size = "other", 0
    if isinstance(recipient.key, RSAPublicKey):
        key_type, key_size = "RSA", recipient.key.key_size
    elif isinstance(recipient.key, EllipticCurvePublicKey):
        key_type, key_size = recipient.key.curve.name, recipient.key.key_size
    return KeyFacts(
        fingerprint=fingerprint(recipient.certificate),
        key=hashlib.sha256(recipient.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest(),
        not_before=recipient.certificate.not_valid_before_utc,
        not_after=recipient.certificate.not_valid_after_utc,
        key_type=key_type,
        key_size=key_size,
        emails=recipient.emails,
    )


@dataclass(frozen=True, kw_only=True)
class _RecipientCertificate:
    """A certificate with all of it that matters here already read, so that nothing in it fails later."""

    certificate: x509.Certificate
    issuer: x509.Name
    key: CertificatePublicKeyTypes
    is_ca: bool
    key_usage: x509.KeyUsage | None
    extended_key_usage: frozenset[x509.ObjectIdentifier] | None
    emails: tuple[str, ...]


@lru_cache(maxsize=_CACHED_CERTIFICATES)
def _read(der: bytes) -> _RecipientCertificate:
    """Raises InputRefused (key.unreadable)."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        if isinstance(key, RSAPublicKey):
            key.encrypt(b"trial", PKCS1v15())  # some moduli load and yet cannot encrypt
        constraints = extension(certificate, x509.BasicConstraints)
        extended = extension(certificate, x509.ExtendedKeyUsage)
        return _RecipientCertificate(
            certificate=certificate,
            issuer=certificate.issuer,
            key=key,
            is_ca=constraints is not None and constraints.ca,
            key_usage=extension(certificate, x509.KeyUsage),
            extended_key_usage=None if extended is None else frozenset(extended),
            emails=_emails(certificate),
        )
    except UNREADABLE:
        raise InputRefused(Code.KEY_UNREADABLE) from None


def _check_validity(certificate: x509.Certificate, at: dt.datetime) -> None:
    if at < certificate.not_valid_before_utc:
        raise InputRefused(Code.KEY_NOT_YET_VALID)
    if at > certificate.not_valid_after_utc:
        raise InputRefused(Code.KEY_EXPIRED)


def _check_key(recipient: _RecipientCertificate) -> None:
    key = recipient.key
    signs_only = recipient.certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS
    if signs_only or not isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
        raise InputRefused(Code.KEY_WRONG_USE)
    if isinstance(key, RSAPublicKey):
        _check_rsa(key)
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name not in CURVES:
        raise InputRefused(Code.KEY_WEAK, curve=key.curve.name)


def _check_rsa(key: RSAPublicKey) -> None:
    exponent = key.public_numbers().e
    if key.key_size < LEAST_RSA_BITS or exponent < _LEAST_RSA_EXPONENT or exponent % 2 == 0:
        raise InputRefused(Code.KEY_WEAK, bits=key.key_size)


def _check_use(recipient: _RecipientCertificate) -> None:
    usage, extended = recipient.key_usage, recipient.extended_key_usage
    fits = not recipient.is_ca
    fits &= usage is None or _may_receive_keys(recipient.key, usage)
    fits &= extended is None or not _EMAIL_USES.isdisjoint(extended)
    if not fits:
        raise InputRefused(Code.KEY_WRONG_USE)


def _may_receive_keys(key: CertificatePublicKeyTypes, usage: x509.KeyUsage) -> bool:
    """keyEncipherment for RSA; for EC keyAgreement, and not one that is limited to deciphering (RFC 8550 §4.4.2)."""
    if isinstance(key, EllipticCurvePublicKey):
        return usage.key_agreement and not usage.decipher_only
    return usage.key_encipherment


def _emails(certificate: x509.Certificate) -> tuple[str, ...]:
    """Addresses in the subject alternative name, and where there are none, in the subject (RFC 8550 §3)."""
    names = extension(certificate, x509.SubjectAlternativeName)
    found = () if names is None else tuple(names.get_values_for_type(x509.RFC822Name))
    in_subject = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    return found or tuple(str(attribute.value) for attribute in in_subject)
