"""S/MIME 4.0 (RFC 8551): a MIME entity signed by the gateway, then encrypted to one recipient.

Signed inside, encrypted outside (RFC 8551 §3.7): nobody on the way learns who signed, and since CBC content can be
altered unnoticed, the signature is what protects it. The signature is CAdES baseline B and opaque: no mail server
on the recipient's side can break it by changing line ends.
"""

import datetime as dt

from gateway.domain.base64_body import base64_body
from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.reasons import Reason
from keys import cades, enveloped
from keys.cades import SigningKey
from keys.recipient_certificates import check_recipient_certificate

_SIGNED_HEADERS = (
    b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
    b"Content-Transfer-Encoding: base64\r\n"
    b"Content-Disposition: attachment; filename=smime.p7m\r\n"
    b"\r\n"
)

_REASONS = {
    Code.KEY_UNREADABLE: Reason.KEY_UNREADABLE,
    Code.KEY_EXPIRED: Reason.KEY_EXPIRED,
    Code.KEY_NOT_YET_VALID: Reason.KEY_NOT_YET_VALID,
    Code.KEY_WRONG_USE: Reason.KEY_WRONG_USE,
    Code.KEY_WEAK: Reason.KEY_WEAK,
}
"""Why a certificate that was good at its import is refused at sending."""


class SmimeProtector:
    """The house's `MessageProtector` for recipients whose protection is S/MIME."""

    def __init__(self, signer: SigningKey) -> None:
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

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> bytes:
        """The MIME entity signed and encrypted: DER of EnvelopedData.

        Raises InputRefused (key.*) where `check` would have found something: it is asked again here, so that no
        caller can send to a bad key by forgetting it. Raises SetupWrong (key.expired, key.not-yet-valid) when our
        own signing certificate does not hold at `at`.
        """
        if address.protection is not Protection.SMIME or address.certificate is None:
            raise InputRefused(Code.KEY_MISSING)
        certificate = check_recipient_certificate(address.certificate, at)
        _check_own(self._signer, at)
        signed = cades.sign(entity, signer=self._signer, at=at, detached=False)
        del entity  # a large message would be in memory at every stage at once
        return enveloped.encrypt(
            base64_body(signed, head=_SIGNED_HEADERS), certificate=certificate, key_transport=address.key_transport
        )


def _check_own(signer: SigningKey, at: dt.datetime) -> None:
    if at > signer.certificate.not_valid_after_utc:
        raise SetupWrong(Code.KEY_EXPIRED, where="mail-signing")
    if at < signer.certificate.not_valid_before_utc:
        raise SetupWrong(Code.KEY_NOT_YET_VALID, where="mail-signing")
