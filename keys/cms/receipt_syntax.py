"""The ASN.1 of signed receipts as declarations (RFC 2634 §2.7, §2.8), for the forms that this house uses.

This module must not import `annotations` from `__future__`: the declarations are read at run time.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

RECEIPT = x509.ObjectIdentifier("1.2.840.113549.1.9.16.1.1")
RECEIPT_REQUEST = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.1")
MSG_SIG_DIGEST = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.5")

ALL_RECEIPTS = 0


@asn1.sequence
class _Rfc822Name:
    name: Annotated[asn1.IA5String, asn1.Implicit(1)]


@asn1.sequence
class ReceiptRequest:
    """Asks every reader for a receipt, to be sent to the addresses in `receipts_to` (each a list of GeneralNames)."""

    signed_content_identifier: bytes
    receipts_from: Annotated[int, asn1.Implicit(0)]
    receipts_to: list[asn1.TLV]


@asn1.sequence
class Receipt:
    """What a reader signs. `version` is 1; the signature is the one of the message that asked."""

    version: int
    content_type: x509.ObjectIdentifier
    signed_content_identifier: bytes
    originator_signature_value: bytes


def address_names(address: str) -> asn1.TLV:
    """An e-mail address as GeneralNames: a sequence of one rfc822Name."""
    return asn1.decode_der(asn1.TLV, asn1.encode_der(_Rfc822Name(name=asn1.IA5String(address))))
