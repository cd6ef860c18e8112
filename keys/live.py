"""The gateway's own keys as they are at this moment: a running process takes a rotated key up by itself.

Whether something changed is asked of the directory's list of files (some 15 microseconds); the files themselves are
read again only then. Keys are only ever added, so whatever was loaded before stays right meanwhile.
"""

import datetime as dt
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.hazmat.primitives import hashes

from gateway.domain.own_keys import AUTHORITIES, OwnKeyName
from gateway.ports.own_keys import Rotation, WrappedKeys
from keys import kek_files, own_authorities, own_certificates
from keys.key_files import changing
from keys.own import OwnKeys, load_own_keys
from keys.sealing import KeyEncryptionKey, StreamSealer, wrapped_by
from keys.token_keys import TokenUri


class LiveOwnKeys:
    """The keys of a directory; `current` are those to use now. Raises as `load_own_keys` does."""

    def __init__(self, directory: Path, passphrase: bytes | None, *, organization: str) -> None:
        self._directory = directory
        self._passphrase = passphrase
        self._organization = organization
        self._lock = threading.Lock()
        self._files = self._listed()
        self._keys = load_own_keys(directory, passphrase)

    def current(self) -> OwnKeys:
        """The keys as they are now."""
        files = self._listed()
        with self._lock:
            if files != self._files:
                self._keys = load_own_keys(self._directory, self._passphrase)
                self._files = files
            return self._keys

    def generations(self) -> Mapping[OwnKeyName, int]:
        """See `KeysHere`."""
        return self.current().generations

    def lacking(self, wrapped: WrappedKeys) -> Sequence[str]:
        """See `KeysHere`."""
        here = {one.id for one in self.current().keks}
        return sorted({wrapped_by(*one) for one in wrapped} - here)

    def rotate(self, name: OwnKeyName, *, at: dt.datetime, token: str | None = None) -> Rotation:
        """See `OwnKeyring`."""
        before = self._name_of(name)
        with changing(self._directory):
            if name is OwnKeyName.KEY_ENCRYPTION:
                kek_files.add_kek(self._directory, self._passphrase)
            else:
                self._new_signing(name, at, self._token(name, token))
        return Rotation(name=name, fingerprint=self._name_of(name), replaced=before)

    def _token(self, name: OwnKeyName, asked: str | None) -> TokenUri | None:
        """A key that is in a token is followed by one in the same token, unless another is asked for."""
        if asked is not None:
            return TokenUri.parse(asked, "--token")
        return None if name is OwnKeyName.OPENPGP_SIGNING else own_certificates.token_of(self._directory, name)

    def _new_signing(self, name: OwnKeyName, at: dt.datetime, token: TokenUri | None) -> None:
        directory, passphrase = self._directory, self._passphrase
        if name in AUTHORITIES:
            own_authorities.new_authority(directory, name, at=at, passphrase=passphrase)
        elif name is OwnKeyName.OPENPGP_SIGNING:
            sender = own_certificates.sender_of(directory)
            own_certificates.new_openpgp(directory, sender=sender, at=at, passphrase=passphrase)
        elif name is OwnKeyName.MAIL_SIGNING:
            sender = own_certificates.sender_of(directory)
            own_certificates.new_mail_signing(
                directory, organization=self._organization, sender=sender, at=at, passphrase=passphrase, token=token
            )
        else:
            own_certificates.new_document_key(
                directory, name, organization=self._organization, at=at, passphrase=passphrase, token=token
            )

    def _name_of(self, name: OwnKeyName) -> str:
        """What the key in use is known by: its fingerprint, or a KEK's id; empty where there is none."""
        keys = self.current()
        if name is OwnKeyName.KEY_ENCRYPTION:
            return keys.keks[-1].id
        if name is OwnKeyName.OPENPGP_SIGNING:
            return keys.openpgp.fingerprint if keys.openpgp else ""
        certificate = keys.certificates.get(name)
        return certificate.fingerprint(hashes.SHA256()).hex() if certificate is not None else ""

    def _listed(self) -> frozenset[str]:
        """The files there, drafts left out. A directory that is gone for a moment changes nothing."""
        try:
            return frozenset(name for name in os.listdir(self._directory) if not name.startswith("."))  # noqa: PTH208
        except FileNotFoundError:
            return self._files if hasattr(self, "_files") else frozenset()


class LiveSealer:
    """The house's `Sealer` over the KEKs of this moment."""

    def __init__(self, own: LiveOwnKeys) -> None:
        self._own = own
        self._keks: Sequence[KeyEncryptionKey] = ()
        self._sealer: StreamSealer | None = None

    def new_key(self, key_id: str) -> bytes:
        """See `Sealer`."""
        return self._now().new_key(key_id)

    def rewrap(self, key_id: str, wrapped: bytes) -> bytes:
        """See `Rewrapper`."""
        return self._now().rewrap(key_id, wrapped)

    def seal(self, key_id: str, wrapped: bytes, context: str, content: bytes) -> bytes:
        """See `Sealer`."""
        return self._now().seal(key_id, wrapped, context, content)

    def open(self, key_id: str, wrapped: bytes, context: str, sealed: bytes) -> bytes:
        """See `Sealer`."""
        return self._now().open(key_id, wrapped, context, sealed)

    def _now(self) -> StreamSealer:
        keks, sealer = self._own.current().keks, self._sealer
        if sealer is None or keks is not self._keks:
            sealer = StreamSealer(keks)
            self._sealer, self._keks = sealer, keks
        return sealer
