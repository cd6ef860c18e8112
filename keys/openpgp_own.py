"""The gateway's own OpenPGP key: it signs mail to recipients whose protection is OpenPGP, and nothing else.

It is made by GnuPG, on Ed25519, for signing only, as a version 4 key that every reader in use knows. Its private part
is always protected by a random passphrase, which is kept with it: so that a working copy may lie in the folder of a
process (`keys.openpgp_room`) and be worth nothing without that process.
"""

import datetime as dt
import json
import secrets
from dataclasses import dataclass, field

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from keys.openpgp_keys import read_public_key
from keys.openpgp_room import OpenPgpRoom

NAME = "openpgp-signing"
VALIDITY = dt.timedelta(days=1096)
ALGORITHM, SIZE = "ed25519", 255
"""What the key is, and its size in bits as GnuPG counts them."""
_PASSPHRASE_BYTES = 32
_MAKING = 60
"""Seconds that making a key may take."""


@dataclass(frozen=True, kw_only=True)
class OwnOpenPgpKey:
    """The key that signs: `fingerprint` (40 hex) is what recipients pin; `until` when it ends."""

    fingerprint: str
    since: dt.datetime
    until: dt.datetime
    passphrase: str = field(repr=False)
    private: str = field(repr=False)

    def to_secret(self) -> bytes:
        """What is kept of it, to be kept as the other private keys are."""
        kept = {"fingerprint": self.fingerprint, "since": self.since.isoformat(), "until": self.until.isoformat()}
        return json.dumps(kept | {"passphrase": self.passphrase, "private": self.private}).encode()

    @classmethod
    def from_secret(cls, kept: bytes, where: str) -> "OwnOpenPgpKey":
        """The key again. Raises SetupWrong (key.unreadable)."""
        try:
            read = json.loads(kept)
            return cls(
                fingerprint=read["fingerprint"],
                since=dt.datetime.fromisoformat(read["since"]),
                until=dt.datetime.fromisoformat(read["until"]),
                passphrase=read["passphrase"],
                private=read["private"],
            )
        except (ValueError, KeyError, TypeError):
            raise SetupWrong(Code.KEY_UNREADABLE, where=where) from None


def new_openpgp_key(sender: str, *, at: dt.datetime) -> tuple[OwnOpenPgpKey, bytes]:
    """A new key for mail from `sender`, and its public part, armored. Raises SetupWrong (key.openpgp-program)."""
    room, passphrase = OpenPgpRoom(remember=_MAKING), secrets.token_urlsafe(_PASSPHRASE_BYTES)
    lines = {
        "Key-Type": "EDDSA",
        "Key-Curve": ALGORITHM,
        "Key-Usage": "sign",
        "Name-Email": sender,
        "Expire-Date": (at + VALIDITY).astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S"),
        "Passphrase": passphrase,
    }
    try:
        made = room.gpg.gen_key("\n".join(f"{name}: {value}" for name, value in lines.items()) + "\n%commit\n")
        private = room.gpg.export_keys(made.fingerprint, secret=True, passphrase=passphrase)
        public = room.gpg.export_keys(made.fingerprint).encode()
        if not made.fingerprint or not private:
            raise SetupWrong(Code.KEY_OPENPGP_PROGRAM)
        primary = read_public_key(room.gpg, public).primary
    finally:
        room.close()
    key = OwnOpenPgpKey(
        fingerprint=primary.fingerprint,
        since=primary.since,
        until=primary.until or at + VALIDITY,
        passphrase=passphrase,
        private=private,
    )
    return key, public
