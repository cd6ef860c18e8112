"""Signing: CAdES baseline signatures, level B (ETSI EN 319 122-1 §6; RFC 5652, RFC 5035)."""

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.receipt import AwaitedReceipt
from keys.cms import oids
from keys.cms.algorithms import PrivateKey, SignatureScheme, scheme_for, sign_with
from keys.cms.receipt_syntax import ALL_RECEIPTS, RECEIPT_REQUEST, ReceiptRequest, address_names
from keys.cms.syntax import (
    Attribute,
    EncapsulatedContentInfo,
    EssCertIdV2,
    IssuerAndSerialNumber,
    SignedData,
    SignedDataContentInfo,
    SignerInfo,
    SigningCertificateV2,
    attribute,
    signed_bytes,
    tlv,
)

_FIRST_GENERALIZED_YEAR = 2050
_CONTENT_IDENTIFIER_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key, its certificate, and the intermediates that lead towards the root (the root left out).

    Raises InputRefused: key.mismatch when the certificate is another key's; key.weak as `scheme_for` says.
    """

    private_key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def __post_init__(self) -> None:
        if self.certificate.public_key() != self.private_key.public_key():
            raise InputRefused(Code.KEY_MISMATCH)
        scheme_for(self.private_key)

    def check_time(self, at: dt.datetime, *, where: str) -> None:
        """Raises SetupWrong (key.expired, key.not-yet-valid) when the certificate does not hold at `at`."""
        if at > self.certificate.not_valid_after_utc:
            raise SetupWrong(Code.KEY_EXPIRED, where=where)
        if at < self.certificate.not_valid_before_utc:
            raise SetupWrong(Code.KEY_NOT_YET_VALID, where=where)


def sign(content: bytes, *, signer: SigningKey, at: dt.datetime, detached: bool) -> bytes:
    """A DER ContentInfo with SignedData over `content`, which it holds unless `detached`.

    RSA signs with PKCS #1 v1.5 and SHA-256, ECDSA with the digest as wide as its curve. `at` is the signing time
    that is claimed, to the second, and must know its offset (else ValueError).
    """
    scheme = scheme_for(signer.private_key)
    attributes = _signed_attributes(content, signer.certificate, scheme, at)
    info = _signer_info(signer, scheme, attributes)
    return _signed_data(None if detached else content, signer, scheme, info)


def sign_asking_for_receipt(
    content: bytes, *, signer: SigningKey, at: dt.datetime, to: str
) -> tuple[bytes, AwaitedReceipt]:
    """As `sign`, opaque, asking the reader to send a signed receipt to the address `to`; and what it must match.

    The message is named by a random number: a new one each time, since each is signed anew.
    """
    scheme, identifier = scheme_for(signer.private_key), os.urandom(_CONTENT_IDENTIFIER_BYTES)
    request = ReceiptRequest(
        signed_content_identifier=identifier, receipts_from=ALL_RECEIPTS, receipts_to=[address_names(to)]
    )
    attributes = _signed_attributes(content, signer.certificate, scheme, at)
    attributes.append(attribute(RECEIPT_REQUEST, request))
    info = _signer_info(signer, scheme, attributes)
    awaited = AwaitedReceipt(
        content_identifier=identifier.hex(),
        signature=_digest(info.signature, hashes.SHA256()).hex(),
        attributes=_digest(signed_bytes(attributes), scheme.digest).hex(),
    )
    return _signed_data(content, signer, scheme, info), awaited


def _signed_data(content: bytes | None, signer: SigningKey, scheme: SignatureScheme, info: SignerInfo) -> bytes:
    signed_data = SignedData(
        version=1,
        digest_algorithms=asn1.SetOf([scheme.digest_identifier()]),
        encap_content_info=EncapsulatedContentInfo(e_content_type=oids.DATA, e_content=content),
        certificates=asn1.SetOf([signer.certificate, *signer.chain]),
        signer_infos=asn1.SetOf([info]),
    )
    return asn1.encode_der(SignedDataContentInfo(content_type=oids.SIGNED_DATA, content=signed_data))


def _signer_info(signer: SigningKey, scheme: SignatureScheme, attributes: Sequence[Attribute]) -> SignerInfo:
    return SignerInfo(
        version=1,
        sid=IssuerAndSerialNumber(
            issuer=tlv(signer.certificate.issuer.public_bytes()),
            serial_number=signer.certificate.serial_number,
        ),
        digest_algorithm=scheme.digest_identifier(),
        signed_attrs=asn1.SetOf(list(attributes)),
        signature_algorithm=scheme.signature_identifier(),
        signature=sign_with(signer.private_key, scheme, signed_bytes(list(attributes))),
    )


def _signed_attributes(
    content: bytes, certificate: x509.Certificate, scheme: SignatureScheme, at: dt.datetime
) -> list[Attribute]:
    return [
        attribute(oids.CONTENT_TYPE, oids.DATA),
        attribute(oids.MESSAGE_DIGEST, _digest(content, scheme.digest)),
        attribute(oids.SIGNING_TIME, _time(at)),
        attribute(oids.SIGNING_CERTIFICATE_V2, _signing_certificate(certificate, scheme)),
    ]


def _signing_certificate(certificate: x509.Certificate, scheme: SignatureScheme) -> SigningCertificateV2:
    """The digest is named only when it is not SHA-256: DER leaves a default out."""
    is_default = scheme.digest_algorithm == oids.SHA256
    identifier = EssCertIdV2(
        hash_algorithm=None if is_default else scheme.digest_identifier(),
        cert_hash=certificate.fingerprint(scheme.digest),
        issuer_serial=None,
    )
    return SigningCertificateV2(certs=[identifier], policies=None)


def _time(at: dt.datetime) -> asn1.UTCTime | asn1.GeneralizedTime:
    """UTCTime up to 2049, GeneralizedTime from 2050 (RFC 5652 §11.3)."""
    if at.tzinfo is None:
        raise ValueError("the signing time must know its offset from UTC")
    moment = at.astimezone(dt.UTC).replace(microsecond=0)
    return asn1.GeneralizedTime(moment) if moment.year >= _FIRST_GENERALIZED_YEAR else asn1.UTCTime(moment)


def _digest(content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()
