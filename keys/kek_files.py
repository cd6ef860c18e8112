"""Key-encryption keys as files `kek-ID.key`: 32 bytes, or encrypted under a passphrase where one is set.

Ids count upwards, so the newest is known without a clock. A random part tells the keys of two installations apart:
a restored store with the wrong key directory says "unknown key", not "broken".
Encrypted: magic 4, version 1, salt 16, nonce 12, key and tag 48; AES-256-GCM under scrypt (RFC 7914) of the passphrase.
"""

import os
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from keys.key_files import read_secret, write_new
from keys.sealing import KEY_BYTES, KeyEncryptionKey

_NAME = re.compile(r"kek-((\d{6,})-[0-9a-f]{8})\.key")
_MAGIC = b"DGKE\x01"
_SALT_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1


def add_kek(directory: Path, passphrase: bytes | None) -> str:
    """Makes a KEK newer than all others and returns its id. The directory is locked by the caller."""
    newest = max((generation for generation, _, _ in _files(directory)), default=0)
    kek_id = f"{newest + 1:06d}-{secrets.token_hex(4)}"
    key = os.urandom(KEY_BYTES)
    write_new(directory / f"kek-{kek_id}.key", key if passphrase is None else _encrypt(key, kek_id, passphrase))
    return kek_id


def load_keks(directory: Path, passphrase: bytes | None) -> tuple[KeyEncryptionKey, ...]:
    """All KEKs, the newest last.

    Raises SetupWrong: key.missing when there is none; seal.key-permissions; key.unreadable; key.passphrase.
    """
    keks = tuple(
        KeyEncryptionKey(id=kek_id, key=_key(path, kek_id, passphrase)) for _, kek_id, path in _files(directory)
    )
    if not keks:
        raise no_kek(directory)
    return keks


def no_kek(directory: Path) -> SetupWrong:
    """key.missing: no KEK is in the directory."""
    return SetupWrong(Code.KEY_MISSING, where=str(directory / "kek-*.key"))


def has_kek(directory: Path) -> bool:
    """Whether there is any KEK."""
    return bool(_files(directory))


def _files(directory: Path) -> list[tuple[int, str, Path]]:
    """Generation, id and file of each KEK, oldest first."""
    found = ((_NAME.fullmatch(path.name), path) for path in directory.iterdir())
    return sorted((int(match[2]), match[1], path) for match, path in found if match)


def _key(path: Path, kek_id: str, passphrase: bytes | None) -> bytes:
    content = read_secret(path)
    is_encrypted = content.startswith(_MAGIC)
    if is_encrypted != (passphrase is not None):
        raise SetupWrong(Code.KEY_PASSPHRASE, where=str(path))
    if passphrase is not None:
        return _decrypt(content, kek_id, passphrase, path)
    if len(content) != KEY_BYTES:
        raise SetupWrong(Code.KEY_UNREADABLE, where=str(path))
    return content


def _encrypt(key: bytes, kek_id: str, passphrase: bytes) -> bytes:
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    head = _MAGIC + salt
    return head + nonce + _cipher(passphrase, salt).encrypt(nonce, key, head + kek_id.encode())


def _decrypt(content: bytes, kek_id: str, passphrase: bytes, path: Path) -> bytes:
    head, tail = content[: len(_MAGIC) + _SALT_BYTES], content[len(_MAGIC) + _SALT_BYTES :]
    if len(tail) != _NONCE_BYTES + KEY_BYTES + _TAG_BYTES:
        raise SetupWrong(Code.KEY_UNREADABLE, where=str(path))
    cipher = _cipher(passphrase, head[len(_MAGIC) :])
    try:
        return cipher.decrypt(tail[:_NONCE_BYTES], tail[_NONCE_BYTES:], head + kek_id.encode())
    except InvalidTag:
        raise SetupWrong(Code.KEY_PASSPHRASE, where=str(path)) from None


def _cipher(passphrase: bytes, salt: bytes) -> AESGCM:
    kdf = Scrypt(salt=salt, length=KEY_BYTES, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)
    return AESGCM(kdf.derive(passphrase))
