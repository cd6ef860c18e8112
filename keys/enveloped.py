"""CMS messages encrypted to one recipient: EnvelopedData (RFC 5652 §6) or AuthEnvelopedData (RFC 5083).

The content key reaches the recipient by the padding of an RSA key (`keys.cms.key_transport`) or by agreement with an
EC key (`keys.cms.key_agreement`); `keys.cms.content_encryption` encrypts the content. EnvelopedData with CBC is what
every mail program reads; AuthEnvelopedData with GCM is for those whose program is known to.

One recipient a message: nobody learns who else was written to, and no key but the pinned one opens it.
"""

import os
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from gateway.domain.codes import Code
from gateway.domain.parties import ContentEncryption, KeyTransport
from gateway.domain.problem import InputRefused
from keys.cms import content_encryption as ciphers
from keys.cms import oids
from keys.cms.content_encryption import CONTENT_KEY_BYTES, MAC_BYTES
from keys.cms.enveloped_syntax import (
    AUTH_ENVELOPED_DATA,
    ENVELOPED_DATA,
    AuthEnvelopedContentInfo,
    AuthEnvelopedData,
    EncryptedContentInfo,
    EnvelopedContentInfo,
    EnvelopedData,
    KeyAgreeRecipientInfo,
    KeyTransRecipientInfo,
)
from keys.cms.key_agreement import unwrap_with_ec, wrap_for_ec
from keys.cms.key_transport import unwrap_with_rsa, wrap_for_rsa
from keys.cms.syntax import AlgorithmIdentifier, IssuerAndSerialNumber, tlv

_VERSION_KEY_TRANSPORT = 0
_VERSION_KEY_AGREEMENT = 2
"""CMSVersion of EnvelopedData, by the kind of its only recipient (RFC 5652 §6.1)."""
_VERSION_AUTHENTICATED = 0

RecipientKey = RSAPrivateKey | EllipticCurvePrivateKey
RecipientInfo = KeyTransRecipientInfo | KeyAgreeRecipientInfo
T = TypeVar("T")


def encrypt(
    content: bytes,
    *,
    certificate: x509.Certificate,
    key_transport: KeyTransport,
    content_encryption: ContentEncryption = ContentEncryption.CBC,
) -> bytes:
    """DER of a ContentInfo with `content` encrypted to the key of `certificate`, which was checked before.

    `key_transport` chooses the padding for an RSA key and means nothing to an EC key.
    Raises InputRefused: key.wrong-use when the key is neither, key.weak for a curve that is not taken.
    """
    content_key = os.urandom(CONTENT_KEY_BYTES)
    recipient = _recipient_info(content_key, certificate, key_transport)
    if content_encryption is ContentEncryption.GCM:
        return _auth_enveloped(content, content_key, recipient)
    return _enveloped(content, content_key, recipient)


def decrypt(der: bytes, *, key: RecipientKey, certificate: x509.Certificate) -> bytes:
    """The content, as the one recipient reads it. Check its signature before any use: CBC authenticates nothing.

    Raises InputRefused: message.unreadable when `der` is not in the forms `encrypt` makes (BER is not read);
    message.not-for-key when it is for another certificate or another kind of key; message.undecryptable whatever
    part of the decryption failed, so that nothing is learnt by trying.
    """
    enveloped = _decoded(EnvelopedContentInfo, der)
    if enveloped is not None and enveloped.content_type == ENVELOPED_DATA:
        return _open_enveloped(enveloped.content, key, certificate)
    authenticated = _decoded(AuthEnvelopedContentInfo, der)
    if authenticated is not None and authenticated.content_type == AUTH_ENVELOPED_DATA:
        return _open_authenticated(authenticated.content, key, certificate)
    raise InputRefused(Code.MESSAGE_UNREADABLE)


def _enveloped(content: bytes, content_key: bytes, recipient: RecipientInfo) -> bytes:
    transported = isinstance(recipient, KeyTransRecipientInfo)
    algorithm, encrypted = ciphers.encrypt_cbc(content, content_key)
    enveloped = EnvelopedData(
        version=_VERSION_KEY_TRANSPORT if transported else _VERSION_KEY_AGREEMENT,
        recipient_infos=asn1.SetOf([recipient]),
        encrypted_content_info=_content_info(algorithm, encrypted),
        unprotected_attrs=None,
    )
    return asn1.encode_der(EnvelopedContentInfo(content_type=ENVELOPED_DATA, content=enveloped))


def _auth_enveloped(content: bytes, content_key: bytes, recipient: RecipientInfo) -> bytes:
    algorithm, encrypted, mac = ciphers.encrypt_gcm(content, content_key)
    enveloped = AuthEnvelopedData(
        version=_VERSION_AUTHENTICATED,
        recipient_infos=asn1.SetOf([recipient]),
        encrypted_content_info=_content_info(algorithm, encrypted),
        auth_attrs=None,
        mac=mac,
        unauth_attrs=None,
    )
    return asn1.encode_der(AuthEnvelopedContentInfo(content_type=AUTH_ENVELOPED_DATA, content=enveloped))


def _content_info(algorithm: AlgorithmIdentifier, encrypted: bytes) -> EncryptedContentInfo:
    return EncryptedContentInfo(
        content_type=oids.DATA, content_encryption_algorithm=algorithm, encrypted_content=encrypted
    )


def _open_enveloped(message: EnvelopedData, key: RecipientKey, certificate: x509.Certificate) -> bytes:
    recipient, encrypted, ciphertext = _only_recipient(message)
    iv = ciphers.cbc_iv(encrypted.content_encryption_algorithm)
    return ciphers.decrypt_cbc(ciphertext, _content_key(recipient, key, certificate), iv)


def _open_authenticated(message: AuthEnvelopedData, key: RecipientKey, certificate: x509.Certificate) -> bytes:
    recipient, encrypted, ciphertext = _only_recipient(message)
    nonce = ciphers.gcm_nonce(encrypted.content_encryption_algorithm)
    if message.auth_attrs is not None or len(message.mac) != MAC_BYTES:
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    content_key = _content_key(recipient, key, certificate)
    return ciphers.decrypt_gcm(ciphertext, message.mac, content_key, nonce)


def _decoded(shape: type[T], der: bytes) -> T | None:
    try:
        return asn1.decode_der(shape, der)
    except ValueError:
        return None


def _only_recipient(
    message: EnvelopedData | AuthEnvelopedData,
) -> tuple[RecipientInfo, EncryptedContentInfo, bytes]:
    """Its one recipient, and what is encrypted. Raises InputRefused (message.unreadable)."""
    recipients, encrypted = message.recipient_infos.as_list(), message.encrypted_content_info
    if len(recipients) != 1 or encrypted.encrypted_content is None:
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    return recipients[0], encrypted, encrypted.encrypted_content


def _recipient_info(content_key: bytes, certificate: x509.Certificate, key_transport: KeyTransport) -> RecipientInfo:
    rid, public_key = _recipient_id(certificate), certificate.public_key()
    if isinstance(public_key, RSAPublicKey):
        return wrap_for_rsa(content_key, public_key, rid, key_transport)
    if isinstance(public_key, EllipticCurvePublicKey):
        return wrap_for_ec(content_key, public_key, rid)
    raise InputRefused(Code.KEY_WRONG_USE)


def _content_key(recipient: RecipientInfo, key: RecipientKey, certificate: x509.Certificate) -> bytes:
    ours = asn1.encode_der(_recipient_id(certificate))
    if isinstance(recipient, KeyTransRecipientInfo) and isinstance(key, RSAPrivateKey):
        _require_recipient(ours, [recipient.rid])
        return unwrap_with_rsa(recipient, key, CONTENT_KEY_BYTES)
    if isinstance(recipient, KeyAgreeRecipientInfo) and isinstance(key, EllipticCurvePrivateKey):
        _require_recipient(ours, [one.rid for one in recipient.recipient_encrypted_keys])
        return unwrap_with_ec(recipient, key, CONTENT_KEY_BYTES)
    raise InputRefused(Code.MESSAGE_NOT_FOR_KEY)


def _require_recipient(ours: bytes, named: list[IssuerAndSerialNumber]) -> None:
    if [asn1.encode_der(rid) for rid in named] != [ours]:
        raise InputRefused(Code.MESSAGE_NOT_FOR_KEY)


def _recipient_id(certificate: x509.Certificate) -> IssuerAndSerialNumber:
    issuer = tlv(certificate.issuer.public_bytes())
    return IssuerAndSerialNumber(issuer=issuer, serial_number=certificate.serial_number)
