"""The content key to an RSA key: RSAES-OAEP with SHA-256 (RFC 3560, RFC 4055 §4.1) or RSAES-PKCS1-v1_5 (RFC 3370)."""

import os
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.domain.codes import Code
from gateway.domain.parties import KeyTransport
from gateway.domain.problem import InputRefused
from keys.cms import oids
from keys.cms.enveloped_syntax import KeyTransRecipientInfo
from keys.cms.syntax import AlgorithmIdentifier, IssuerAndSerialNumber, tlv

RSAES_OAEP = x509.ObjectIdentifier("1.2.840.113549.1.1.7")

_VERSION = 0


@asn1.sequence
class RsaesOaepParams:
    """RSAES-OAEP-params (RFC 4055 §4.1); the label is always empty and so left out."""

    hash_algorithm: Annotated[AlgorithmIdentifier, asn1.Explicit(0)]
    mask_gen_algorithm: Annotated[AlgorithmIdentifier, asn1.Explicit(1)]


def _oaep_sha256(digest_parameters: asn1.Null | None) -> AlgorithmIdentifier:
    """RSAES-OAEP with SHA-256 throughout. Its digests are written with NULL, read also without (RFC 4055 §2.1)."""
    sha256 = AlgorithmIdentifier(algorithm=oids.SHA256, parameters=digest_parameters)
    mgf1 = AlgorithmIdentifier(algorithm=oids.MGF1, parameters=tlv(asn1.encode_der(sha256)))
    parameters = RsaesOaepParams(hash_algorithm=sha256, mask_gen_algorithm=mgf1)
    return AlgorithmIdentifier(algorithm=RSAES_OAEP, parameters=tlv(asn1.encode_der(parameters)))


_OAEP = OAEP(mgf=MGF1(algorithm=SHA256()), algorithm=SHA256(), label=None)
_OAEP_ALGORITHM = _oaep_sha256(asn1.Null())
_OAEP_DER = frozenset({asn1.encode_der(_OAEP_ALGORITHM), asn1.encode_der(_oaep_sha256(None))})
_PKCS1V15_ALGORITHM = AlgorithmIdentifier(algorithm=oids.RSA_ENCRYPTION, parameters=asn1.Null())
_PKCS1V15_DER = asn1.encode_der(_PKCS1V15_ALGORITHM)


def wrap_for_rsa(
    content_key: bytes, public_key: RSAPublicKey, rid: IssuerAndSerialNumber, transport: KeyTransport
) -> KeyTransRecipientInfo:
    """The content key encrypted to the RSA key: by PKCS #1 v1.5 where the recipient's profile says so, else OAEP."""
    old = transport is KeyTransport.PKCS1V15
    return KeyTransRecipientInfo(
        version=_VERSION,
        rid=rid,
        key_encryption_algorithm=_PKCS1V15_ALGORITHM if old else _OAEP_ALGORITHM,
        encrypted_key=public_key.encrypt(content_key, PKCS1v15() if old else _OAEP),
    )


def unwrap_with_rsa(recipient: KeyTransRecipientInfo, key: RSAPrivateKey, key_bytes: int) -> bytes:
    """The content key, `key_bytes` long.

    A PKCS #1 v1.5 key that does not decrypt becomes a random one, so that the failure shows only later and nobody
    can probe the padding (RFC 3218 §2.3.2). Raises InputRefused: message.unreadable for another algorithm,
    message.undecryptable for OAEP that does not decrypt.
    """
    algorithm = asn1.encode_der(recipient.key_encryption_algorithm)
    if algorithm == _PKCS1V15_DER:
        return _unwrap_pkcs1v15(recipient.encrypted_key, key, key_bytes)
    if algorithm not in _OAEP_DER:
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    try:
        content_key = key.decrypt(recipient.encrypted_key, _OAEP)
    except ValueError:
        raise InputRefused(Code.MESSAGE_UNDECRYPTABLE) from None
    if len(content_key) != key_bytes:
        raise InputRefused(Code.MESSAGE_UNDECRYPTABLE)
    return content_key


def _unwrap_pkcs1v15(encrypted_key: bytes, key: RSAPrivateKey, key_bytes: int) -> bytes:
    instead = os.urandom(key_bytes)
    try:
        content_key = key.decrypt(encrypted_key, PKCS1v15())
    except ValueError:
        return instead
    return content_key if len(content_key) == key_bytes else instead
