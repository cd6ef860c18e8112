"""The ASN.1 of CMS signatures as declarations (RFC 5652 §5 and §12, RFC 5035 §3), written as DER.

Fields keep the names of the RFCs in snake case. `TLV` stands where a field is copied whole: a name, a certificate
or the value of an attribute. This module must not import `annotations` from `__future__`: the declarations are read
at run time.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1


@asn1.sequence
class AlgorithmIdentifier:
    """An algorithm and its parameters (RFC 5280 §4.1.1.2). Absent parameters and NULL are two different things."""

    algorithm: x509.ObjectIdentifier
    parameters: asn1.Null | asn1.TLV | None


@asn1.sequence
class IssuerAndSerialNumber:
    """Which certificate, by its issuer and serial number (RFC 5652 §10.2.4)."""

    issuer: asn1.TLV
    serial_number: int


@asn1.sequence
class Attribute:
    """A type and its values (RFC 5652 §5.3)."""

    attr_type: x509.ObjectIdentifier
    attr_values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class IssuerSerial:
    """The issuer, as one directory name, and the serial number of a certificate (RFC 5035 §5)."""

    issuer: list[asn1.TLV]
    serial_number: int


@asn1.sequence
class EssCertIdV2:
    """The digest of a certificate (RFC 5035 §4). No `hash_algorithm` means SHA-256."""

    hash_algorithm: AlgorithmIdentifier | None
    cert_hash: bytes
    issuer_serial: IssuerSerial | None


@asn1.sequence
class SigningCertificateV2:
    """The signed attribute that binds a signature to its certificate (RFC 5035 §3). The first is the signer's."""

    certs: list[EssCertIdV2]
    policies: list[asn1.TLV] | None


@asn1.sequence
class SignerInfo:
    """One signer (RFC 5652 §5.3), with signed attributes, and named by issuer and serial number."""

    version: int
    sid: IssuerAndSerialNumber
    digest_algorithm: AlgorithmIdentifier
    signed_attrs: Annotated[asn1.SetOf[Attribute], asn1.Implicit(0)]
    signature_algorithm: AlgorithmIdentifier
    signature: bytes


@asn1.sequence
class EncapsulatedContentInfo:
    """What was signed (RFC 5652 §5.2). No `e_content` means that the signature is detached."""

    e_content_type: x509.ObjectIdentifier
    e_content: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    """A content and its signatures (RFC 5652 §5.1)."""

    version: int
    digest_algorithms: asn1.SetOf[AlgorithmIdentifier]
    encap_content_info: EncapsulatedContentInfo
    certificates: Annotated[asn1.SetOf[x509.Certificate], asn1.Implicit(0)]
    signer_infos: asn1.SetOf[SignerInfo]


@asn1.sequence
class SignedDataContentInfo:
    """A ContentInfo (RFC 5652 §3) that holds SignedData."""

    content_type: x509.ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class _SignedAttributes:
    """A holder: only structures can be encoded by themselves, a SET OF cannot."""

    attributes: asn1.SetOf[Attribute]


def tlv(der: bytes) -> asn1.TLV:
    """One DER value, to be copied whole into a structure."""
    return asn1.decode_der(asn1.TLV, der)


def attribute(attr_type: x509.ObjectIdentifier, value: object) -> Attribute:
    """An attribute with one value: a declared structure, or a type that ASN.1 has by itself."""
    return Attribute(attr_type=attr_type, attr_values=asn1.SetOf([tlv(asn1.encode_der(value))]))


def signed_bytes(attributes: list[Attribute]) -> bytes:
    """What is signed: the attributes as an explicit SET OF in DER, not as the [0] of the message (RFC 5652 §5.4)."""
    return bytes(tlv(asn1.encode_der(_SignedAttributes(attributes=asn1.SetOf(attributes)))).data)
