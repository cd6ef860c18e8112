"""Time stamps by RFC 3161: what is asked of an authority, and what its answer is worth.

`rfc3161-client` reads answers and judges signatures. It says of everything that is wrong with a signature the same; so
what is told apart here (digest, nonce, a chain that had run out) is looked at beside it, and what it refuses stays
refused.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asn1crypto import tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.domain.stamps import Stamp

SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")

_UNREADABLE = (
    *(ValueError, TypeError, LookupError, OverflowError, UnsupportedAlgorithm),
    *(x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)
"""What the libraries raise at bytes that are no certificates or stamps, sooner or later."""


def query_for(content: bytes) -> TimeStampRequest:
    """A request over the SHA-256 of the content, with a nonce, that asks for the authority's certificate."""
    return TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What an answer says, read to its end: `rfc3161-client` reads each part only when it is asked for."""

    whole: TimeStampResponse
    at: dt.datetime
    digest: bytes | None
    """None where it is none by SHA-256."""
    nonce: int | None
    certificates: tuple[x509.Certificate, ...]
    signers: tuple[tuple[x509.Name, int], ...]


class CertifiedStamps:
    """Implements `gateway.ports.stamps.StampVerifier`. `trusted`: the authority's certificates, its root among them."""

    def __init__(self, trusted: Callable[[], Sequence[x509.Certificate]]) -> None:
        self.trusted = trusted

    def verify(self, content: bytes, stamp: Stamp) -> dt.datetime:
        """See `StampVerifier`."""
        nonce, answer = _nonce_of(stamp.query), _read(stamp.answer)
        if answer.digest != hashlib.sha256(content).digest():
            raise InputRefused(Code.STAMP_OTHER_DIGEST)
        if answer.nonce != nonce:
            raise InputRefused(Code.STAMP_OTHER_NONCE)
        self._check_signer(answer, content)
        return answer.at

    def _check_signer(self, answer: _Answer, content: bytes) -> None:
        trusted = self.trusted()
        roots = [one for one in trusted if one.issuer == one.subject]
        builder = VerifierBuilder(roots=roots, intermediates=[one for one in trusted if one not in roots])
        try:
            builder.build().verify_message(answer.whole, content)
        except (VerificationError, *_UNREADABLE):
            ran_out = any(not _holds(one, answer.at) for one in _chain(answer, trusted))
            raise InputRefused(Code.STAMP_EXPIRED if ran_out else Code.STAMP_SIGNER_UNKNOWN) from None


def _read(raw: bytes) -> _Answer:
    """Raises InputRefused (stamp.unreadable, stamp.refused)."""
    try:
        whole = decode_timestamp_response(raw)
        if whole.status != PKIStatus.GRANTED:
            raise InputRefused(Code.STAMP_REFUSED)
        said, signed = whole.tst_info, whole.signed_data
        return _Answer(
            whole=whole,
            at=said.gen_time,
            digest=said.message_imprint.message if said.message_imprint.hash_algorithm == SHA256 else None,
            nonce=said.nonce,
            certificates=tuple(map(_certificate, signed.certificates)),
            signers=tuple((one.issuer, one.serial_number) for one in signed.signer_infos),
        )
    except _UNREADABLE:
        raise InputRefused(Code.STAMP_UNREADABLE) from None


def _certificate(der: bytes) -> x509.Certificate:
    """Read to its end, as all of it is put off until it is asked for."""
    one = x509.load_der_x509_certificate(der)
    _ = one.issuer, one.subject, one.serial_number, one.not_valid_before_utc, one.not_valid_after_utc, one.extensions
    return one


def _nonce_of(query: bytes) -> int | None:
    try:
        nonce: int | None = tsp.TimeStampReq.load(query, strict=True)["nonce"].native  # type: ignore[no-untyped-call]
    except (ValueError, TypeError):
        raise InputRefused(Code.STAMP_UNREADABLE) from None
    return nonce


def _chain(answer: _Answer, trusted: Sequence[x509.Certificate]) -> Sequence[x509.Certificate]:
    """From who signed up to what is trusted; nothing where nothing that is trusted is reached."""
    known = [*trusted, *answer.certificates]
    way = [one for one in known if (one.issuer, one.serial_number) in answer.signers][:1]
    while way and way[-1] not in trusted:
        above = next((one for one in known if one not in way and _issued(way[-1], one)), None)
        if above is None:
            return ()
        way.append(above)
    return way


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _holds(certificate: x509.Certificate, at: dt.datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
