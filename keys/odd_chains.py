"""Chains that `cryptography` refuses for no good reason, judged by pyhanko-certvalidator (RFC 5280 §6).

`cryptography` knows no critical policy constraints, no directory-name constraints and few curves; certificate
authorities of governments use them. Here the same questions are asked as there: basic constraints, key usage and
extended key usage of every issuer, name constraints, validity. Revocation is asked elsewhere, for all chains alike.
"""

import datetime as dt
from collections.abc import Sequence

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

from gateway import event_loop
from keys.certificates import extension
from keys.cms.algorithms import LEAST_RSA_BITS

_WEAK = {"md2", "md5", "sha1"}
_MAIL = frozenset({ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


def odd_chain(
    certificate: x509.Certificate, pool: Sequence[x509.Certificate], root: x509.Certificate, at: dt.datetime
) -> Sequence[x509.Certificate] | None:
    """The chain from the certificate to the root, both included, or None when none holds at `at`."""
    context = ValidationContext(
        trust_roots=[_asn1(root)],
        moment=at,
        allow_fetching=False,
        time_tolerance=dt.timedelta(0),
        revocation_mode="soft-fail",
        weak_hash_algos=_WEAK,
    )
    validator = CertificateValidator(
        _asn1(certificate), intermediate_certs=[_asn1(one) for one in pool], validation_context=context
    )
    try:
        path = event_loop.run(validator.async_validate_path())
    except (PathBuildingError, PathValidationError, ValueError, TypeError, KeyError):
        return None
    by_der = {_der(one): one for one in (*pool, root, certificate)}
    chain = [by_der[one.dump()] for one in reversed(list(path)) if one.dump() in by_der]
    whole = len(chain) > 1 and chain[0] == certificate and chain[-1] == root
    return chain if whole and _is_valid(chain, at) and all(map(_may_issue_for_mail, chain[1:])) else None


def _is_valid(chain: Sequence[x509.Certificate], at: dt.datetime) -> bool:
    """The library asks for the validity of all but the root."""
    return all(one.not_valid_before_utc <= at <= one.not_valid_after_utc for one in chain)


def _may_issue_for_mail(issuer: x509.Certificate) -> bool:
    extended, key = extension(issuer, x509.ExtendedKeyUsage), issuer.public_key()
    strong = not isinstance(key, RSAPublicKey) or key.key_size >= LEAST_RSA_BITS
    return strong and (extended is None or not _MAIL.isdisjoint(extended))


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    read: asn1.Certificate = asn1.Certificate.load(_der(certificate))  # type: ignore[no-untyped-call]
    return read
