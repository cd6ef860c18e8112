"""OpenPGP keys for tests: made by GnuPG at run time, each test session its own; nothing of them is kept."""

import datetime as dt
import glob
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gateway.domain.parties import Protection, RecipientChannel
from keys.openpgp_own import OwnOpenPgpKey, new_openpgp_key
from keys.openpgp_room import OpenPgpRoom
from tests.keys.pki import DAY
from tests.real import need

NOW = dt.datetime.now(dt.UTC)
"""GnuPG knows no other time than the machine's."""

ADDRESS = "reader@example.test"
ED25519 = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ECDH\nSubkey-Curve: cv25519"
KINDS = {
    "ed25519": ED25519,
    "p-256": "Key-Type: ECDSA\nKey-Curve: nistp256\nKey-Usage: sign\nSubkey-Type: ECDH\nSubkey-Curve: nistp256",
    "p-384": "Key-Type: ECDSA\nKey-Curve: nistp384\nKey-Usage: sign\nSubkey-Type: ECDH\nSubkey-Curve: nistp384",
    "rsa-2048": "Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign\nSubkey-Type: RSA\nSubkey-Length: 2048",
    "rsa-3072": "Key-Type: RSA\nKey-Length: 3072\nKey-Usage: sign\nSubkey-Type: RSA\nSubkey-Length: 3072",
}
"""The keys that recipients have, as GnuPG is asked to make them."""


@dataclass(frozen=True)
class PgpReader:
    """A recipient: a folder of GnuPG of their own, and their key in it."""

    room: OpenPgpRoom
    fingerprint: str

    @property
    def gpg(self) -> Any:
        """Their GnuPG."""
        return self.room.gpg

    @property
    def public(self) -> bytes:
        """Their public key as it stands now, armored."""
        exported: str = self.gpg.export_keys(self.fingerprint)
        return exported.encode()

    @property
    def private(self) -> str:
        """Their private key, armored, protected by nothing."""
        exported: str = self.gpg.export_keys(self.fingerprint, secret=True, expect_passphrase=False)
        return exported

    def address(self, public: bytes | None = None, fingerprint: str | None = None) -> RecipientChannel:
        """The way to them."""
        return RecipientChannel(
            type="encrypted-email",
            address=ADDRESS,
            protection=Protection.OPENPGP,
            public_key=self.public if public is None else public,
            fingerprint=fingerprint or self.fingerprint,
        )

    def knows(self, own: OwnOpenPgpKey) -> "PgpReader":
        """They have the gateway's key."""
        self.gpg.import_keys(own.private)
        return self

    def revoked(self) -> bytes:
        """Their public key after they revoked it."""
        (certificate,) = glob.glob(f"{self.gpg.gnupghome}/openpgp-revocs.d/{self.fingerprint}.rev")  # noqa: PTH207
        self.gpg.import_keys(Path(certificate).read_text().replace(":-----", "-----"))
        return self.public

    def edit(self, *commands: str) -> bytes:
        """Their public key after what a person would do with `gpg --edit-key`."""
        call = [need.program("gpg", "gnupg"), "--homedir", self.gpg.gnupghome, "--command-fd", "0", "--status-fd", "1"]
        lines = "\n".join([*commands, "save", ""])
        subprocess.run(
            [*call, "--no-tty", "--edit-key", self.fingerprint], input=lines, text=True, check=True, capture_output=True
        )
        return self.public


def make(room: OpenPgpRoom, *, kind: str = "ed25519", usage: str = "encrypt", until: str = "2y", **more: str) -> str:
    """A key in the folder; its fingerprint. `usage` "" leaves the subkey out."""
    lines = KINDS.get(kind, kind)
    lines = lines + f"\nSubkey-Usage: {usage}" if usage else lines.partition("\nSubkey")[0]
    rest = {"Name-Email": ADDRESS, "Expire-Date": until} | more
    stated = [f"{name.replace('_', '-')}: {value}" for name, value in rest.items()]
    made = room.gpg.gen_key("\n".join([lines, *stated, "%no-protection", "%commit", ""]))
    assert made.fingerprint, made.stderr
    fingerprint: str = made.fingerprint
    return fingerprint


def reader(kind: str = "ed25519", **changes: str) -> PgpReader:
    """A new recipient."""
    need.program("gpg", "gnupg")
    room = OpenPgpRoom()
    return PgpReader(room=room, fingerprint=make(room, kind=kind, **changes))


@cache
def own_key() -> OwnOpenPgpKey:
    """The gateway's key."""
    need.program("gpg", "gnupg")
    return new_openpgp_key("registry@tribunal.test", at=NOW - DAY)[0]
