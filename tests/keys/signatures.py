"""CMS signatures made piece by piece, so that a test can make one piece wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from keys.cades import SigningKey
from keys.cms import oids
from keys.cms.syntax import (
    AlgorithmIdentifier,
    Attribute,
    EncapsulatedContentInfo,
    EssCertIdV2,
    IssuerAndSerialNumber,
    SigningCertificateV2,
    attribute,
    signed_bytes,
    tlv,
)
from tests.keys.pki import NOW

SHA1 = x509.ObjectIdentifier("1.3.14.3.2.26")
SIGNING_CERTIFICATE_V1 = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.12")


@asn1.sequence
class SignerInfo:
    """As RFC 5652 §5.3, with everything optional that is."""

    version: int
    sid: IssuerAndSerialNumber | Annotated[bytes, asn1.Implicit(0)]
    digest_algorithm: AlgorithmIdentifier
    signed_attrs: Annotated[list[Attribute] | None, asn1.Implicit(0)]
    signature_algorithm: AlgorithmIdentifier
    signature: bytes
    unsigned_attrs: Annotated[list[Attribute] | None, asn1.Implicit(1)]


@asn1.sequence
class SignedData:
    """As RFC 5652 §5.1, sets written as they are given."""

    version: int
    digest_algorithms: asn1.SetOf[AlgorithmIdentifier]
    encap_content_info: EncapsulatedContentInfo
    certificates: Annotated[list[x509.Certificate] | None, asn1.Implicit(0)]
    signer_infos: asn1.SetOf[SignerInfo]


@asn1.sequence
class ContentInfo:
    """As RFC 5652 §3."""

    content_type: x509.ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


def right_attributes(content: bytes, certificate: x509.Certificate) -> list[Attribute]:
    """What CAdES-B asks for, with SHA-256."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(content)
    return [
        attribute(oids.CONTENT_TYPE, oids.DATA),
        attribute(oids.SIGNING_TIME, asn1.UTCTime(NOW)),
        attribute(oids.MESSAGE_DIGEST, digest.finalize()),
        attribute(oids.SIGNING_CERTIFICATE_V2, ess(certificate)),
    ]


def ess(
    certificate: x509.Certificate, algorithm: x509.ObjectIdentifier | None = None, digest: bytes | None = None
) -> SigningCertificateV2:
    """The signing-certificate-v2 of a certificate."""
    named = None if algorithm is None else AlgorithmIdentifier(algorithm=algorithm, parameters=None)
    found = digest or certificate.fingerprint(hashes.SHA256())
    return SigningCertificateV2(
        certs=[EssCertIdV2(hash_algorithm=named, cert_hash=found, issuer_serial=None)], policies=None
    )


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to sign; the defaults are right for RSA and P-256."""

    content: bytes
    signer: SigningKey
    change: Callable[[list[Attribute]], list[Attribute]] = lambda attributes: attributes
    attributes: bool = True
    digest: x509.ObjectIdentifier = oids.SHA256
    algorithm: AlgorithmIdentifier | None = None
    rsa_padding: padding.AsymmetricPadding | None = None
    hashed: hashes.HashAlgorithm | None = None
    by_key_identifier: bool = False
    certificates: Sequence[x509.Certificate] | None = None
    signers: int = 1
    opaque: bool = False
    content_type: x509.ObjectIdentifier = oids.SIGNED_DATA

    def sign(self) -> bytes:
        """The DER of the signature."""
        certificates = [self.signer.certificate, *self.signer.chain] if self.certificates is None else self.certificates
        data = SignedData(
            version=1,
            digest_algorithms=asn1.SetOf([AlgorithmIdentifier(algorithm=self.digest, parameters=None)]),
            encap_content_info=EncapsulatedContentInfo(
                e_content_type=oids.DATA, e_content=self.content if self.opaque else None
            ),
            certificates=list(certificates) or None,
            signer_infos=asn1.SetOf([self._signer_info() for _ in range(self.signers)]),
        )
        return asn1.encode_der(ContentInfo(content_type=self.content_type, content=data))

    def but(self, **changes: object) -> "Recipe":
        """The same with something else."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def _signer_info(self) -> SignerInfo:
        attributes = self.change(right_attributes(self.content, self.signer.certificate))
        message = signed_bytes(attributes) if self.attributes else self.content
        return SignerInfo(
            version=1,
            sid=self._sid(),
            digest_algorithm=AlgorithmIdentifier(algorithm=self.digest, parameters=None),
            signed_attrs=_sorted(attributes) if self.attributes else None,
            signature_algorithm=self.algorithm or self._usual_algorithm(),
            signature=self._bare_signature(message),
            unsigned_attrs=None,
        )

    def _sid(self) -> IssuerAndSerialNumber | bytes:
        certificate = self.signer.certificate
        if self.by_key_identifier:
            return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        return IssuerAndSerialNumber(
            issuer=tlv(certificate.issuer.public_bytes()), serial_number=certificate.serial_number
        )

    def _usual_algorithm(self) -> AlgorithmIdentifier:
        if isinstance(self.signer.private_key, rsa.RSAPrivateKey):
            return AlgorithmIdentifier(algorithm=oids.RSA_ENCRYPTION, parameters=asn1.Null())
        return AlgorithmIdentifier(algorithm=oids.ECDSA_WITH_SHA256, parameters=None)

    def _bare_signature(self, message: bytes) -> bytes:
        key, hashed = self.signer.private_key, self.hashed or hashes.SHA256()
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(message, self.rsa_padding or padding.PKCS1v15(), hashed)
        return key.sign(message, ec.ECDSA(hashed))


def _sorted(attributes: list[Attribute]) -> list[Attribute]:
    return sorted(attributes, key=asn1.encode_der)
