"""Key-encryption keys as files `kek-ID.key`: 32 bytes, or encrypted under a passphrase where one is set.

Ids count upwards, so the newest is known without a clock. A random part tells the keys of two installations apart:
a restored store with the wrong key directory says "unknown key", not "broken".
"""

import os
import re
import secrets
from pathlib import Path

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from keys import secret_box
from keys.key_files import read_secret, write_new
from keys.sealing import KEY_BYTES, KeyEncryptionKey

_NAME = re.compile(r"kek-((\d{6,})-[0-9a-f]{8})\.key")


def add_kek(directory: Path, passphrase: bytes | None) -> str:
    """Makes a KEK newer than all others and returns its id. The directory is locked by the caller."""
    kek_id = f"{newest_generation(directory) + 1:06d}-{secrets.token_hex(4)}"
    kept = secret_box.protect(os.urandom(KEY_BYTES), kek_id, passphrase)
    write_new(directory / f"kek-{kek_id}.key", kept)
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


def newest_generation(directory: Path) -> int:
    """The number of the one that wraps now; 0 where there is none."""
    return max((generation for generation, _, _ in _files(directory)), default=0)


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
    key = secret_box.reveal(read_secret(path), kek_id, passphrase, where=str(path))
    if len(key) != KEY_BYTES:
        raise SetupWrong(Code.KEY_UNREADABLE, where=str(path))
    return key
