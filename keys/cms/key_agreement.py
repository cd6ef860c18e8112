"""The content key to an EC key: ephemeral-static ECDH, X9.63 derivation, AES-256 key wrap (RFC 5753, RFC 3565).

The digest of the derivation follows the curve (RFC 5753 §8): P-256 with SHA-256, P-384 with SHA-384, P-521 with
SHA-512.
"""

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cms.enveloped_syntax import (
    EccCmsSharedInfo,
    KeyAgreementAlgorithm,
    KeyAgreeRecipientInfo,
    OriginatorPublicKey,
    RecipientEncryptedKey,
)
from keys.cms.syntax import AlgorithmIdentifier, IssuerAndSerialNumber

EC_PUBLIC_KEY = x509.ObjectIdentifier("1.2.840.10045.2.1")
AES256_WRAP = x509.ObjectIdentifier("2.16.840.1.101.3.4.1.45")
STD_DH_SHA256_KDF = x509.ObjectIdentifier("1.3.132.1.11.1")
STD_DH_SHA384_KDF = x509.ObjectIdentifier("1.3.132.1.11.2")
STD_DH_SHA512_KDF = x509.ObjectIdentifier("1.3.132.1.11.3")

_VERSION = 3
_WRAPPING_KEY_BYTES = 32

_SCHEME_OF_CURVE = {
    "secp256r1": STD_DH_SHA256_KDF,
    "secp384r1": STD_DH_SHA384_KDF,
    "secp521r1": STD_DH_SHA512_KDF,
}
_DIGEST_OF_SCHEME: dict[x509.ObjectIdentifier, HashAlgorithm] = {
    STD_DH_SHA256_KDF: SHA256(),
    STD_DH_SHA384_KDF: SHA384(),
    STD_DH_SHA512_KDF: SHA512(),
}

CURVES = frozenset(_SCHEME_OF_CURVE)
"""The curves a content key can be sent to, by the names of SEC 2."""

_KEY_WRAP = AlgorithmIdentifier(algorithm=AES256_WRAP, parameters=None)
_EPHEMERAL = AlgorithmIdentifier(algorithm=EC_PUBLIC_KEY, parameters=None)


def wrap_for_ec(
    content_key: bytes, public_key: EllipticCurvePublicKey, rid: IssuerAndSerialNumber
) -> KeyAgreeRecipientInfo:
    """The content key wrapped under a key agreed with the EC key. Raises InputRefused (key.weak) for another curve."""
    scheme = _SCHEME_OF_CURVE.get(public_key.curve.name)
    if scheme is None:
        raise InputRefused(Code.KEY_WEAK, curve=public_key.curve.name)
    ephemeral = generate_private_key(public_key.curve)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    wrapping_key = _derive(ephemeral.exchange(ECDH(), public_key), scheme, ukm=None)
    encrypted = RecipientEncryptedKey(rid=rid, encrypted_key=aes_key_wrap(wrapping_key, content_key))
    return KeyAgreeRecipientInfo(
        version=_VERSION,
        originator=OriginatorPublicKey(algorithm=_EPHEMERAL, public_key=asn1.BitString(point, 0)),
        ukm=None,
        key_encryption_algorithm=KeyAgreementAlgorithm(scheme=scheme, key_wrap=_KEY_WRAP),
        recipient_encrypted_keys=[encrypted],
    )


def unwrap_with_ec(recipient: KeyAgreeRecipientInfo, key: EllipticCurvePrivateKey, key_bytes: int) -> bytes:
    """The content key, `key_bytes` long.

    Raises InputRefused: message.unreadable for another scheme, key wrap or originator; message.undecryptable for a
    point off the curve or a wrapped key that does not open.
    """
    algorithm, originator = recipient.key_encryption_algorithm, recipient.originator
    if not isinstance(originator, OriginatorPublicKey) or algorithm.scheme not in _DIGEST_OF_SCHEME:
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    if algorithm.key_wrap.algorithm != AES256_WRAP or originator.algorithm.algorithm != EC_PUBLIC_KEY:
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    try:
        ephemeral = EllipticCurvePublicKey.from_encoded_point(key.curve, originator.public_key.as_bytes())
        wrapping_key = _derive(key.exchange(ECDH(), ephemeral), algorithm.scheme, ukm=recipient.ukm)
        content_key = aes_key_unwrap(wrapping_key, recipient.recipient_encrypted_keys[0].encrypted_key)
    except (ValueError, InvalidUnwrap):
        raise InputRefused(Code.MESSAGE_UNDECRYPTABLE) from None
    if len(content_key) != key_bytes:
        raise InputRefused(Code.MESSAGE_UNDECRYPTABLE)
    return content_key


def _derive(secret: bytes, scheme: x509.ObjectIdentifier, *, ukm: bytes | None) -> bytes:
    """The wrapping key from the shared secret (RFC 5753 §7.2, ANSI X9.63)."""
    shared_info = EccCmsSharedInfo(
        key_info=_KEY_WRAP, entity_u_info=ukm, supp_pub_info=(_WRAPPING_KEY_BYTES * 8).to_bytes(4, "big")
    )
    kdf = X963KDF(
        algorithm=_DIGEST_OF_SCHEME[scheme], length=_WRAPPING_KEY_BYTES, sharedinfo=asn1.encode_der(shared_info)
    )
    return kdf.derive(secret)
