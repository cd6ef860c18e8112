"""Files that operators hand in: anchors, revocation lists and signing keys."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.domain.codes import Code
from keys.signing_key_file import load_signing_key
from keys.trust_files import read_anchor_file, read_crl
from tests.keys.conftest import Pki
from tests.keys.pki import Authority, Order, ec_key, key_pem, pem, rsa_key
from tests.keys.refusals import refused


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def test_self_signed_authorities_are_anchors_and_the_rest_intermediates(pki: Pki) -> None:
    other = Authority.root()
    anchors, intermediates = read_anchor_file(pem(pki.issuing.certificate, pki.root.certificate, other.certificate))
    assert anchors == (der(pki.root.certificate), der(other.certificate))
    assert intermediates == (der(pki.issuing.certificate),)


def test_a_file_without_a_self_signed_authority_has_no_anchor(pki: Pki) -> None:
    alone = Authority.root(Order(name="Alone"), ec_key())
    for content in (pem(pki.issuing.certificate), pem(alone.certificate)):
        with refused(Code.KEY_NO_ANCHOR):
            read_anchor_file(content)


def test_a_name_that_issues_itself_is_no_proof_of_a_self_signature() -> None:
    root, forger = Authority.root(), ec_key()
    forged = Authority(key=forger, certificate=root.certificate).issue(
        Order(name="Root", ca=True, uses=("key_cert_sign",), extended=()), ec_key()
    )
    assert forged.issuer == forged.subject
    with refused(Code.KEY_NO_ANCHOR):
        read_anchor_file(pem(forged))


@pytest.mark.parametrize(
    "content", [b"", b"not PEM", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_without_certificates_is_unreadable(content: bytes) -> None:
    with refused(Code.KEY_UNREADABLE):
        read_anchor_file(content)


def test_a_revocation_list_is_read_from_pem_and_der(pki: Pki) -> None:
    crl = pki.issuing.crl(pki.signer.certificate)
    assert read_crl(crl) == crl
    assert read_crl(x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM)) == crl


def test_what_is_not_one_revocation_list_is_invalid(pki: Pki) -> None:
    crl = pki.issuing.crl()
    one = x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM)
    for content in (b"", b"x", crl[:-1], crl + b"\0", one + one, one[:80], pem(pki.root.certificate)):
        with refused(Code.KEY_CRL_INVALID):
            read_crl(content)


@pytest.mark.parametrize("passphrase", [None, b"open sesame"])
def test_a_signing_key_is_read_with_its_chain_and_without_the_root(passphrase: bytes | None, pki: Pki) -> None:
    chain = pem(pki.root.certificate, pki.issuing.certificate, pki.signer.certificate)
    key = load_signing_key(key_pem(pki.signer.private_key, passphrase), chain, passphrase)
    assert key.certificate == pki.signer.certificate
    assert key.chain == (pki.issuing.certificate,)


def test_another_keys_certificate_is_a_mismatch(pki: Pki) -> None:
    with refused(Code.KEY_MISMATCH):
        load_signing_key(key_pem(ec_key()), pem(pki.signer.certificate), None)


def test_a_key_or_certificate_that_cannot_be_read_is_unreadable(pki: Pki) -> None:
    good, certificate = key_pem(pki.signer.private_key), pem(pki.signer.certificate)
    locked = key_pem(pki.signer.private_key, b"right")
    edwards = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for key, held, passphrase in (
        (b"", certificate, None),
        (certificate, certificate, None),
        (good, b"", None),
        (good, good, None),
        (good, certificate, b"needless"),
        (locked, certificate, None),
        (locked, certificate, b"wrong"),
        (edwards, certificate, None),
    ):
        with refused(Code.KEY_UNREADABLE):
            load_signing_key(key, held, passphrase)


def test_a_short_key_is_weak(pki: Pki) -> None:
    key = rsa_key("short", 1024)
    with refused(Code.KEY_WEAK):
        load_signing_key(key_pem(key), pem(pki.issuing.issue(Order(name="S"), key)), None)
