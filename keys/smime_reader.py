"""The recipient's side of S/MIME: opens what `keys.smime` makes, for the demo's readers and for the tests."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cades_verify import verify_over
from keys.cms.reading import read_signed_data
from keys.enveloped import RecipientKey, decrypt


@dataclass(frozen=True, kw_only=True)
class OpenedMessage:
    """A decrypted message whose signature holds. Whether `signer_certificate_der` is the gateway's, the caller asks:
    a signature by anybody holds."""

    entity: bytes
    signer_certificate_der: bytes


def open_message(enveloped: bytes, *, key: RecipientKey, certificate: x509.Certificate) -> OpenedMessage:
    """The MIME entity and who signed it.

    Raises InputRefused: message.* of the decryption; signature.missing when what was encrypted is not signed;
    signature.* of the verification. Nothing of the content is given out before the signature held.
    """
    part = message_from_bytes(decrypt(enveloped, key=key, certificate=certificate))
    signed_data = read_signed_data(_signed_data(part))
    if signed_data.content is None:
        raise InputRefused(Code.SIGNATURE_MISSING)
    certificate = verify_over(signed_data.content, signed_data).certificate
    return OpenedMessage(entity=signed_data.content, signer_certificate_der=certificate.public_bytes(Encoding.DER))


def _signed_data(part: Message) -> bytes:
    if part.get_content_type() != "application/pkcs7-mime" or part.get_param("smime-type") != "signed-data":
        raise InputRefused(Code.SIGNATURE_MISSING)
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise InputRefused(Code.SIGNATURE_UNREADABLE)
    return payload
