"""The OpenPGP keys that messages are encrypted to: their rules, and what is shown of them (RFC 4880, RFC 9580).

All is read from the very bytes that are pinned; nothing is looked up, and nothing else in a key ring can stand in.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gnupg

from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.problem import InputRefused
from keys.cms.algorithms import LEAST_RSA_BITS

_RSA = frozenset({"1", "2"})
_ELGAMAL = "16"
_ECDH = "18"
_CURVES = frozenset(
    {"cv25519", "cv448", "nistp256", "nistp384", "nistp521"} | {f"brainpoolP{bits}r1" for bits in (256, 384, 512)}
)
_MOST_KNOWN = 4096
_REVOKED = "r"
_INVALID = "i"
_NAMES = {"1": "RSA", "2": "RSA", _ELGAMAL: "ElGamal"}


@dataclass(frozen=True, kw_only=True)
class KeyPart:
    """A primary key or subkey. `algorithm` is the registry's number; `size` in bits; `until` None: without end."""

    fingerprint: str
    revoked: bool
    since: dt.datetime
    until: dt.datetime | None
    encrypts: bool
    algorithm: str
    size: int
    curve: str

    @property
    def strong(self) -> bool:
        """RSA and ElGamal from 2048 bits, ECDH on a curve of the list."""
        if self.algorithm in _RSA or self.algorithm == _ELGAMAL:
            return self.size >= LEAST_RSA_BITS
        return self.algorithm == _ECDH and self.curve in _CURVES


@dataclass(frozen=True, kw_only=True)
class OpenPgpKey:
    """A public key as it was pinned: the primary key, and all parts that could encrypt, itself included."""

    primary: KeyPart
    encryption: tuple[KeyPart, ...]

    def encryption_part(self, fingerprint: str, at: dt.datetime) -> KeyPart:
        """The part to encrypt to at the moment `at`: the newest good one of the key with that pinned fingerprint.

        Raises InputRefused: key.mismatch for another key; key.revoked, key.not-yet-valid, key.expired for the key or
        for all its parts that encrypt; key.wrong-use when none encrypts; key.weak.
        """
        if self.primary.fingerprint != fingerprint.upper():
            raise InputRefused(Code.KEY_MISMATCH)
        if self.primary.revoked:
            raise InputRefused(Code.KEY_REVOKED)
        _check_time([self.primary], at)
        if not self.encryption:
            raise InputRefused(Code.KEY_WRONG_USE)
        standing = [part for part in self.encryption if not part.revoked]
        if not standing:
            raise InputRefused(Code.KEY_REVOKED)
        strong = [part for part in _check_time(standing, at) if part.strong]
        if not strong:
            raise InputRefused(Code.KEY_WEAK)
        return max(strong, key=lambda part: part.since)

    @property
    def until(self) -> dt.datetime | None:
        """When nothing can be encrypted to it any more, by its own word; None: without end."""
        ends = [part.until for part in self.encryption if not part.revoked] or [self.primary.until]
        last = None if None in ends else max(filter(None, ends))
        known = [end for end in (last, self.primary.until) if end is not None]
        return min(known, default=None)

    @property
    def kind(self) -> tuple[str, int]:
        """What the part that encrypts is called, and its size in bits; of the primary key where none does."""
        part = max(self.encryption, key=lambda one: one.since) if self.encryption else self.primary
        return _NAMES.get(part.algorithm, part.curve or "other"), part.size


class OpenPgpKeyReader:
    """Reads keys with the GnuPG of a process, each once: what is the same bytes is the same key."""

    def __init__(self, gpg: Callable[[], gnupg.GPG]) -> None:
        self._gpg = gpg
        self._known: dict[str, OpenPgpKey] = {}

    def read(self, raw: bytes) -> OpenPgpKey:
        """The one public key in `raw`. Raises as `read_public_key`, and SetupWrong (key.openpgp-program)."""
        name = sha256(raw)
        key = self._known.get(name)
        if key is None:
            key = read_public_key(self._gpg(), raw)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[name] = key
        return key


def read_public_key(gpg: gnupg.GPG, raw: bytes) -> OpenPgpKey:
    """The one public key in `raw`, armored or not.

    Raises InputRefused (key.unreadable): none that GnuPG reads, a key of a newer version than it knows, a private key,
    or (key.mismatch) several.
    """
    if _is_private(raw):
        raise InputRefused(Code.KEY_UNREADABLE)
    try:
        found = gpg.scan_keys_mem(raw)
    except OSError:  # GnuPG gave up before it had read all
        raise InputRefused(Code.KEY_UNREADABLE) from None
    if not found or any(one["trust"] == _INVALID for one in found):
        raise InputRefused(Code.KEY_UNREADABLE)
    if len(found) > 1:
        raise InputRefused(Code.KEY_MISMATCH)
    return _key(found[0])


def _check_time(parts: list[KeyPart], at: dt.datetime) -> list[KeyPart]:
    """Those that hold at that moment. Raises InputRefused when none does."""
    begun = [part for part in parts if part.since <= at]
    if not begun:
        raise InputRefused(Code.KEY_NOT_YET_VALID)
    holding = [part for part in begun if part.until is None or at <= part.until]
    if not holding:
        raise InputRefused(Code.KEY_EXPIRED)
    return holding


def _is_private(raw: bytes) -> bool:
    """Somebody's private key in the place of their public one is not even read (packet tags 5 and 7, RFC 4880 §4.3)."""
    if b"PRIVATE KEY" in raw:
        return True
    first = raw[0] if raw else 0
    tag = first & 0x3F if first & 0x40 else (first & 0x3C) >> 2
    return bool(first & 0x80) and tag in {5, 7}


def _key(listed: Mapping[str, Any]) -> OpenPgpKey:
    fingerprints = {one[0]: one[2] for one in listed["subkeys"]}
    primary = _part(listed, listed["fingerprint"])
    subkeys = [_part(info, fingerprints[name]) for name, info in listed.get("subkey_info", {}).items()]
    return OpenPgpKey(primary=primary, encryption=tuple(part for part in (primary, *subkeys) if part.encrypts))


def _part(listed: Mapping[str, Any], fingerprint: str) -> KeyPart:
    # Small letters are what this part may do; capitals, what the key as a whole can do now.
    return KeyPart(
        fingerprint=fingerprint,
        revoked=listed["trust"] == _REVOKED,
        since=_moment(listed["date"]),
        until=_moment(listed["expires"]) if listed["expires"] else None,
        encrypts="e" in listed["cap"],
        algorithm=listed["algo"],
        size=int(listed["length"]),
        curve=listed["curve"],
    )


def _moment(seconds: str) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(seconds), dt.UTC)
