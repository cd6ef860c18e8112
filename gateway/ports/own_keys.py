"""What the application asks of the gateway's own keys, without knowing how they are kept."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.own_keys import OwnKeyName


class DocumentSigner(Protocol):
    """Signs small documents for those who must be able to prove them."""

    def sign(self, content: bytes, at: dt.datetime) -> bytes:
        """DER of a CMS SignedData (CAdES baseline B) that holds `content`.

        Raises SetupWrong (key.expired, key.not-yet-valid, key.token-unavailable): our own key cannot sign at `at`.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """A key that was replaced. `fingerprint`: of the new one (for a KEK its id); `replaced`: of the one before."""

    name: OwnKeyName
    fingerprint: str
    replaced: str


class DispatchSealer(Protocol):
    """Seals the packages that officers make here, under a key of the gateway's own."""

    def seal(self, decision: bytes, documents: Mapping[str, bytes], at: dt.datetime) -> bytes:
        """A signed package of decision.json and its documents by their paths.

        Raises SetupWrong (key.missing, key.expired, key.not-yet-valid, key.token-unavailable), InputRefused
        (package.*).
        """
        ...

    def signer(self) -> tuple[str, Sequence[str]]:
        """The fingerprint of its certificate, and of the authorities that it can be found under. Raises SetupWrong
        (key.missing)."""
        ...


class KeysHere(Protocol):
    """Which of the gateway's own keys this machine has, by their numbers and names alone."""

    def generations(self) -> Mapping[OwnKeyName, int]:
        """The newest generation of each that is here. Raises SetupWrong (key.*, seal.key-permissions): one that is
        here cannot be used."""
        ...

    def lacking(self, wrapped: "WrappedKeys") -> Sequence[str]:
        """The ids of the KEKs that wrapped these data keys and are not here. Raises as `generations`, and SetupWrong
        (seal.broken)."""
        ...


class OwnKeyring(KeysHere, Protocol):
    """The gateway's own keys where they are kept."""

    def rotate(self, name: OwnKeyName, *, at: dt.datetime, token: str | None = None) -> Rotation:
        """Makes a new key that is used from now on, by processes that run as well. The old one is kept: what it
        signed or wrapped is checked and opened as before. `token`: the PKCS #11 URI of the token in which a signing
        key is to be made. Raises SetupWrong (key.*, seal.*, file.unreadable)."""
        ...


class Rewrapper(Protocol):
    """Changes the key around a data key, and nothing that it sealed."""

    def rewrap(self, key_id: str, wrapped: bytes) -> bytes:
        """The same data key wrapped by the newest KEK. Raises SetupWrong (seal.broken), ServiceDown
        (key.not-here)."""
        ...


WrappedKeys = Sequence[tuple[str, bytes]]
"""Data keys by id, as wrapped."""
