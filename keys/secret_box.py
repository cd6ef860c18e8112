"""Secrets under a passphrase, for those that have no form of their own for it.

Encrypted: magic 4, version 1, salt 16, nonce 12, secret and tag; AES-256-GCM under scrypt (RFC 7914) of the passphrase.
The name of the secret is bound to it, so that one file cannot stand in for another.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong

_MAGIC = b"DGKE\x01"
_SALT_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_BYTES = 32
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1


def protect(secret: bytes, name: str, passphrase: bytes | None) -> bytes:
    """The secret as it is kept: itself where there is no passphrase."""
    if passphrase is None:
        return secret
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    head = _MAGIC + salt
    return head + nonce + _cipher(passphrase, salt).encrypt(nonce, secret, head + name.encode())


def reveal(kept: bytes, name: str, passphrase: bytes | None, *, where: str) -> bytes:
    """The secret. Raises SetupWrong: key.passphrase when it is wrong, missing or given for a secret that has none;
    key.unreadable."""
    if kept.startswith(_MAGIC) != (passphrase is not None):
        raise SetupWrong(Code.KEY_PASSPHRASE, where=where)
    if passphrase is None:
        return kept
    head, tail = kept[: len(_MAGIC) + _SALT_BYTES], kept[len(_MAGIC) + _SALT_BYTES :]
    if len(tail) < _NONCE_BYTES + _TAG_BYTES:
        raise SetupWrong(Code.KEY_UNREADABLE, where=where)
    cipher = _cipher(passphrase, head[len(_MAGIC) :])
    try:
        return cipher.decrypt(tail[:_NONCE_BYTES], tail[_NONCE_BYTES:], head + name.encode())
    except InvalidTag:
        raise SetupWrong(Code.KEY_PASSPHRASE, where=where) from None


def _cipher(passphrase: bytes, salt: bytes) -> AESGCM:
    kdf = Scrypt(salt=salt, length=_KEY_BYTES, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)
    return AESGCM(kdf.derive(passphrase))
