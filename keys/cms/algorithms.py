"""The digests and signatures that are made and taken, and how CMS names them (RFC 5754, RFC 5753, RFC 4055)."""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ObjectIdentifier

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cms import oids
from keys.cms.syntax import AlgorithmIdentifier

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
"""The private keys that sign."""

LEAST_RSA_BITS = 2048
"""The shortest RSA key that is taken."""

DIGESTS: Mapping[ObjectIdentifier, hashes.HashAlgorithm] = {
    oids.SHA256: hashes.SHA256(),
    oids.SHA384: hashes.SHA384(),
    oids.SHA512: hashes.SHA512(),
}
"""The digests that are taken and made; anything else is refused."""


@dataclass(frozen=True, kw_only=True)
class SignatureScheme:
    """A digest and a signature as a signer of ours uses them."""

    digest: hashes.HashAlgorithm
    digest_algorithm: ObjectIdentifier
    signature_algorithm: ObjectIdentifier
    signature_parameters: asn1.Null | None

    def digest_identifier(self) -> AlgorithmIdentifier:
        """The parameters of a digest are left out (RFC 5754 §2)."""
        return AlgorithmIdentifier(algorithm=self.digest_algorithm, parameters=None)

    def signature_identifier(self) -> AlgorithmIdentifier:
        """NULL for RSA, absent for ECDSA (RFC 5754 §3)."""
        return AlgorithmIdentifier(algorithm=self.signature_algorithm, parameters=self.signature_parameters)


_RSA = SignatureScheme(
    digest=hashes.SHA256(),
    digest_algorithm=oids.SHA256,
    signature_algorithm=oids.RSA_ENCRYPTION,
    signature_parameters=asn1.Null(),
)
_ECDSA: Mapping[str, SignatureScheme] = {
    curve: SignatureScheme(
        digest=DIGESTS[digest], digest_algorithm=digest, signature_algorithm=signature, signature_parameters=None
    )
    for curve, digest, signature in (
        ("secp256r1", oids.SHA256, oids.ECDSA_WITH_SHA256),
        ("secp384r1", oids.SHA384, oids.ECDSA_WITH_SHA384),
        ("secp521r1", oids.SHA512, oids.ECDSA_WITH_SHA512),
    )
}


CURVES = frozenset(_ECDSA)
"""The curves that are taken, as cryptography names them."""


def scheme_for(key: PrivateKey) -> SignatureScheme:
    """RSA with SHA-256 (PKCS #1 v1.5), or ECDSA with the digest as wide as its curve.

    Raises InputRefused (key.weak): an RSA key below 2048 bits, or a curve other than P-256, P-384 and P-521.
    """
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < LEAST_RSA_BITS:
            raise InputRefused(Code.KEY_WEAK, bits=key.key_size)
        return _RSA
    if key.curve.name not in _ECDSA:
        raise InputRefused(Code.KEY_WEAK, curve=key.curve.name)
    return _ECDSA[key.curve.name]


def sign_with(key: PrivateKey, scheme: SignatureScheme, message: bytes) -> bytes:
    """The bare signature over `message`."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), scheme.digest)
    return key.sign(message, ec.ECDSA(scheme.digest))
