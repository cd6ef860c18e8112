"""Small questions that one certificate or revocation list answers."""

from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""All that the library raises for certificates, lists and responses it cannot make sense of; not all of them are
ValueErrors."""

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of the certificate in lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def extension(holder: x509.Certificate | x509.CertificateRevocationList, kind: type[_Extension]) -> _Extension | None:
    """The extension of that kind, or None when it is absent."""
    try:
        return holder.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
