"""A signing key from files: a private key in PEM and its certificate, with intermediates, in PEM."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cades import SigningKey
from keys.certificates import UNREADABLE
from keys.cms.algorithms import PrivateKey


def load_signing_key(key_pem: bytes, cert_pem: bytes, passphrase: bytes | None = None) -> SigningKey:
    """The key, its certificate, and the other certificates of the file but self-signed ones, which nobody needs sent.

    The key's certificate may stand anywhere in the file. Raises InputRefused: key.unreadable (also for a missing or
    wrong passphrase, and a passphrase where none is needed), key.mismatch (no certificate is the key's), key.weak.
    """
    key = _private_key(key_pem, passphrase)
    certificates = _certificates(cert_pem)
    own = [certificate for certificate in certificates if certificate.public_key() == key.public_key()]
    if not own:
        raise InputRefused(Code.KEY_MISMATCH)
    chain = (certificate for certificate in certificates if certificate not in own)
    return SigningKey(
        private_key=key,
        certificate=own[0],
        chain=tuple(certificate for certificate in chain if certificate.issuer != certificate.subject),
    )


def _private_key(pem: bytes, passphrase: bytes | None) -> PrivateKey:
    try:
        key = load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputRefused(Code.KEY_UNREADABLE) from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise InputRefused(Code.KEY_UNREADABLE)
    return key


def _certificates(pem: bytes) -> list[x509.Certificate]:
    try:
        certificates = x509.load_pem_x509_certificates(pem)
        for certificate in certificates:
            certificate.public_key()
    except UNREADABLE as error:
        raise InputRefused(Code.KEY_UNREADABLE) from error
    return certificates
