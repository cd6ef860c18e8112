"""The ASN.1 of encrypted messages as declarations (RFC 5652 §6, RFC 5083, RFC 5753 §7), for the forms that are used.

Other forms, such as recipients named by a key identifier, are a ValueError of the decoder. This module must not
import `annotations` from `__future__`: the declarations are read at run time.
"""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

from keys.cms.syntax import AlgorithmIdentifier, Attribute, IssuerAndSerialNumber

ENVELOPED_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.3")
AUTH_ENVELOPED_DATA = x509.ObjectIdentifier("1.2.840.113549.1.9.16.1.23")


@asn1.sequence
class KeyTransRecipientInfo:
    """The content key encrypted to an RSA key (RFC 5652 §6.2.1). `version` is 0."""

    version: int
    rid: IssuerAndSerialNumber
    key_encryption_algorithm: AlgorithmIdentifier
    encrypted_key: bytes


@asn1.sequence
class OriginatorPublicKey:
    """The sender's ephemeral EC key (RFC 5753 §3.1.1); the algorithm has no parameters: the curve is the reader's."""

    algorithm: AlgorithmIdentifier
    public_key: asn1.BitString


@asn1.sequence
class KeyAgreementAlgorithm:
    """The scheme and, as its parameters, the key wrap algorithm (RFC 5753 §7.1.5)."""

    scheme: x509.ObjectIdentifier
    key_wrap: AlgorithmIdentifier


@asn1.sequence
class RecipientEncryptedKey:
    """The wrapped content key, and for whose key (RFC 5652 §6.2.2)."""

    rid: IssuerAndSerialNumber
    encrypted_key: bytes


@asn1.sequence
class EccCmsSharedInfo:
    """What the key derivation binds (RFC 5753 §7.2). `supp_pub_info`: length of the wrapping key in bits, 4 bytes."""

    key_info: AlgorithmIdentifier
    entity_u_info: Annotated[bytes | None, asn1.Explicit(0)]
    supp_pub_info: Annotated[bytes, asn1.Explicit(2)]


@asn1.sequence
class KeyAgreeRecipientInfo:
    """The content key wrapped under a key agreed with an EC key (RFC 5652 §6.2.2). `version` is 3; `ukm` is unused."""

    version: int
    originator: Annotated[
        IssuerAndSerialNumber | Annotated[bytes, asn1.Implicit(0)] | Annotated[OriginatorPublicKey, asn1.Implicit(1)],
        asn1.Explicit(0),
    ]
    ukm: Annotated[bytes | None, asn1.Explicit(1)]
    key_encryption_algorithm: KeyAgreementAlgorithm
    recipient_encrypted_keys: list[RecipientEncryptedKey]


@asn1.sequence
class EncryptedContentInfo:
    """The encrypted content (RFC 5652 §6.1)."""

    content_type: x509.ObjectIdentifier
    content_encryption_algorithm: AlgorithmIdentifier
    encrypted_content: Annotated[bytes | None, asn1.Implicit(0)]


@asn1.sequence
class EnvelopedData:
    """A content key for each recipient, and the content (RFC 5652 §6.1)."""

    version: int
    recipient_infos: asn1.SetOf[KeyTransRecipientInfo | Annotated[KeyAgreeRecipientInfo, asn1.Implicit(1)]]
    encrypted_content_info: EncryptedContentInfo
    unprotected_attrs: Annotated[asn1.SetOf[Attribute] | None, asn1.Implicit(1)]


@asn1.sequence
class EnvelopedContentInfo:
    """A ContentInfo (RFC 5652 §3) that holds EnvelopedData."""

    content_type: x509.ObjectIdentifier
    content: Annotated[EnvelopedData, asn1.Explicit(0)]


@asn1.sequence
class AuthEnvelopedData:
    """A content key for each recipient, and the content with its authentication tag (RFC 5083 §2.1). `version` is 0."""

    version: int
    recipient_infos: asn1.SetOf[KeyTransRecipientInfo | Annotated[KeyAgreeRecipientInfo, asn1.Implicit(1)]]
    encrypted_content_info: EncryptedContentInfo
    auth_attrs: Annotated[asn1.SetOf[Attribute] | None, asn1.Implicit(1)]
    mac: bytes
    unauth_attrs: Annotated[asn1.SetOf[Attribute] | None, asn1.Implicit(2)]


@asn1.sequence
class AuthEnvelopedContentInfo:
    """A ContentInfo (RFC 5652 §3) that holds AuthEnvelopedData."""

    content_type: x509.ObjectIdentifier
    content: Annotated[AuthEnvelopedData, asn1.Explicit(0)]
