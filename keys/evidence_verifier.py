# mypy: allow-untyped-calls
"""Checks what the gateway signed, with its authority's certificates alone: sums, checkpoints, papers."""

from collections.abc import Callable, Sequence
from io import BytesIO

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cades_verify import verify_detached
from keys.checkpoint_notes import is_signed_by

_SIGNS = KeyUsageConstraints(key_usage={"digital_signature"})


class AuthorityVerifier:
    """Implements `gateway.ports.ledger.EvidenceVerifier`. Each signature is judged at the time that it claims: evidence
    is read long after the key that sealed it ran out."""

    def __init__(self, authorities: Callable[[], Sequence[x509.Certificate]]) -> None:
        """authorities: the gateway's, of today and before."""
        self._authorities = authorities

    def verify(self, content: bytes, signature: bytes) -> None:
        """See `EvidenceVerifier`."""
        signed = verify_detached(content, signature)
        self._check_issued(signed.certificate)
        certificate = signed.certificate
        if not certificate.not_valid_before_utc <= signed.claimed_at <= certificate.not_valid_after_utc:
            raise InputRefused(Code.SIGNATURE_TIME_IMPLAUSIBLE)

    def verify_note(self, note: str, certificates: bytes) -> None:
        """See `EvidenceVerifier`."""
        try:
            known = x509.load_pem_x509_certificates(certificates)
        except ValueError:
            raise InputRefused(Code.SIGNATURE_INVALID) from None
        if not any(is_signed_by(note, one) for one in known if self._is_issued(one)):
            raise InputRefused(Code.SIGNATURE_INVALID)

    def verify_paper(self, content: bytes) -> None:
        """See `EvidenceVerifier`."""
        try:
            signatures = PdfFileReader(BytesIO(content)).embedded_signatures
        except (PdfError, ValueError):
            raise InputRefused(Code.SIGNATURE_UNREADABLE) from None
        if not signatures:
            raise InputRefused(Code.SIGNATURE_MISSING)
        for one in signatures:
            self._check_seal(one)

    def _check_seal(self, signature: EmbeddedPdfSignature) -> None:
        roots = [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in self._authorities()]
        context = ValidationContext(
            trust_roots=roots,
            moment=signature.self_reported_timestamp,
            allow_fetching=False,
            revocation_mode="soft-fail",
        )
        status = validate_pdf_signature(signature, context, key_usage_settings=_SIGNS)
        if not status.bottom_line or status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
            raise InputRefused(Code.SIGNATURE_INVALID)

    def _check_issued(self, certificate: x509.Certificate) -> None:
        if not self._is_issued(certificate):
            raise InputRefused(Code.SIGNER_UNKNOWN)

    def _is_issued(self, certificate: x509.Certificate) -> bool:
        return any(_issued(certificate, one) for one in self._authorities())


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
