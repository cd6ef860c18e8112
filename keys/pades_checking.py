# mypy: allow-untyped-calls
"""Checks the seals on signed papers (PAdES) with the authority's certificates alone."""

from collections.abc import Sequence
from io import BytesIO

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

_SIGNS = KeyUsageConstraints(key_usage={"digital_signature"})


def check_paper(content: bytes, authorities: Sequence[x509.Certificate]) -> None:
    """Each signature must be issued under one of the authorities and cover the file as it stood then.

    Raises InputRefused (signature.unreadable, signature.missing, signature.invalid).
    """
    try:
        signatures = PdfFileReader(BytesIO(content)).embedded_signatures
    except (PdfError, ValueError):
        raise InputRefused(Code.SIGNATURE_UNREADABLE) from None
    if not signatures:
        raise InputRefused(Code.SIGNATURE_MISSING)
    for one in signatures:
        _check_seal(one, authorities)


def _check_seal(signature: EmbeddedPdfSignature, authorities: Sequence[x509.Certificate]) -> None:
    roots = [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in authorities]
    context = ValidationContext(
        trust_roots=roots,
        moment=signature.self_reported_timestamp,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    status = validate_pdf_signature(signature, context, key_usage_settings=_SIGNS)
    if not status.bottom_line or status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        raise InputRefused(Code.SIGNATURE_INVALID)
