"""The content itself under a fresh key: AES-256-CBC (RFC 3565) or AES-256-GCM (RFC 5084).

CBC does not protect against alteration: what is encrypted here is always signed, and a reader takes nothing before
that signature holds. (OpenSSL and gpgsm decrypt a flipped bit without an error.)
"""

import os
from io import BytesIO
from typing import Annotated, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cms.syntax import AlgorithmIdentifier, tlv

T = TypeVar("T")

AES256_CBC = x509.ObjectIdentifier("2.16.840.1.101.3.4.1.42")
AES256_GCM = x509.ObjectIdentifier("2.16.840.1.101.3.4.1.46")

CONTENT_KEY_BYTES = 32
_BLOCK_BYTES = 16
_NONCE_BYTES = 12
MAC_BYTES = 16
"""The whole tag. RFC 5084 §3.2 lets 12 be the default, which OpenSSL does not read."""


@asn1.sequence
class GcmParameters:
    """RFC 5084 §3.2: the nonce, and the length of the tag where it is not 12."""

    nonce: bytes
    icv_length: Annotated[int, asn1.Default(12)]


def encrypt_cbc(content: bytes, key: bytes) -> tuple[AlgorithmIdentifier, bytes]:
    """The algorithm with its IV, and the ciphertext."""
    iv = os.urandom(_BLOCK_BYTES)
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    missing = _BLOCK_BYTES - len(content) % _BLOCK_BYTES  # RFC 5652 §6.3: that many octets of that value
    encrypted = BytesIO()
    encrypted.write(encryptor.update(content))
    encrypted.write(encryptor.update(bytes([missing]) * missing) + encryptor.finalize())
    return AlgorithmIdentifier(algorithm=AES256_CBC, parameters=tlv(asn1.encode_der(iv))), encrypted.getvalue()


def encrypt_gcm(content: bytes, key: bytes) -> tuple[AlgorithmIdentifier, bytes, bytes]:
    """The algorithm with its nonce, the ciphertext and the tag. Nothing besides is authenticated."""
    nonce = os.urandom(_NONCE_BYTES)
    encrypted = memoryview(AESGCM(key).encrypt(nonce, content, None))
    parameters = GcmParameters(nonce=nonce, icv_length=MAC_BYTES)
    algorithm = AlgorithmIdentifier(algorithm=AES256_GCM, parameters=tlv(asn1.encode_der(parameters)))
    return algorithm, bytes(encrypted[:-MAC_BYTES]), bytes(encrypted[-MAC_BYTES:])


def cbc_iv(algorithm: AlgorithmIdentifier) -> bytes:
    """Raises InputRefused (message.unreadable) for anything but AES-256-CBC with a whole IV."""
    if algorithm.algorithm != AES256_CBC or not isinstance(algorithm.parameters, asn1.TLV):
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    iv = _parsed(algorithm.parameters, bytes)
    if len(iv) != _BLOCK_BYTES:
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    return iv


def gcm_nonce(algorithm: AlgorithmIdentifier) -> bytes:
    """Raises InputRefused (message.unreadable) for anything but AES-256-GCM with a whole tag and a usual nonce."""
    if algorithm.algorithm != AES256_GCM or not isinstance(algorithm.parameters, asn1.TLV):
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    parameters = _parsed(algorithm.parameters, GcmParameters)
    if parameters.icv_length != MAC_BYTES or len(parameters.nonce) != _NONCE_BYTES:
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    return parameters.nonce


def decrypt_cbc(ciphertext: bytes, key: bytes, iv: bytes) -> bytes:
    """The content, authenticated by nothing. Raises InputRefused (message.undecryptable)."""
    decryptor, unpadder = Cipher(AES(key), CBC(iv)).decryptor(), PKCS7(AES.block_size).unpadder()
    try:
        padded = decryptor.update(ciphertext) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise InputRefused(Code.MESSAGE_UNDECRYPTABLE) from None


def decrypt_gcm(ciphertext: bytes, mac: bytes, key: bytes, nonce: bytes) -> bytes:
    """The content, whole and authenticated. Raises InputRefused (message.undecryptable)."""
    try:
        return AESGCM(key).decrypt(nonce, ciphertext + mac, None)
    except InvalidTag:
        raise InputRefused(Code.MESSAGE_UNDECRYPTABLE) from None


def _parsed(value: asn1.TLV, shape: type[T]) -> T:
    try:
        parsed: T = value.parse(shape)
    except ValueError:
        raise InputRefused(Code.MESSAGE_UNREADABLE) from None
    return parsed
