"""Signing checkpoints with the evidence key (C2SP signed-note, type 0x02: ECDSA with a key's id from its SPKI).

Type 0x01 would be Ed25519, which the tokens that may hold the evidence key do not all have. See docs/adr.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.domain.checkpoint import Checkpoint, note_of, read_note
from gateway.domain.own_keys import OwnKeyName
from keys.cades import SigningKey
from keys.cms.algorithms import scheme_for, sign_with

KEY_NAME = "decision-gateway/evidence-signing"


class NoteSigner:
    """Implements `gateway.ports.ledger.CheckpointSigner`.

    `signer` gives the key that signs now, `certificates` those of every generation.
    """

    def __init__(
        self, signer: Callable[[], SigningKey], certificates: Callable[[], Sequence[x509.Certificate]]
    ) -> None:
        self._signer = signer
        self._certificates = certificates

    def sign(self, body: bytes, at: dt.datetime) -> str:
        """See `CheckpointSigner`."""
        signer = self._signer()
        signer.check_time(at, where=OwnKeyName.EVIDENCE_SIGNING)
        signature = sign_with(signer.private_key, scheme_for(signer.private_key), body)
        return note_of(body, KEY_NAME, key_id(signer.certificate), signature)

    def is_signed(self, note: str) -> bool:
        """See `CheckpointSigner`."""
        return any(is_signed_by(note, one) for one in self._certificates())


def key_id(certificate: x509.Certificate) -> bytes:
    """Four bytes that name a key: a hint, no proof."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).digest()[:4]


def is_signed_by(note: str, certificate: x509.Certificate) -> bool:
    """Whether the certificate's key signed the note."""
    checkpoint = read_note(note)
    return checkpoint is not None and _signed_by(checkpoint, certificate)


def _signed_by(checkpoint: Checkpoint, certificate: x509.Certificate) -> bool:
    key, name = certificate.public_key(), key_id(certificate)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    for named, signature in checkpoint.signatures:
        if named == name:
            try:
                key.verify(signature, checkpoint.body, ec.ECDSA(hashes.SHA256()))
            except InvalidSignature:
                continue
            return True
    return False
