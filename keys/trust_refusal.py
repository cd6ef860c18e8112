"""Why no chain was found: the reason is looked for after `keys.trust` has refused, and accepts nothing."""

import datetime as dt
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.certificates import fingerprint


def refusal_of(
    certificate: x509.Certificate,
    *,
    pool: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: dt.datetime,
) -> InputRefused:
    """signer.unknown when issuers lead from the certificate to none of the roots; else what is wrong on the way:
    signer.expired, signer.not-yet-valid, or signer.chain-invalid for everything else."""
    way = way_up(certificate, pool, roots)
    if way is None:
        return InputRefused(Code.SIGNER_UNKNOWN, certificate=fingerprint(certificate))
    for step in way:
        if at > step.not_valid_after_utc:
            return InputRefused(Code.SIGNER_EXPIRED, certificate=fingerprint(step))
        if at < step.not_valid_before_utc:
            return InputRefused(Code.SIGNER_NOT_YET_VALID, certificate=fingerprint(step))
    return InputRefused(Code.SIGNER_CHAIN_INVALID, certificate=fingerprint(certificate))


def way_up(
    certificate: x509.Certificate, pool: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> Sequence[x509.Certificate] | None:
    """The shortest way by issuers from the certificate to a root, each certificate visited once."""
    ways: list[list[x509.Certificate]] = [[certificate]]
    seen = {certificate}
    for way in ways:
        for issuer in (*roots, *pool):
            if issuer in seen or not _issued(way[-1], issuer):
                continue
            if issuer in roots:
                return [*way, issuer]
            seen.add(issuer)
            ways.append([*way, issuer])
    return None


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
