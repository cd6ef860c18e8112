"""Sealing at rest: every stored object under a key of its own, every data key wrapped by a key-encryption key.

Three layers of keys, so that each can change without the one below it:

- a *key-encryption key* (KEK) lies in the key directory. It only wraps data keys, so replacing it means wrapping
  those again and never touches an object;
- a *data key* belongs to a package or to the directory. Destroying its wrapped form destroys all it sealed;
- an *object key* is derived for one object from the data key and a random salt, and is never stored.

Objects are AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-
Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015): chunks whose nonces count and whose last is marked,
so that a chunk removed, repeated, moved or added is noticed. Key derivation: HKDF-SHA-256 (RFC 5869).

The object, in bytes: magic 4, version 1, salt 32, nonce prefix 7, then chunks of 64 KiB, each with its 16-byte tag.
The wrapped key: magic 4, version 1, length of the KEK's id 1, the id, nonce 12, data key and tag 48.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.domain.codes import Code
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.problem import ServiceDown, SetupWrong

KEY_BYTES = 32
CHUNK_BYTES = 64 * 1024

_OBJECT_MAGIC = b"DGSO\x01"
_WRAP_MAGIC = b"DGWK\x01"
_SALT_BYTES = 32
_PREFIX_BYTES = 7
_HEADER_BYTES = len(_OBJECT_MAGIC) + _SALT_BYTES + _PREFIX_BYTES
_NONCE_BYTES = 12
_TAG_BYTES = 16
_SEALED_CHUNK_BYTES = CHUNK_BYTES + _TAG_BYTES


@dataclass(frozen=True, kw_only=True)
class KeyEncryptionKey:
    """A key-encryption key: 32 random bytes, and the id under which wrapped keys name it."""

    id: str
    key: bytes = field(repr=False)


class StreamSealer:
    """The house's `Sealer`. `keks` are all that may unwrap; the last one is the newest and the only one that wraps.

    A problem names the key id it concerns, never the context or the content.
    """

    def __init__(self, keks: Sequence[KeyEncryptionKey]) -> None:
        if not keks:
            raise SetupWrong(Code.SEAL_KEY_UNKNOWN)
        self._newest = keks[-1]
        self._ciphers = {kek.id: AESGCM(kek.key) for kek in keks}

    def new_key(self, key_id: str) -> bytes:
        """A new random data key, wrapped by the newest KEK; `key_id` is bound to it."""
        return self._wrap(key_id, os.urandom(KEY_BYTES))

    def rewrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The same data key wrapped by the newest KEK: what it sealed opens as before. Raises as `open` does."""
        return self._wrap(key_id, self._unwrap(key_id, wrapped))

    def seal(self, key_id: str, wrapped: bytes, context: str, content: bytes) -> bytes:
        """`content` sealed under the data key, bound to `key_id` and `context`.

        Raises SetupWrong (seal.broken) when the data key cannot be unwrapped, ServiceDown (key.not-here) when the KEK
        that wrapped it is not here.
        """
        header = _OBJECT_MAGIC + os.urandom(_SALT_BYTES + _PREFIX_BYTES)
        cipher = self._object_cipher(key_id, wrapped, context, header)
        prefix = header[-_PREFIX_BYTES:]
        plain = memoryview(content)
        sealed = BytesIO()
        sealed.write(header)
        last = max(len(plain) - 1, 0) // CHUNK_BYTES
        for index in range(last + 1):
            chunk = plain[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
            sealed.write(cipher.encrypt(_nonce(prefix, index, last), chunk, header))
        return sealed.getvalue()

    def open(self, key_id: str, wrapped: bytes, context: str, sealed: bytes) -> bytes:
        """The content, whole and only after every chunk was authenticated.

        Raises SetupWrong (seal.broken) when a bit, the length, the context or the key id differs, ServiceDown
        (key.not-here) when the KEK that wrapped the data key is not here.
        """
        header = sealed[:_HEADER_BYTES]
        body = memoryview(sealed)[_HEADER_BYTES:]
        if not header.startswith(_OBJECT_MAGIC) or len(body) < _TAG_BYTES:
            raise SetupWrong(Code.SEAL_BROKEN, where=key_id)
        cipher = self._object_cipher(key_id, wrapped, context, header)
        prefix = header[-_PREFIX_BYTES:]
        last = (len(body) - 1) // _SEALED_CHUNK_BYTES
        plain = BytesIO()
        try:
            for index in range(last + 1):
                chunk = body[index * _SEALED_CHUNK_BYTES : (index + 1) * _SEALED_CHUNK_BYTES]
                plain.write(cipher.decrypt(_nonce(prefix, index, last), chunk, header))
        except InvalidTag:
            raise SetupWrong(Code.SEAL_BROKEN, where=key_id) from None
        return plain.getvalue()

    def _object_cipher(self, key_id: str, wrapped: bytes, context: str, header: bytes) -> AESGCM:
        # The wrapped form stays out of the derivation: else a new KEK would mean sealing every object again.
        salt = header[len(_OBJECT_MAGIC) : -_PREFIX_BYTES]
        info = b"decision-gateway object key" + _counted(key_id) + _counted(context)
        kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info)
        return AESGCM(kdf.derive(self._unwrap(key_id, wrapped)))

    def _wrap(self, key_id: str, data_key: bytes) -> bytes:
        kek_id = self._newest.id.encode()
        head = _WRAP_MAGIC + bytes([len(kek_id)]) + kek_id
        nonce = os.urandom(_NONCE_BYTES)
        return head + nonce + self._ciphers[self._newest.id].encrypt(nonce, data_key, head + _counted(key_id))

    def _unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        parts = _parse_wrapped(key_id, wrapped)
        cipher = self._ciphers.get(parts.kek_id)
        if cipher is None:
            # Nothing is wrong with what was sealed: another machine has the key, and soon this one too.
            raise ServiceDown(Code.KEY_NOT_HERE, where=f"{OwnKeyName.KEY_ENCRYPTION} {parts.kek_id}")
        try:
            return cipher.decrypt(parts.nonce, parts.encrypted, parts.head + _counted(key_id))
        except InvalidTag:
            raise SetupWrong(Code.SEAL_BROKEN, where=key_id) from None


def wrapped_by(key_id: str, wrapped: bytes) -> str:
    """The id of the KEK that wrapped the key, as it claims. Raises SetupWrong (seal.broken)."""
    return _parse_wrapped(key_id, wrapped).kek_id


@dataclass(frozen=True, kw_only=True)
class _WrappedKey:
    """A wrapped data key in its parts; `head` is what is authenticated with it."""

    head: bytes
    kek_id: str
    nonce: bytes
    encrypted: bytes


def _parse_wrapped(key_id: str, wrapped: bytes) -> _WrappedKey:
    """Raises SetupWrong (seal.broken)."""
    magic, rest = wrapped[: len(_WRAP_MAGIC)], wrapped[len(_WRAP_MAGIC) :]
    kek_id_bytes = rest[0] if rest else 0
    if magic != _WRAP_MAGIC or len(rest) != 1 + kek_id_bytes + _NONCE_BYTES + KEY_BYTES + _TAG_BYTES:
        raise SetupWrong(Code.SEAL_BROKEN, where=key_id)
    kek_id, tail = rest[1 : 1 + kek_id_bytes], rest[1 + kek_id_bytes :]
    if not kek_id.isascii():
        raise SetupWrong(Code.SEAL_BROKEN, where=key_id)
    head = wrapped[: len(_WRAP_MAGIC) + 1 + kek_id_bytes]
    return _WrappedKey(
        head=head, kek_id=kek_id.decode("ascii"), nonce=tail[:_NONCE_BYTES], encrypted=tail[_NONCE_BYTES:]
    )


def _nonce(prefix: bytes, index: int, last: int) -> bytes:
    """STREAM: the prefix, the chunk's number, and whether it is the last."""
    return prefix + index.to_bytes(4, "big") + (b"\x01" if index == last else b"\x00")


def _counted(text: str) -> bytes:
    """The text with its length before it, so that no two pairs of texts run together into the same bytes."""
    encoded = text.encode()
    return len(encoded).to_bytes(4, "big") + encoded
