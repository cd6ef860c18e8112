"""Files of trust as an operator hands them in: anchors with intermediates, and revocation lists."""

from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.certificates import UNREADABLE, extension

_CRL_MARK = b"-----BEGIN X509 CRL-----"


class AnchorFile(NamedTuple):
    """The certificates of one file, in DER and in its order. Intermediates are offered to chains, never trusted."""

    anchors: tuple[bytes, ...]
    intermediates: tuple[bytes, ...]


def read_anchor_file(content: bytes) -> AnchorFile:
    """The PEM certificates: self-signed authorities are anchors, the others intermediates.

    Raises InputRefused: key.unreadable; key.no-anchor when no certificate is self-signed by an authority.
    """
    try:
        certificates = x509.load_pem_x509_certificates(content)
        self_signed = [certificate for certificate in certificates if _is_self_signed(certificate)]
        anchors = [certificate for certificate in self_signed if _is_authority(certificate)]
    except UNREADABLE as error:
        raise InputRefused(Code.KEY_UNREADABLE) from error
    if not anchors:
        raise InputRefused(Code.KEY_NO_ANCHOR)
    return AnchorFile(
        anchors=tuple(certificate.public_bytes(Encoding.DER) for certificate in anchors),
        intermediates=tuple(
            certificate.public_bytes(Encoding.DER) for certificate in certificates if certificate not in self_signed
        ),
    )


def read_crl(content: bytes) -> bytes:
    """The one revocation list in the file, PEM or DER, as DER. Raises InputRefused (key.crl-invalid)."""
    try:
        if _CRL_MARK in content:
            return _only_pem_list(content).public_bytes(Encoding.DER)
        return _read_whole(x509.load_der_x509_crl(content)).public_bytes(Encoding.DER)
    except UNREADABLE as error:
        raise InputRefused(Code.KEY_CRL_INVALID) from error


def _only_pem_list(content: bytes) -> x509.CertificateRevocationList:
    if content.count(_CRL_MARK) > 1:
        raise ValueError("several lists in one file: only the first would be read")
    return _read_whole(x509.load_pem_x509_crl(content))


def _read_whole(crl: x509.CertificateRevocationList) -> x509.CertificateRevocationList:
    """cryptography puts off names, times and extensions until they are asked for: asked here, not at a package."""
    _ = crl.issuer, crl.last_update_utc, crl.next_update_utc, crl.extensions, [entry.extensions for entry in crl]
    return crl


def _is_self_signed(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    basic = extension(certificate, x509.BasicConstraints)
    return basic is not None and basic.ca
