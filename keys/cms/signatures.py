"""Checking a bare signature under the algorithm that a SignerInfo names (RFC 5652 §5.6, RFC 5754, RFC 4056)."""

from collections.abc import Mapping
from typing import Annotated

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509 import Certificate, ObjectIdentifier

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.cms import oids
from keys.cms.algorithms import CURVES, DIGESTS, LEAST_RSA_BITS
from keys.cms.syntax import AlgorithmIdentifier

MOST_RSA_BITS = 8192
"""The longest RSA key that is taken: checking a longer one is work for nothing."""

_PKCS1V15: Mapping[ObjectIdentifier, ObjectIdentifier | None] = {
    oids.RSA_ENCRYPTION: None,
    oids.SHA256_WITH_RSA: oids.SHA256,
    oids.SHA384_WITH_RSA: oids.SHA384,
    oids.SHA512_WITH_RSA: oids.SHA512,
}
"""The digest that a name of PKCS #1 v1.5 fixes; `rsaEncryption` fixes none."""

_ECDSA: Mapping[ObjectIdentifier, ObjectIdentifier] = {
    oids.ECDSA_WITH_SHA256: oids.SHA256,
    oids.ECDSA_WITH_SHA384: oids.SHA384,
    oids.ECDSA_WITH_SHA512: oids.SHA512,
}


@asn1.sequence
class _PssParameters:
    """RSASSA-PSS-params (RFC 4055 §3.1). What is left out means SHA-1, which is refused."""

    hash_algorithm: Annotated[AlgorithmIdentifier | None, asn1.Explicit(0)]
    mask_gen_algorithm: Annotated[AlgorithmIdentifier | None, asn1.Explicit(1)]
    salt_length: Annotated[int | None, asn1.Explicit(2)]
    trailer_field: Annotated[int | None, asn1.Explicit(3)]


def digest_named(identifier: AlgorithmIdentifier) -> hashes.HashAlgorithm:
    """SHA-256, SHA-384 or SHA-512. Raises InputRefused (signature.algorithm) for anything else."""
    digest = DIGESTS.get(identifier.algorithm)
    if digest is None:
        raise _algorithm(identifier)
    return digest


def verify(
    certificate: Certificate,
    *,
    signature: bytes,
    message: bytes,
    digest: AlgorithmIdentifier,
    algorithm: AlgorithmIdentifier,
) -> None:
    """Returns when `signature` over `message` is the certificate's key's.

    Raises InputRefused: signature.algorithm for what is not on the list (RSA from 2048 bits with PKCS #1 v1.5 or PSS,
    ECDSA on P-256, P-384 and P-521, each with the digest that the signer names); signature.invalid.
    """
    hashed = digest_named(digest)
    key = _public_key(certificate)
    try:
        if isinstance(key, rsa.RSAPublicKey) and LEAST_RSA_BITS <= key.key_size <= MOST_RSA_BITS:
            key.verify(signature, message, _rsa_padding(algorithm, digest), hashed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
            if _ECDSA.get(algorithm.algorithm) != digest.algorithm:
                raise _algorithm(algorithm)
            key.verify(signature, message, ec.ECDSA(hashed))
        else:
            raise _algorithm(algorithm)
    except InvalidSignature as error:
        raise InputRefused(Code.SIGNATURE_INVALID) from error


def _public_key(certificate: Certificate) -> CertificatePublicKeyTypes:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputRefused(Code.SIGNATURE_ALGORITHM) from error


def _rsa_padding(algorithm: AlgorithmIdentifier, digest: AlgorithmIdentifier) -> padding.AsymmetricPadding:
    if algorithm.algorithm == oids.RSASSA_PSS:
        return _pss(algorithm, digest)
    if algorithm.algorithm not in _PKCS1V15:
        raise _algorithm(algorithm)
    if _PKCS1V15[algorithm.algorithm] not in (None, digest.algorithm):
        raise _algorithm(algorithm)
    return padding.PKCS1v15()


def _pss(algorithm: AlgorithmIdentifier, digest: AlgorithmIdentifier) -> padding.PSS:
    """PSS with one digest throughout and a salt at least as long as the digest (RFC 4055 §3.1 advises its length)."""
    hashed = digest_named(digest)
    try:
        parameters = _pss_parameters(algorithm)
        mask = _nested(parameters.mask_gen_algorithm)
    except ValueError as error:
        raise _algorithm(algorithm) from error
    named = parameters.hash_algorithm
    salt = parameters.salt_length or 0
    if named is None or named.algorithm != digest.algorithm or mask != digest.algorithm:
        raise _algorithm(algorithm)
    if parameters.trailer_field not in (None, 1) or not hashed.digest_size <= salt <= MOST_RSA_BITS // 8:
        raise _algorithm(algorithm)
    return padding.PSS(padding.MGF1(hashed), salt)


def _pss_parameters(algorithm: AlgorithmIdentifier) -> _PssParameters:
    if not isinstance(algorithm.parameters, asn1.TLV):
        raise ValueError("no parameters")  # noqa: TRY004  (one kind of error for all that is malformed)
    parameters: _PssParameters = algorithm.parameters.parse(_PssParameters)
    return parameters


def _nested(mask: AlgorithmIdentifier | None) -> ObjectIdentifier | None:
    """The digest inside MGF1, or None when it is left out or is not MGF1."""
    if mask is None or mask.algorithm != oids.MGF1 or not isinstance(mask.parameters, asn1.TLV):
        return None
    inner: AlgorithmIdentifier = mask.parameters.parse(AlgorithmIdentifier)
    return inner.algorithm


def _algorithm(identifier: AlgorithmIdentifier) -> InputRefused:
    return InputRefused(Code.SIGNATURE_ALGORITHM, algorithm=identifier.algorithm.dotted_string)
