"""Checking a CAdES baseline signature (ETSI EN 319 122-1 §6; RFC 5652 §5.6, RFC 5035).

Who the signer is and whether they may sign is asked elsewhere (`keys.trust`): here it is only settled that the key of
one certificate signed these bytes, and that the signature is bound to that certificate.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.constant_time import bytes_eq

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cms import oids
from keys.cms.reading import ReadSignedData, ReadSignerInfo, read_attributes, read_signed_data, signed_bytes
from keys.cms.signatures import digest_named, verify
from keys.cms.syntax import EssCertIdV2, SigningCertificateV2

CLOCK_TOLERANCE = dt.timedelta(minutes=5)
"""How far a signer's clock may be ahead of ours."""

_UTC_TIME = b"\x17"


@dataclass(frozen=True, kw_only=True)
class VerifiedSignature:
    """A signature that holds. `others` are the further certificates it brought, checked for nothing;
    `claimed_at` is the time the signer claims."""

    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    claimed_at: dt.datetime


def verify_detached(content: bytes, signature: bytes) -> VerifiedSignature:
    """The signature over `content`, when every check of the form and of the figures held.

    Where the signature holds a content all the same, it must be this one. Raises InputRefused: signature.unreadable,
    signature.no-signer (none, or the certificate is not in it), signature.several-signers, signature.attributes (a
    signed attribute is missing, repeated, of another kind, or names another certificate), signature.algorithm,
    signature.invalid.
    """
    signed_data = read_signed_data(signature)
    if signed_data.content not in (None, content):  # `openssl cms -stream` puts the content in, asked or not
        raise InputRefused(Code.SIGNATURE_INVALID)
    return verify_over(content, signed_data)


def verify_over(content: bytes, signed_data: ReadSignedData, *, bound: bool = True) -> VerifiedSignature:
    """The same for what was read already. `bound`: whether the signature must name its certificate, as CAdES wants."""
    signer = _only_signer(signed_data)
    digest = digest_named(signer.digest_algorithm)
    attributes = _attributes(signer, bound=bound)
    if attributes.content_type != signed_data.content_type:
        raise InputRefused(Code.SIGNATURE_ATTRIBUTES, attribute="content-type")
    named = _named_certificates(signed_data, signer)
    binding = attributes.signing_certificate
    certificate = named[0] if binding is None else _signing_certificate(named, binding)
    verify(
        certificate,
        signature=signer.signature,
        message=signed_bytes(signer),
        digest=signer.digest_algorithm,
        algorithm=signer.signature_algorithm,
    )
    if not bytes_eq(_digest(content, digest), attributes.message_digest):
        raise InputRefused(Code.SIGNATURE_INVALID)
    others = tuple(other for other in signed_data.certificates if other != certificate)
    return VerifiedSignature(certificate=certificate, others=others, claimed_at=attributes.signing_time)


def check_claimed_time(signature: VerifiedSignature, at: dt.datetime) -> None:
    """Whether the claimed signing time is plausible: it decides nothing, since a thief can backdate.

    Raises InputRefused (signature.time-implausible) when it lies in the future of `at` or outside the certificate's
    validity.
    """
    claimed, certificate = signature.claimed_at, signature.certificate
    within = certificate.not_valid_before_utc <= claimed <= certificate.not_valid_after_utc
    if not within or claimed > at + CLOCK_TOLERANCE:
        raise InputRefused(Code.SIGNATURE_TIME_IMPLAUSIBLE, claimed=claimed.isoformat())


@dataclass(frozen=True, kw_only=True)
class _SignedAttributes:
    content_type: x509.ObjectIdentifier
    message_digest: bytes
    signing_time: dt.datetime
    signing_certificate: EssCertIdV2 | None


def _only_signer(signed_data: ReadSignedData) -> ReadSignerInfo:
    if not signed_data.signers:
        raise InputRefused(Code.SIGNATURE_NO_SIGNER)
    if len(signed_data.signers) > 1:
        raise InputRefused(Code.SIGNATURE_SEVERAL_SIGNERS, signers=len(signed_data.signers))
    return signed_data.signers[0]


def _attributes(signer: ReadSignerInfo, *, bound: bool) -> _SignedAttributes:
    try:
        values = attribute_values(signer)
        named = bound or oids.SIGNING_CERTIFICATE_V2 in values
        return _SignedAttributes(
            content_type=values[oids.CONTENT_TYPE].parse(x509.ObjectIdentifier),
            message_digest=values[oids.MESSAGE_DIGEST].parse(bytes),
            signing_time=_time(values[oids.SIGNING_TIME]),
            signing_certificate=values[oids.SIGNING_CERTIFICATE_V2].parse(SigningCertificateV2).certs[0]
            if named
            else None,
        )
    except KeyError as missing:
        raise InputRefused(Code.SIGNATURE_ATTRIBUTES, attribute=missing.args[0].dotted_string) from missing
    except (ValueError, IndexError) as error:
        raise InputRefused(Code.SIGNATURE_ATTRIBUTES) from error


def attribute_values(signer: ReadSignerInfo) -> Mapping[x509.ObjectIdentifier, asn1.TLV]:
    """The one value of each signed attribute. Raises ValueError when a type or a value is repeated."""
    values: dict[x509.ObjectIdentifier, asn1.TLV] = {}
    for attribute in read_attributes(signer):
        (value,) = attribute.attr_values.as_list()
        if attribute.attr_type in values:
            raise ValueError("repeated attribute")
        values[attribute.attr_type] = value
    return values


def _time(value: asn1.TLV) -> dt.datetime:
    """UTCTime or GeneralizedTime (RFC 5652 §11.3), by its tag."""
    kind = asn1.UTCTime if value.tag_bytes == _UTC_TIME else asn1.GeneralizedTime
    moment: dt.datetime = value.parse(kind).as_datetime()
    return moment


def _named_certificates(signed_data: ReadSignedData, signer: ReadSignerInfo) -> Sequence[x509.Certificate]:
    named = [certificate for certificate in signed_data.certificates if _is_named(certificate, signer)]
    if not named:
        raise InputRefused(Code.SIGNATURE_NO_SIGNER)
    return named


def _is_named(certificate: x509.Certificate, signer: ReadSignerInfo) -> bool:
    if isinstance(signer.sid, bytes):
        return signer.sid == _subject_key_identifier(certificate)
    return (
        certificate.serial_number == signer.sid.serial_number
        and certificate.issuer.public_bytes() == asn1.encode_der(signer.sid.issuer)
    )


def _subject_key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None


def _signing_certificate(named: Sequence[x509.Certificate], bound: EssCertIdV2) -> x509.Certificate:
    """The certificate whose digest was signed: without it another with the same key or name could be put in."""
    digest = hashes.SHA256() if bound.hash_algorithm is None else digest_named(bound.hash_algorithm)
    for certificate in named:
        if bytes_eq(certificate.fingerprint(digest), bound.cert_hash):
            return certificate
    raise InputRefused(Code.SIGNATURE_ATTRIBUTES, attribute=oids.SIGNING_CERTIFICATE_V2.dotted_string)


def _digest(content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()
