"""Which certificates a message may be encrypted to: at import and again at sending."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.certificates import fingerprint
from keys.recipient_certificates import certificate_facts, check_recipient_certificate
from tests.keys.pki import DAY, NOW, Order, ca_order, ec_key, rsa_key
from tests.keys.recipients import KEYS, authority, openssl, recipient

EC_USE, RSA_USE = ("key_agreement",), ("key_encipherment",)


def issued(order: Order, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None) -> bytes:
    return authority().issue(order, key or ec_key()).public_bytes(Encoding.DER)


def good(kind: str) -> bytes:
    return recipient(kind).der


def self_signed(key: ed25519.Ed25519PrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    return builder.sign(key, None).public_bytes(Encoding.DER)


def with_last_modulus_byte(value: int) -> bytes:
    """A certificate whose RSA modulus was changed in the bytes; the exponent 65537 follows it."""
    der = bytearray(recipient("rsa-2048").der)
    der[der.index(bytes.fromhex("0203010001")) - 1] = value
    return bytes(der)


def rsa_of(bits: int) -> rsa.RSAPrivateKey:
    return rsa_key(f"weak-{bits}", bits)


def order(**changed: object) -> Order:
    wanted = Order(name="Recipient", uses=EC_USE)
    for name, value in changed.items():
        assert hasattr(wanted, name)
        setattr(wanted, name, value)
    return wanted


GOOD: dict[str, Callable[[], bytes]] = {
    **{kind: partial(good, kind) for kind in KEYS},
    "no key usage at all": lambda: issued(order(uses=None)),
    "no extended key usage": lambda: issued(order(extended=())),
    "any extended key usage": lambda: issued(order(extended=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,))),
    "several uses": lambda: issued(order(uses=("digital_signature", "key_agreement"))),
    "several extended uses": lambda: issued(
        order(extended=(ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION))
    ),
    "agreement for enciphering only": lambda: issued(order(uses=("key_agreement", "encipher_only"))),
}

REFUSED: dict[str, tuple[Callable[[], bytes], Code]] = {
    "nothing": (lambda: b"", Code.KEY_UNREADABLE),
    "no certificate": (lambda: b"-----BEGIN CERTIFICATE-----", Code.KEY_UNREADABLE),
    "PEM instead of DER": (
        lambda: recipient().certificate.public_bytes(Encoding.PEM),
        Code.KEY_UNREADABLE,
    ),
    "a cut certificate": (lambda: recipient().der[:-1], Code.KEY_UNREADABLE),
    "more after the certificate": (lambda: recipient().der + b"\x00", Code.KEY_UNREADABLE),
    "expired": (lambda: issued(order(not_after=NOW - dt.timedelta(seconds=1))), Code.KEY_EXPIRED),
    "not yet valid": (lambda: issued(order(not_before=NOW + dt.timedelta(seconds=1))), Code.KEY_NOT_YET_VALID),
    "EC key that only signs": (lambda: issued(order(uses=("digital_signature",))), Code.KEY_WRONG_USE),
    "EC key for encipherment": (lambda: issued(order(uses=RSA_USE)), Code.KEY_WRONG_USE),
    "agreement for deciphering only": (
        lambda: issued(order(uses=("key_agreement", "decipher_only"))),
        Code.KEY_WRONG_USE,
    ),
    "RSA key that only signs": (
        lambda: issued(order(uses=("digital_signature",)), rsa_of(2048)),
        Code.KEY_WRONG_USE,
    ),
    "RSA key for agreement": (lambda: issued(order(uses=EC_USE), rsa_of(2048)), Code.KEY_WRONG_USE),
    "for web servers": (lambda: issued(order(extended=(ExtendedKeyUsageOID.SERVER_AUTH,))), Code.KEY_WRONG_USE),
    "a CA": (lambda: issued(ca_order("Sub")), Code.KEY_WRONG_USE),
    "a CA that may agree on keys": (lambda: issued(order(ca=True)), Code.KEY_WRONG_USE),
    "Ed25519": (lambda: self_signed(ed25519.Ed25519PrivateKey.generate()), Code.KEY_WRONG_USE),
    "RSA with 1024 bits": (lambda: issued(order(uses=RSA_USE), rsa_of(1024)), Code.KEY_WEAK),
    "RSA with 2040 bits": (lambda: issued(order(uses=RSA_USE), rsa_of(2040)), Code.KEY_WEAK),
    "RSA with exponent 3": (
        lambda: issued(order(uses=RSA_USE), rsa.generate_private_key(public_exponent=3, key_size=2048)),
        Code.KEY_WEAK,
    ),
    "RSA with an even modulus": (lambda: with_last_modulus_byte(0x02), Code.KEY_UNREADABLE),
    "P-224": (lambda: issued(order(), ec_key(ec.SECP224R1())), Code.KEY_WEAK),
    "secp256k1": (lambda: issued(order(), ec_key(ec.SECP256K1())), Code.KEY_WEAK),
    "brainpoolP256r1": (lambda: issued(order(), ec_key(ec.BrainpoolP256R1())), Code.KEY_WEAK),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_certificate_is_taken(name: str) -> None:
    der = GOOD[name]()
    assert check_recipient_certificate(der, NOW).public_bytes(Encoding.DER) == der


@pytest.mark.parametrize("name", REFUSED)
def test_a_certificate_that_does_not_serve_is_refused(name: str) -> None:
    make, code = REFUSED[name]
    with pytest.raises(InputRefused) as caught:
        check_recipient_certificate(make(), NOW)
    assert caught.value.code is code


def test_validity_is_asked_at_the_moment_that_is_given_and_includes_both_ends() -> None:
    certificate = recipient()
    first, last = certificate.certificate.not_valid_before_utc, certificate.certificate.not_valid_after_utc
    second = dt.timedelta(seconds=1)
    check_recipient_certificate(certificate.der, first)
    check_recipient_certificate(certificate.der, last)
    for moment, code in ((first - second, Code.KEY_NOT_YET_VALID), (last + second, Code.KEY_EXPIRED)):
        with pytest.raises(InputRefused) as caught:
            check_recipient_certificate(certificate.der, moment)
        assert caught.value.code is code


def test_a_repeated_extension_is_unreadable() -> None:
    """The library builds no such certificate: one extension's identifier is changed into another's in the bytes."""
    usage = x509.KeyUsage.oid
    assert usage.dotted_string == "2.5.29.15"
    doubled = issued(order()).replace(bytes.fromhex("0603551d25"), bytes.fromhex("0603551d0f"))
    for act in (lambda: check_recipient_certificate(doubled, NOW), lambda: certificate_facts(doubled)):
        with pytest.raises(InputRefused) as caught:
            act()
        assert caught.value.code is Code.KEY_UNREADABLE


@pytest.mark.real
def test_an_rsa_key_that_only_signs_by_pss_is_of_wrong_use(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    openssl("genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
    der = openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=Test", "-days", "3000", "-outform", "DER")
    with pytest.raises(InputRefused) as caught:
        check_recipient_certificate(der, dt.datetime.now(dt.UTC) + DAY)
    assert caught.value.code is Code.KEY_WRONG_USE


@pytest.mark.parametrize(
    ("kind", "key_type", "key_size"),
    [("rsa-3072", "RSA", 3072), ("p-256", "secp256r1", 256), ("p-521", "secp521r1", 521)],
)
def test_facts_are_what_stands_in_the_certificate(kind: str, key_type: str, key_size: int) -> None:
    one = recipient(kind)
    facts = certificate_facts(one.der)
    assert (facts.key_type, facts.key_size, facts.emails) == (key_type, key_size, ())
    assert facts.fingerprint == one.certificate.fingerprint(SHA256()).hex() == fingerprint(one.certificate)
    assert (facts.not_before, facts.not_after) == (NOW - 100 * DAY, NOW + 265 * DAY)


def test_facts_name_every_address_of_the_alternative_name() -> None:
    names = x509.SubjectAlternativeName(
        [x509.RFC822Name("a@example.test"), x509.DNSName("example.test"), x509.RFC822Name("b@example.test")]
    )
    facts = certificate_facts(issued(order(extensions=((names, False),))))
    assert facts.emails == ("a@example.test", "b@example.test")


def test_facts_are_shown_of_a_certificate_that_is_not_taken() -> None:
    facts = certificate_facts(self_signed(ed25519.Ed25519PrivateKey.generate()))
    assert (facts.key_type, facts.key_size) == ("other", 0)
