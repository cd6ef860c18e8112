"""S/MIME 4.0 (RFC 8551): a MIME entity signed by the gateway, then encrypted to one recipient, as their profile says.

Signed inside, encrypted outside (RFC 8551 §3.7): nobody on the way learns who signed, and since CBC content can be
altered unnoticed, the signature is what protects it. The signature is CAdES baseline B and opaque: no mail server
on the recipient's side can break it by changing line ends.
"""

import datetime as dt
from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.base64_body import base64_body
from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.parties import ContentEncryption, Protection, RecipientChannel
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.receipt import AwaitedReceipt
from gateway.ports.channels import ProtectedEntity
from keys import cades, enveloped
from keys.cades import SigningKey
from keys.recipient_certificates import certificate_facts, check_recipient_certificate

_SIGNED_HEADERS = (
    b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
    b"Content-Transfer-Encoding: base64\r\n"
    b"Content-Disposition: attachment; filename=smime.p7m\r\n"
    b"\r\n"
)

_ENCRYPTED_HEADERS = {
    kind: (
        b'Content-Type: application/pkcs7-mime; smime-type=%s; name="smime.p7m"\r\n'
        b'Content-Disposition: attachment; filename="smime.p7m"\r\n'
        b"Content-Transfer-Encoding: base64\r\n"
        b"\r\n"
    )
    % smime_type
    for kind, smime_type in (
        (ContentEncryption.CBC, b"enveloped-data"),
        (ContentEncryption.GCM, b"authEnveloped-data"),
    )
}
"""RFC 8551 §3.2.2."""

_REASONS = {
    Code.KEY_UNREADABLE: Reason.KEY_UNREADABLE,
    Code.KEY_EXPIRED: Reason.KEY_EXPIRED,
    Code.KEY_NOT_YET_VALID: Reason.KEY_NOT_YET_VALID,
    Code.KEY_WRONG_USE: Reason.KEY_WRONG_USE,
    Code.KEY_WEAK: Reason.KEY_WEAK,
}
"""Why a certificate that was good at its import is refused at sending."""


class SmimeProtector:
    """The house's `MessageProtector` for recipients whose protection is S/MIME.

    `signer` gives the key that signs now: it may be another for the next message. Signed receipts are asked to the
    address in its certificate.
    """

    def __init__(self, signer: Callable[[], SigningKey]) -> None:
        self._signer = signer

    def check(self, address: RecipientChannel, at: dt.datetime) -> Refused | None:
        """Why nothing may be encrypted for this address at `at`, or None."""
        if address.protection is not Protection.SMIME or address.certificate is None:
            return Refused(reason=Reason.KEY_GONE)
        try:
            check_recipient_certificate(address.certificate, at)
        except InputRefused as problem:
            return Refused(reason=_REASONS[problem.code])
        return None

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> ProtectedEntity:
        """The MIME entity signed and encrypted, as base64 of EnvelopedData or AuthEnvelopedData.

        Raises InputRefused (key.*) where `check` would have found something: it is asked again here, so that no
        caller can send to a bad key by forgetting it. Raises SetupWrong (key.expired, key.not-yet-valid) when our
        own signing certificate does not hold at `at`.
        """
        if address.protection is not Protection.SMIME or address.certificate is None:
            raise InputRefused(Code.KEY_MISSING)
        certificate = check_recipient_certificate(address.certificate, at)
        signed, awaited = self._sign(entity, address, at)
        del entity  # a large message would be in memory at every stage at once
        encrypted = enveloped.encrypt(
            base64_body(signed, head=_SIGNED_HEADERS),
            certificate=certificate,
            key_transport=address.key_transport,
            content_encryption=address.content_encryption,
        )
        del signed
        mime = base64_body(encrypted, head=_ENCRYPTED_HEADERS[address.content_encryption])
        return ProtectedEntity(mime=mime, awaited=awaited)

    def _sign(self, entity: bytes, address: RecipientChannel, at: dt.datetime) -> tuple[bytes, AwaitedReceipt | None]:
        signer = self._signer()
        signer.check_time(at, where=OwnKeyName.MAIL_SIGNING)
        ours = certificate_facts(signer.certificate.public_bytes(Encoding.DER)).emails if address.signed_receipt else ()
        if ours:
            return cades.sign_asking_for_receipt(entity, signer=signer, at=at, to=ours[0])
        return cades.sign(entity, signer=signer, at=at, detached=False), None
