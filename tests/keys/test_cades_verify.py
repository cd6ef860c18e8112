"""One signer, bound to one certificate, over exactly these bytes, by an algorithm on the list."""

from collections.abc import Callable, Mapping

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from gateway.domain.codes import Code
from keys.cades import SigningKey, sign
from keys.cades_verify import verify_detached
from keys.cms import oids
from keys.cms.algorithms import PrivateKey
from keys.cms.syntax import AlgorithmIdentifier, Attribute, SigningCertificateV2, attribute, tlv
from tests.keys.conftest import Pki
from tests.keys.pki import NOW, Order, ec_key, rsa_key
from tests.keys.refusals import refused
from tests.keys.signatures import SHA1, SIGNING_CERTIFICATE_V1, Recipe, ess

CONTENT = b"<manifest/>"
Change = Callable[[list[Attribute]], list[Attribute]]


@pytest.fixture(scope="module")
def rsa_signer(pki: Pki) -> SigningKey:
    return pki.issuing.signer(key=rsa_key("signer"))


@pytest.mark.parametrize(
    "key",
    [rsa_key("signer"), ec_key(), ec_key(ec.SECP384R1()), ec_key(ec.SECP521R1())],
    ids=["rsa", "p-256", "p-384", "p-521"],
)
def test_what_we_sign_verifies_and_names_the_signer(key: PrivateKey, pki: Pki) -> None:
    signer = pki.issuing.signer(key=key)
    signature = verify_detached(CONTENT, sign(CONTENT, signer=signer, at=NOW, detached=True))
    assert signature.certificate == signer.certificate
    assert signature.others == (pki.issuing.certificate,)
    assert signature.claimed_at == NOW


def pss(digest: x509.ObjectIdentifier, mask: x509.ObjectIdentifier, salt: int) -> AlgorithmIdentifier:
    """RSASSA-PSS with its parameters, in the DER of RFC 4055."""

    def named(oid: x509.ObjectIdentifier, parameters: asn1.TLV | None = None) -> bytes:
        return asn1.encode_der(AlgorithmIdentifier(algorithm=oid, parameters=parameters))

    parts = [
        _explicit(0xA0, named(digest)),
        _explicit(0xA1, named(oids.MGF1, tlv(named(mask)))),
        _explicit(0xA2, asn1.encode_der(salt)),
    ]
    return AlgorithmIdentifier(algorithm=oids.RSASSA_PSS, parameters=tlv(_explicit(0x30, b"".join(parts))))


def _explicit(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + asn1.encode_der(content)[1:]


@pytest.mark.parametrize("salt", [32, 64])
def test_pss_with_one_digest_throughout_is_taken(salt: int, rsa_signer: SigningKey) -> None:
    recipe = Recipe(content=CONTENT, signer=rsa_signer, algorithm=pss(oids.SHA256, oids.SHA256, salt))
    signature = recipe.but(rsa_padding=padding.PSS(padding.MGF1(hashes.SHA256()), salt)).sign()
    assert verify_detached(CONTENT, signature).certificate == rsa_signer.certificate


@pytest.mark.parametrize(
    "algorithm",
    [
        pss(SHA1, SHA1, 20),
        pss(oids.SHA256, SHA1, 32),
        pss(oids.SHA512, oids.SHA256, 32),
        pss(oids.SHA256, oids.SHA256, 20),
        pss(oids.SHA256, oids.SHA256, -1),
        AlgorithmIdentifier(algorithm=oids.RSASSA_PSS, parameters=None),
        AlgorithmIdentifier(algorithm=oids.RSASSA_PSS, parameters=tlv(b"\x30\x00")),
        AlgorithmIdentifier(algorithm=oids.RSASSA_PSS, parameters=tlv(b"\x04\x01x")),
        AlgorithmIdentifier(algorithm=oids.SHA512_WITH_RSA, parameters=asn1.Null()),
        AlgorithmIdentifier(algorithm=oids.ECDSA_WITH_SHA256, parameters=None),
        AlgorithmIdentifier(algorithm=x509.ObjectIdentifier("1.2.840.113549.1.1.5"), parameters=asn1.Null()),
    ],
)
def test_another_rsa_signature_algorithm_is_refused(algorithm: AlgorithmIdentifier, rsa_signer: SigningKey) -> None:
    with refused(Code.SIGNATURE_ALGORITHM):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=rsa_signer, algorithm=algorithm).sign())


def test_sha256_with_rsa_is_another_name_for_what_rsa_encryption_means(rsa_signer: SigningKey) -> None:
    algorithm = AlgorithmIdentifier(algorithm=oids.SHA256_WITH_RSA, parameters=asn1.Null())
    verify_detached(CONTENT, Recipe(content=CONTENT, signer=rsa_signer, algorithm=algorithm).sign())


@pytest.mark.parametrize("digest", [SHA1, x509.ObjectIdentifier("1.2.840.113549.2.5")], ids=["SHA-1", "MD5"])
def test_another_digest_is_refused(digest: x509.ObjectIdentifier, pki: Pki) -> None:
    with refused(Code.SIGNATURE_ALGORITHM):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer, digest=digest).sign())


def test_a_digest_other_than_the_signatures_is_refused(pki: Pki) -> None:
    with refused(Code.SIGNATURE_ALGORITHM):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer, digest=oids.SHA384).sign())


def unchecked(pki: Pki, key: PrivateKey) -> SigningKey:
    """A signing key that our own signer would not take."""
    signer = object.__new__(SigningKey)
    object.__setattr__(signer, "private_key", key)
    object.__setattr__(signer, "certificate", pki.issuing.issue(Order(name="Weak"), key))
    object.__setattr__(signer, "chain", (pki.issuing.certificate,))
    return signer


@pytest.mark.parametrize(
    "key", [rsa_key("short", 1024), ec_key(ec.SECP256K1()), ec_key(ec.BrainpoolP256R1())], ids=["rsa", "k1", "brain"]
)
def test_a_weak_or_unusual_key_is_refused(key: PrivateKey, pki: Pki) -> None:
    with refused(Code.SIGNATURE_ALGORITHM):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=unchecked(pki, key)).sign())


def without(kind: x509.ObjectIdentifier) -> Change:
    return lambda attributes: [found for found in attributes if found.attr_type != kind]


def instead(kind: x509.ObjectIdentifier, *values: object) -> Change:
    replacement = Attribute(attr_type=kind, attr_values=asn1.SetOf([tlv(asn1.encode_der(value)) for value in values]))
    return lambda attributes: [*without(kind)(attributes), replacement]


def added(kind: x509.ObjectIdentifier, value: object) -> Change:
    return lambda attributes: [*attributes, attribute(kind, value)]


CHANGES: Mapping[str, Callable[[Pki], Change]] = {
    "no content type": lambda _: without(oids.CONTENT_TYPE),
    "no message digest": lambda _: without(oids.MESSAGE_DIGEST),
    "no signing time": lambda _: without(oids.SIGNING_TIME),
    "no signing certificate": lambda _: without(oids.SIGNING_CERTIFICATE_V2),
    "no attributes": lambda _: lambda _: [],
    "version 1 alone": lambda _: lambda a: without(oids.SIGNING_CERTIFICATE_V2)(added(SIGNING_CERTIFICATE_V1, b"")(a)),
    "another content type": lambda _: instead(oids.CONTENT_TYPE, oids.SIGNED_DATA),
    "two content types": lambda _: added(oids.CONTENT_TYPE, oids.DATA),
    "two message digests": lambda _: added(oids.MESSAGE_DIGEST, b"x" * 32),
    "a message digest of two values": lambda _: instead(oids.MESSAGE_DIGEST, b"x" * 32, b"y" * 32),
    "a message digest of no value": lambda _: instead(oids.MESSAGE_DIGEST),
    "a message digest of another kind": lambda _: instead(oids.MESSAGE_DIGEST, oids.DATA),
    "two signing times": lambda _: added(oids.SIGNING_TIME, asn1.UTCTime(NOW)),
    "two signing certificates": lambda p: added(oids.SIGNING_CERTIFICATE_V2, ess(p.signer.certificate)),
    "a signing time of another kind": lambda _: instead(oids.SIGNING_TIME, b"now"),
    "the digest of another certificate": lambda p: instead(oids.SIGNING_CERTIFICATE_V2, ess(p.issuing.certificate)),
    "no certificate named": lambda _: instead(
        oids.SIGNING_CERTIFICATE_V2, SigningCertificateV2(certs=[], policies=None)
    ),
    "an unknown attribute twice": lambda _: lambda a: added(SHA1, b"1")(added(SHA1, b"2")(a)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_signed_attributes_that_are_not_right_are_refused(what: str, pki: Pki) -> None:
    with refused(Code.SIGNATURE_ATTRIBUTES):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer, change=CHANGES[what](pki)).sign())


def test_a_signature_without_signed_attributes_is_refused(pki: Pki) -> None:
    with refused(Code.SIGNATURE_ATTRIBUTES):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer, attributes=False).sign())


def test_a_signing_certificate_by_sha_1_is_refused(pki: Pki) -> None:
    weak = ess(pki.signer.certificate, SHA1, pki.signer.certificate.fingerprint(hashes.SHA1()))
    change = instead(oids.SIGNING_CERTIFICATE_V2, weak)
    with refused(Code.SIGNATURE_ALGORITHM):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer, change=change).sign())


@pytest.mark.parametrize(
    "change",
    [
        added(x509.ObjectIdentifier("1.2.3.4"), b"another"),
        instead(oids.SIGNING_TIME, asn1.GeneralizedTime(NOW)),
        instead(oids.SIGNING_TIME, asn1.UTCTime(NOW)),
    ],
)
def test_what_the_standard_allows_is_taken(change: Change, pki: Pki) -> None:
    verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer, change=change).sign())


def test_a_signer_named_by_its_key_identifier_is_found(pki: Pki) -> None:
    signature = Recipe(content=CONTENT, signer=pki.signer, by_key_identifier=True).sign()
    assert verify_detached(CONTENT, signature).certificate == pki.signer.certificate


def test_certificates_may_stand_in_any_order(pki: Pki) -> None:
    certificates = [pki.root.certificate, pki.issuing.certificate, pki.signer.certificate]
    for order in (certificates, certificates[::-1]):
        taken = verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer, certificates=order).sign())
        assert taken.certificate == pki.signer.certificate


def test_another_certificate_for_the_same_key_and_name_does_not_take_its_place(pki: Pki) -> None:
    serial = pki.signer.certificate.serial_number
    twin = pki.issuing.issue(Order(name="Signer", serial=serial, uses=("key_cert_sign",)), pki.signer.private_key)
    both = Recipe(content=CONTENT, signer=pki.signer, certificates=[twin, pki.signer.certificate])
    assert verify_detached(CONTENT, both.sign()).certificate == pki.signer.certificate
    with refused(Code.SIGNATURE_ATTRIBUTES):
        verify_detached(CONTENT, both.but(certificates=[twin]).sign())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signers": 0}, Code.SIGNATURE_NO_SIGNER),
        ({"signers": 2}, Code.SIGNATURE_SEVERAL_SIGNERS),
        ({"certificates": []}, Code.SIGNATURE_NO_SIGNER),
        ({"opaque": True, "content": b"other"}, Code.SIGNATURE_INVALID),
        ({"content_type": oids.DATA}, Code.SIGNATURE_UNREADABLE),
        ({"hashed": hashes.SHA512()}, Code.SIGNATURE_INVALID),
        ({"content": b"<manifest />"}, Code.SIGNATURE_INVALID),
    ],
    ids=[
        "no signer",
        "two signers",
        "no certificate",
        "another content inside",
        "another type",
        "wrong figures",
        "other content",
    ],
)
def test_another_form_is_refused(changes: dict[str, object], code: Code, pki: Pki) -> None:
    with refused(code):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer).but(**changes).sign())


def test_the_same_content_inside_changes_nothing(pki: Pki) -> None:
    verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer, opaque=True).sign())


def test_the_signature_of_another_key_is_invalid(pki: Pki) -> None:
    stolen = unchecked(pki, ec_key())
    object.__setattr__(stolen, "certificate", pki.signer.certificate)
    with refused(Code.SIGNATURE_INVALID):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=stolen).sign())


def test_more_certificates_than_any_chain_needs_are_refused(pki: Pki) -> None:
    many = [pki.signer.certificate, *(pki.issuing.issue(Order(name="X"), pki.signer.private_key) for _ in range(16))]
    with refused(Code.SIGNATURE_UNREADABLE):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer, certificates=many).sign())


def test_bytes_after_the_signature_are_refused(pki: Pki) -> None:
    with refused(Code.SIGNATURE_UNREADABLE):
        verify_detached(CONTENT, Recipe(content=CONTENT, signer=pki.signer).sign() + b"\0")
