"""Signed receipts as they come back (RFC 2634 §2.6): the reader signs that this very message reached them.

Whose certificate signed is asked elsewhere: here it is only settled that its key signed a receipt for our message.
"""

import datetime as dt
import hashlib
from hmac import compare_digest

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.domain.receipt import AwaitedReceipt
from gateway.ports.incoming import ReceiptSigner
from keys.cades_verify import VerifiedSignature, attribute_values, check_claimed_time, verify_over
from keys.cms.reading import ReadSignedData, read_signed_data
from keys.cms.receipt_syntax import MSG_SIG_DIGEST, RECEIPT, Receipt
from keys.recipient_certificates import certificate_facts

_VERSION = 1


class SignedReceiptFiles:
    """See `gateway.ports.incoming.SignedReceipts`."""

    def content_identifier(self, raw: bytes) -> str:
        """Which message the receipt says it is for. Raises InputRefused."""
        return content_identifier(raw)

    def verify(self, raw: bytes, awaited: AwaitedReceipt, *, at: dt.datetime) -> ReceiptSigner:
        """Who signed it. Raises InputRefused: as `verify_signed_receipt`, and signature.time-implausible."""
        signature = verify_signed_receipt(raw, awaited)
        check_claimed_time(signature, at)
        return ReceiptSigner(key=certificate_facts(signature.certificate.public_bytes(Encoding.DER)).key)


def content_identifier(raw: bytes) -> str:
    """Which message the receipt says it is for: `AwaitedReceipt.content_identifier`. Nothing is verified.

    Raises InputRefused: signature.unreadable, receipt.unreadable.
    """
    return _receipt(read_signed_data(raw)).signed_content_identifier.hex()


def verify_signed_receipt(raw: bytes, awaited: AwaitedReceipt) -> VerifiedSignature:
    """Who signed the receipt in `raw` (SignedData, DER or BER) for the awaited message, and when they say they did.

    Raises InputRefused: receipt.unreadable for what is no receipt; receipt.not-for-message when it is another
    message's; signature.* when it does not hold.
    """
    signed_data = read_signed_data(raw)
    receipt = _receipt(signed_data)
    if receipt.version != _VERSION or receipt.signed_content_identifier.hex() != awaited.content_identifier:
        raise InputRefused(Code.RECEIPT_NOT_FOR_MESSAGE)
    repeated = hashlib.sha256(receipt.originator_signature_value).hexdigest()
    signature = verify_over(signed_data.content or b"", signed_data, bound=False)
    if not compare_digest(repeated, awaited.signature) or _signed_digest(signed_data) != awaited.attributes:
        raise InputRefused(Code.RECEIPT_NOT_FOR_MESSAGE)
    return signature


def _receipt(signed_data: ReadSignedData) -> Receipt:
    if signed_data.content_type != RECEIPT or signed_data.content is None:
        raise InputRefused(Code.RECEIPT_UNREADABLE)
    try:
        return asn1.decode_der(Receipt, signed_data.content)
    except ValueError:
        raise InputRefused(Code.RECEIPT_UNREADABLE) from None


def _signed_digest(signed_data: ReadSignedData) -> str:
    """The digest of our signed attributes, as the reader signed it."""
    value = attribute_values(signed_data.signers[0]).get(MSG_SIG_DIGEST)
    try:
        digest: bytes = value.parse(bytes) if value is not None else b""
    except ValueError:
        raise InputRefused(Code.RECEIPT_UNREADABLE) from None
    return digest.hex()
