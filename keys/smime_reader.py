"""The recipient's side of S/MIME: opens what `keys.smime` makes, for the demo's readers and for the tests."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cades_verify import verify_detached
from keys.cms.syntax import SignedDataContentInfo
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
    content, detached = _detach(_signed_data(part))
    signature = verify_detached(content, detached)
    return OpenedMessage(entity=content, signer_certificate_der=signature.certificate.public_bytes(Encoding.DER))


def _signed_data(part: Message) -> bytes:
    if part.get_content_type() != "application/pkcs7-mime" or part.get_param("smime-type") != "signed-data":
        raise InputRefused(Code.SIGNATURE_MISSING)
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise InputRefused(Code.SIGNATURE_UNREADABLE)
    return payload


def _detach(der: bytes) -> tuple[bytes, bytes]:
    """The content, and the same signature without it: what is signed is the content's digest, so either form holds."""
    try:
        message = asn1.decode_der(SignedDataContentInfo, der)
    except (ValueError, x509.InvalidVersion):
        raise InputRefused(Code.SIGNATURE_UNREADABLE) from None
    content = message.content.encap_content_info.e_content
    if content is None:
        raise InputRefused(Code.SIGNATURE_MISSING)
    message.content.encap_content_info.e_content = None
    return content, asn1.encode_der(message)
