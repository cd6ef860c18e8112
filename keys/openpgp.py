"""OpenPGP, PGP/MIME (RFC 3156): a MIME entity signed and encrypted in one, for the key that is pinned.

python-gnupg and GnuPG do much by themselves that must not happen here; each guard below has a test that fails without
it (`tests/keys/test_openpgp_traps.py`):

- the signer is named as `--local-user FINGERPRINT!`: with python-gnupg's `sign=` GnuPG signs by another secret key when
  this one is missing, expired or revoked, and says that all went well;
- the recipient is the fingerprint of one subkey, never an address: of an address GnuPG takes whichever key it likes;
- what is wrong with a key is asked before: GnuPG only says "no specific reason" of revoked and sign-only keys;
- nothing is taken of a call unless all of it succeeded: a failed one may leave output as well, or end in a
  BrokenPipeError, with what GnuPG said lost;
- SEIPDv1 with AES-256 and no compression: what every reader opens, and nothing about the content in its length.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import gnupg

from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.failures import Refused
from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.problem import InputRefused, Problem, SetupWrong
from gateway.domain.reasons import Reason
from gateway.ports.channels import ProtectedEntity
from keys.openpgp_keys import KeyPart, OpenPgpKeyReader
from keys.openpgp_own import NAME, OwnOpenPgpKey
from keys.openpgp_room import OpenPgpRoom

_BOUNDARY = b"=_encrypted"
"""`=_` cannot stand in armor. It says nothing of what is inside."""
_HEAD = (
    b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n boundary="%(b)s"\r\n'
    b"\r\n"
    b"--%(b)s\r\n"
    b"Content-Type: application/pgp-encrypted\r\n"
    b"\r\n"
    b"Version: 1\r\n"
    b"\r\n"
    b"--%(b)s\r\n"
    b'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
    b'Content-Disposition: inline; filename="encrypted.asc"\r\n'
    b"\r\n"
) % {b"b": _BOUNDARY}
_TAIL = b"\r\n--%(b)s--\r\n" % {b"b": _BOUNDARY}

_OPTIONS = ("--compress-algo", "none", "--cipher-algo", "AES256", "--digest-algo", "SHA512", "--no-comments")
_SEIPD_WITH_AES256 = re.compile(r"^\[GNUPG:\] BEGIN_ENCRYPTION 2 9$", re.MULTILINE)
"""doc/DETAILS of GnuPG: integrity by MDC (so no AEAD packet), cipher 9."""
_SIGNED = re.compile(r"^\[GNUPG:\] SIG_CREATED S \d+ 10 00 \d+ ([0-9A-F]{40})$", re.MULTILINE)
"""A signature over the content (type 00) with SHA-512 (10), and by which key."""

_REASONS = {
    Code.KEY_UNREADABLE: Reason.KEY_UNREADABLE,
    Code.KEY_MISMATCH: Reason.KEY_MISMATCH,
    Code.KEY_REVOKED: Reason.KEY_REVOKED,
    Code.KEY_EXPIRED: Reason.KEY_EXPIRED,
    Code.KEY_NOT_YET_VALID: Reason.KEY_NOT_YET_VALID,
    Code.KEY_WRONG_USE: Reason.KEY_WRONG_USE,
    Code.KEY_WEAK: Reason.KEY_WEAK,
}


@dataclass(frozen=True, kw_only=True)
class _Recipient:
    """The pinned key as bytes, under a name of its own, and the part of it to encrypt to."""

    name: str
    public_key: bytes
    part: KeyPart


class OpenPgpProtector:
    """The house's `MessageProtector` for recipients whose protection is OpenPGP.

    `own` gives the key that signs now, or None when there is none. `keys` reads the recipients' keys; several may share
    one.
    """

    def __init__(
        self, own: Callable[[], OwnOpenPgpKey | None], room: OpenPgpRoom, keys: OpenPgpKeyReader | None = None
    ) -> None:
        self._own = own
        self._room = room
        self._keys = keys or OpenPgpKeyReader(lambda: room.gpg)

    def check(self, address: RecipientChannel, at: dt.datetime) -> Refused | None:
        """Why nothing may be encrypted for this address at `at`, or None.

        Raises SetupWrong (key.openpgp-program) where GnuPG does not run.
        """
        try:
            self._recipient(address, at)
        except InputRefused as problem:
            return Refused(reason=_REASONS.get(problem.code, Reason.KEY_GONE))
        return None

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> ProtectedEntity:
        """The MIME entity signed and encrypted, as PGP/MIME.

        Raises InputRefused (key.*) where `check` would have found something, and key.unreadable where GnuPG itself
        takes no such key. Raises SetupWrong: key.missing, key.expired, key.not-yet-valid for our own key;
        key.openpgp-program.
        """
        recipient, own = self._recipient(address, at), self._signer(at)
        gpg = self._room.gpg
        self._room.ensure(own.fingerprint, own.private.encode())
        self._room.ensure(recipient.name, recipient.public_key)
        encrypt = partial(
            gpg.encrypt,
            recipients=[f"{recipient.part.fingerprint}!"],
            always_trust=True,
            passphrase=own.passphrase,
            extra_args=["--sign", "--local-user", f"{own.fingerprint}!", *_OPTIONS],
        )
        try:
            done = encrypt(entity)
        except OSError:  # GnuPG ended before it had read all: with nothing to read, it says why
            raise _failure(encrypt(b"")) from None
        return ProtectedEntity(mime=b"".join([_HEAD, _taken(done, own).replace(b"\n", b"\r\n"), _TAIL]))

    def _recipient(self, address: RecipientChannel, at: dt.datetime) -> _Recipient:
        if address.protection is not Protection.OPENPGP or address.public_key is None or address.fingerprint is None:
            raise InputRefused(Code.KEY_MISSING)
        part = self._keys.read(address.public_key).encryption_part(address.fingerprint, at)
        return _Recipient(name=sha256(address.public_key), public_key=address.public_key, part=part)

    def _signer(self, at: dt.datetime) -> OwnOpenPgpKey:
        own = self._own()
        if own is None:
            raise SetupWrong(Code.KEY_MISSING, where=NAME)
        if at > own.until:
            raise SetupWrong(Code.KEY_EXPIRED, where=NAME)
        if at < own.since:
            raise SetupWrong(Code.KEY_NOT_YET_VALID, where=NAME)
        return own


def _taken(done: gnupg.Crypt, own: OwnOpenPgpKey) -> bytes:
    """The armored message, when it was signed by our key and encrypted as it must be, and all of that succeeded."""
    if not done.ok or done.returncode != 0 or not _SEIPD_WITH_AES256.search(done.stderr):
        raise _failure(done)
    if _SIGNED.findall(done.stderr) != [own.fingerprint]:
        raise SetupWrong(Code.KEY_MISMATCH, where=NAME)
    armored: bytes = done.data
    return armored


def _failure(done: gnupg.Crypt) -> Problem:
    """Whose fault it was: the recipient's key (key.unreadable), or ours."""
    if "[GNUPG:] INV_RECP" in done.stderr:
        return InputRefused(Code.KEY_UNREADABLE)
    return SetupWrong(Code.KEY_OPENPGP_PROGRAM)
