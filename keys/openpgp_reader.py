"""The recipient's side of PGP/MIME: opens what `keys.openpgp` makes, and what others encrypt, if it is signed by the
key that is pinned. For the demo's readers, the tests, and what comes back signed.
"""

from email import message_from_bytes
from email.message import Message

import gnupg

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused


def armored_in(message: bytes) -> bytes:
    """The encrypted part of a PGP/MIME message (RFC 3156 §4). Raises InputRefused (message.unreadable)."""
    parsed = message_from_bytes(message)
    parts = parsed.get_payload()
    if parsed.get_content_type() != "multipart/encrypted" or not isinstance(parts, list) or len(parts) != 2:  # noqa: PLR2004
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    control, encrypted = parts
    if not isinstance(control, Message) or not isinstance(encrypted, Message):
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    armored = encrypted.get_payload(decode=True)
    if control.get_content_type() != "application/pgp-encrypted" or not isinstance(armored, bytes):
        raise InputRefused(Code.MESSAGE_UNREADABLE)
    return armored


def open_openpgp(gpg: gnupg.GPG, armored: bytes, *, signer_fingerprint: str, passphrase: str | None = None) -> bytes:
    """What was encrypted, when one signature is in it, that holds, and that the pinned key made.

    GnuPG gives out what it decrypts before it knows whether it was altered, calls an unsigned message "ok" and an
    altered one "valid": so both must hold, and the fingerprint besides. Raises InputRefused: message.undecryptable;
    signature.missing; signature.several-signers; signature.invalid (also by an expired or revoked key);
    signer.unknown for anybody else's.
    """
    try:
        found = gpg.decrypt(armored, always_trust=True, passphrase=passphrase)
    except OSError:  # GnuPG gave up before it had read all
        raise InputRefused(Code.MESSAGE_UNDECRYPTABLE) from None
    if not found.ok:
        raise InputRefused(Code.MESSAGE_UNDECRYPTABLE)
    signatures = found.stderr.count("[GNUPG:] NEWSIG")
    if signatures != 1:
        raise InputRefused(Code.SIGNATURE_SEVERAL_SIGNERS if signatures else Code.SIGNATURE_MISSING)
    if "[GNUPG:] NO_PUBKEY" in found.stderr:
        raise InputRefused(Code.SIGNER_UNKNOWN)
    if not found.valid or found.returncode != 0:
        raise InputRefused(Code.SIGNATURE_INVALID)
    if found.pubkey_fingerprint != signer_fingerprint.upper():
        raise InputRefused(Code.SIGNER_UNKNOWN)
    content: bytes = found.data
    return content
