"""Checks what the gateway signed, with its authority's certificates alone: sums, checkpoints, papers."""

import datetime as dt
from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cades_verify import verify_detached
from keys.certificates import UNREADABLE
from keys.checkpoint_notes import is_signed_by


class AuthorityVerifier:
    """Implements `gateway.ports.ledger.EvidenceVerifier`. Each signature is judged at the time that it claims: evidence
    is read long after the key that sealed it ran out."""

    def __init__(self, authorities: Callable[[], Sequence[x509.Certificate]]) -> None:
        """authorities: the gateway's, of today and before. What a signature brings to lead from one of them to a newer
        one (link certificates, RFC 4210 §4.4) counts from then on."""
        self._pinned = authorities
        self._linked: list[x509.Certificate] = []

    def verify(self, content: bytes, signature: bytes) -> None:
        """See `EvidenceVerifier`."""
        signed = verify_detached(content, signature)
        self._follow(signed.others, signed.claimed_at)
        self._check_issued(signed.certificate)
        certificate = signed.certificate
        if not certificate.not_valid_before_utc <= signed.claimed_at <= certificate.not_valid_after_utc:
            raise InputRefused(Code.SIGNATURE_TIME_IMPLAUSIBLE)

    def verify_note(self, note: str, certificates: bytes) -> None:
        """See `EvidenceVerifier`."""
        try:
            known = x509.load_pem_x509_certificates(certificates)
        except UNREADABLE:
            raise InputRefused(Code.SIGNATURE_INVALID) from None
        if not any(is_signed_by(note, one) for one in known if self._is_issued(one)):
            raise InputRefused(Code.SIGNATURE_INVALID)

    def verify_paper(self, content: bytes) -> None:
        """See `EvidenceVerifier`."""
        from keys.pades_checking import check_paper  # 16 MB of libraries, which a process that checks none is spared

        check_paper(content, self._authorities())

    def _authorities(self) -> Sequence[x509.Certificate]:
        return [*self._pinned(), *self._linked]

    def _follow(self, brought: Sequence[x509.Certificate], at: dt.datetime) -> None:
        for _ in brought:  # each round may lead one generation further
            known = self._authorities()
            self._linked += [
                one
                for one in brought
                if one not in known
                and _is_authority(one)
                and one.not_valid_before_utc <= at <= one.not_valid_after_utc
                and self._is_issued(one)
            ]

    def _check_issued(self, certificate: x509.Certificate) -> None:
        if not self._is_issued(certificate):
            raise InputRefused(Code.SIGNER_UNKNOWN)

    def _is_issued(self, certificate: x509.Certificate) -> bool:
        return any(_issued(certificate, one) for one in self._authorities())


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
