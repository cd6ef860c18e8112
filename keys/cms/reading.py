"""SignedData that others made (RFC 5652 §5).

The outer layers may be BER, as `openssl cms -stream` writes them, and are opened by asn1crypto, DER alike (0.06 ms
a signature). Each signer is DER and read strictly, so that what is signed is checked over the bytes that came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cryptography import x509
from cryptography.hazmat import asn1

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cms.syntax import AlgorithmIdentifier, Attribute, IssuerAndSerialNumber

if TYPE_CHECKING:
    from asn1crypto import cms

MOST_CERTIFICATES = 16
"""How many certificates a signature may bring; a chain has three or four."""

_SET = b"\x31"
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the readers raise for bytes that are not what they should be."""


@asn1.sequence
class ReadSignerInfo:
    """One signer (RFC 5652 §5.3), named by issuer and serial number or by its subject key identifier."""

    version: int
    sid: IssuerAndSerialNumber | Annotated[bytes, asn1.Implicit(0)]
    digest_algorithm: AlgorithmIdentifier
    signed_attrs: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    signature_algorithm: AlgorithmIdentifier
    signature: bytes
    unsigned_attrs: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]


@asn1.sequence
class _Sequences:
    values: list[asn1.TLV]


@dataclass(frozen=True, kw_only=True)
class ReadSignedData:
    """What a signature brings. No `content` means detached. `certificates` are those in it, checked for nothing."""

    content_type: x509.ObjectIdentifier
    content: bytes | None
    certificates: tuple[x509.Certificate, ...]
    signers: tuple[ReadSignerInfo, ...]


def read_signed_data(raw: bytes) -> ReadSignedData:
    """The SignedData in `raw`. Raises InputRefused (signature.unreadable)."""
    try:
        return _read(raw)
    except _UNREADABLE as error:
        raise InputRefused(Code.SIGNATURE_UNREADABLE) from error


def read_attributes(signer: ReadSignerInfo) -> list[Attribute]:
    """The signed attributes, none when there are none. Raises ValueError when they cannot be read."""
    return [value.parse(Attribute) for value in signer.signed_attrs or ()]


def signed_bytes(signer: ReadSignerInfo) -> bytes:
    """What the signature is over: the attributes as they came, as an explicit SET OF (RFC 5652 §5.4)."""
    holder = asn1.encode_der(_Sequences(values=signer.signed_attrs or []))
    return _SET + bytes(asn1.decode_der(asn1.TLV, holder).data[1:])


def _read(raw: bytes) -> ReadSignedData:
    from asn1crypto import cms  # 2 MB, which a worker that reads no signature is spared

    info = cms.ContentInfo.load(raw, strict=True)  # type: ignore[no-untyped-call]
    if info["content_type"].native != "signed_data":
        raise ValueError("not SignedData")
    signed = info["content"]
    encapsulated = signed["encap_content_info"]
    return ReadSignedData(
        content_type=x509.ObjectIdentifier(encapsulated["content_type"].dotted),
        content=encapsulated["content"].native,
        certificates=_certificates(signed["certificates"] or ()),
        signers=tuple(asn1.decode_der(ReadSignerInfo, signer.dump()) for signer in signed["signer_infos"]),
    )


def _certificates(choices: "Sequence[cms.CertificateChoices]") -> tuple[x509.Certificate, ...]:
    """Each is read to the end here: cryptography puts off names and extensions until they are asked for."""
    if len(choices) > MOST_CERTIFICATES:
        raise ValueError("too many certificates")
    encoded = [choice.chosen.dump() for choice in choices if choice.name == "certificate"]
    certificates = tuple(x509.load_der_x509_certificate(der) for der in encoded)
    for certificate in certificates:
        _ = certificate.subject, certificate.issuer, certificate.extensions
    return certificates
