"""CMS EnvelopedData for one recipient: AES-256-CBC content (RFC 5652 §6, RFC 3565).

The content key reaches the recipient by the padding of an RSA key (`keys.cms.key_transport`) or by agreement with an
EC key (`keys.cms.key_agreement`). CBC does not protect against alteration: what is encrypted here is always signed,
and a reader takes nothing before that signature holds. (OpenSSL and gpgsm decrypt a flipped bit without an error.)
AuthEnvelopedData would protect, but too few mail programs read it.

One recipient a message: nobody learns who else was written to, and no key but the pinned one opens it.
"""

import os
from io import BytesIO

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from gateway.domain.codes import Code
from gateway.domain.parties import KeyTransport
from gateway.domain.problem import InputRefused
from keys.cms import oids
from keys.cms.enveloped_syntax import (
    AES256_CBC,
    ENVELOPED_DATA,
    ContentEncryptionAlgorithm,
    EncryptedContentInfo,
    EnvelopedContentInfo,
    EnvelopedData,
    KeyAgreeRecipientInfo,
    KeyTransRecipientInfo,
)
from keys.cms.key_agreement import unwrap_with_ec, wrap_for_ec
from keys.cms.key_transport import unwrap_with_rsa, wrap_for_rsa
from keys.cms.syntax import IssuerAndSerialNumber, tlv

_CONTENT_KEY_BYTES = 32
_BLOCK_BYTES = 16

_VERSION_KEY_TRANSPORT = 0
_VERSION_KEY_AGREEMENT = 2
"""CMSVersion of EnvelopedData, by the kind of its only recipient (RFC 5652 §6.1)."""

RecipientKey = RSAPrivateKey | EllipticCurvePrivateKey


def encrypt(content: bytes, *, certificate: x509.Certificate, key_transport: KeyTransport) -> bytes:
    """DER of a ContentInfo with `content` encrypted to the key of `certificate`, which was checked before.

    `key_transport` chooses the padding for an RSA key and means nothing to an EC key.
    Raises InputRefused: key.wrong-use when the key is neither, key.weak for a curve that is not taken.
    """
    content_key, iv = os.urandom(_CONTENT_KEY_BYTES), os.urandom(_BLOCK_BYTES)
    version, recipient = _recipient_info(content_key, certificate, key_transport)
    enveloped = EnvelopedData(
        version=version,
        recipient_infos=asn1.SetOf([recipient]),
        encrypted_content_info=EncryptedContentInfo(
            content_type=oids.DATA,
            content_encryption_algorithm=ContentEncryptionAlgorithm(algorithm=AES256_CBC, iv=iv),
            encrypted_content=_encrypt_cbc(content, content_key, iv),
        ),
        unprotected_attrs=None,
    )
    return asn1.encode_der(EnvelopedContentInfo(content_type=ENVELOPED_DATA, content=enveloped))


def decrypt(der: bytes, *, key: RecipientKey, certificate: x509.Certificate) -> bytes:
    """The content, as the one recipient reads it. It is not authenticated: check its signature before any use.

    Raises InputRefused: message.unreadable when `der` is not in the forms `encrypt` makes (BER is not read);
    message.not-for-key when it is for another certificate or another kind of key; message.undecryptable whatever
    part of the decryption failed, so that nothing is learnt by trying.
    """
    try:
        message = asn1.decode_der(EnvelopedContentInfo, der)
    except ValueError:
        raise InputRefused(Code.MESSAGE_UNREADABLE) from None
    recipients = message.content.recipient_infos.as_list()
    encrypted = message.content.encrypted_content_info
    algorithm, ciphertext = encrypted.content_encryption_algorithm, encrypted.encrypted_content
    readable = message.content_type == ENVELOPED_DATA and algorithm.algorithm == AES256_CBC and len(recipients) == 1
    if not readable or ciphertext is None or len(algorithm.iv) != _BLOCK_BYTES:
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    return _decrypt_cbc(ciphertext, _content_key(recipients[0], key, certificate), algorithm.iv)


def _recipient_info(
    content_key: bytes, certificate: x509.Certificate, key_transport: KeyTransport
) -> tuple[int, KeyTransRecipientInfo | KeyAgreeRecipientInfo]:
    """The version of the whole, and its only recipient."""
    rid, public_key = _recipient_id(certificate), certificate.public_key()
    if isinstance(public_key, RSAPublicKey):
        return _VERSION_KEY_TRANSPORT, wrap_for_rsa(content_key, public_key, rid, key_transport)
    if isinstance(public_key, EllipticCurvePublicKey):
        return _VERSION_KEY_AGREEMENT, wrap_for_ec(content_key, public_key, rid)
    raise InputRefused(Code.KEY_WRONG_USE)


def _content_key(
    recipient: KeyTransRecipientInfo | KeyAgreeRecipientInfo, key: RecipientKey, certificate: x509.Certificate
) -> bytes:
    ours = asn1.encode_der(_recipient_id(certificate))
    if isinstance(recipient, KeyTransRecipientInfo) and isinstance(key, RSAPrivateKey):
        _require_recipient(ours, [recipient.rid])
        return unwrap_with_rsa(recipient, key, _CONTENT_KEY_BYTES)
    if isinstance(recipient, KeyAgreeRecipientInfo) and isinstance(key, EllipticCurvePrivateKey):
        _require_recipient(ours, [one.rid for one in recipient.recipient_encrypted_keys])
        return unwrap_with_ec(recipient, key, _CONTENT_KEY_BYTES)
    raise InputRefused(Code.MESSAGE_NOT_FOR_KEY)


def _require_recipient(ours: bytes, named: list[IssuerAndSerialNumber]) -> None:
    if [asn1.encode_der(rid) for rid in named] != [ours]:
        raise InputRefused(Code.MESSAGE_NOT_FOR_KEY)


def _recipient_id(certificate: x509.Certificate) -> IssuerAndSerialNumber:
    issuer = tlv(certificate.issuer.public_bytes())
    return IssuerAndSerialNumber(issuer=issuer, serial_number=certificate.serial_number)


def _encrypt_cbc(content: bytes, key: bytes, iv: bytes) -> bytes:
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    missing = _BLOCK_BYTES - len(content) % _BLOCK_BYTES  # RFC 5652 §6.3: that many octets of that value
    encrypted = BytesIO()
    encrypted.write(encryptor.update(content))
    encrypted.write(encryptor.update(bytes([missing]) * missing) + encryptor.finalize())
    return encrypted.getvalue()


def _decrypt_cbc(ciphertext: bytes, key: bytes, iv: bytes) -> bytes:
    decryptor, unpadder = Cipher(AES(key), CBC(iv)).decryptor(), PKCS7(AES.block_size).unpadder()
    try:
        padded = decryptor.update(ciphertext) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise InputRefused(Code.MESSAGE_UNDECRYPTABLE) from None
