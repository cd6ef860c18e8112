"""Whatever arrives is taken or refused: nothing else ever comes out of the verifier."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.asice import AsicVerifier
from keys.asice_container import PackageLimits
from keys.asice_manifest import read_manifest
from keys.cades import sign
from keys.cades_verify import verify_detached
from keys.certificate_files import CertificateFiles
from keys.revocation import RevocationRules
from keys.trust_files import read_anchor_file, read_crl
from tests.keys.conftest import Pki, anchor_of
from tests.keys.packages import manifest_of, package
from tests.keys.pki import NOW, Authority, ca_order, pem
from tests.keys.refusals import refused
from tests.keys.signatures import Recipe
from tests.mutation import dice, mutated, times

VERIFIER = AsicVerifier(PackageLimits(), RevocationRules())
MUTATIONS = times(3000)
_NOBODY = anchor_of(Authority.root(ca_order("Nobody")))

pytestmark = pytest.mark.filterwarnings("ignore")  # hostile certificates make cryptography warn


def test_a_mutated_package_is_taken_as_it_was_or_refused(pki: Pki) -> None:
    raw = package(pki.signer)
    original = VERIFIER.verify(raw, anchors=[pki.anchor()], at=NOW)
    chance, refusals = dice(1), 0
    for _ in range(MUTATIONS):
        try:
            taken = VERIFIER.verify(mutated(raw, chance), anchors=[pki.anchor()], at=NOW)
        except InputRefused:
            refusals += 1
        else:
            assert (taken.members, taken.signer) == (original.members, original.signer)
    assert refusals > MUTATIONS * 0.9


@pytest.mark.parametrize("seed", range(3))
def test_a_mutated_signature_verifies_as_it_was_or_is_refused(seed: int, pki: Pki) -> None:
    content = manifest_of()
    raw = sign(content, signer=pki.signer, at=NOW, detached=True)
    chance, refusals = dice(seed), 0
    for _ in range(MUTATIONS // 3):
        try:
            taken = verify_detached(content, mutated(raw, chance))
        except InputRefused:
            refusals += 1
        else:
            assert taken.certificate == pki.signer.certificate
    assert refusals > MUTATIONS / 3 * 0.5


def test_a_mutated_signature_inside_a_package_is_taken_or_refused(pki: Pki) -> None:
    """Past the container: its checksums are right, so that every mutation reaches the signature and the chain."""
    raw = sign(manifest_of(), signer=pki.signer, at=NOW, detached=True)
    chance = dice(7)
    for _ in range(MUTATIONS // 3):
        try:
            VERIFIER.verify(package(pki.signer, signature=mutated(raw, chance)), anchors=[pki.anchor()], at=NOW)
        except InputRefused:
            continue


def test_a_strangers_certificates_are_refused_whatever_is_in_them(pki: Pki) -> None:
    """The signature is right, so that each mutated certificate that can be loaded reaches the chain."""
    chance, reached = dice(5), 0
    issuer = pki.issuing.certificate.public_bytes(Encoding.DER)
    for _ in range(MUTATIONS):
        try:
            strange = x509.load_der_x509_certificate(mutated(issuer, chance))
        except (ValueError, x509.InvalidVersion):
            continue
        reached += 1
        signature = Recipe(content=manifest_of(), signer=pki.signer, certificates=[pki.signer.certificate, strange])
        with pytest.raises(InputRefused):
            VERIFIER.verify(package(pki.signer, signature=signature.sign()), anchors=[_NOBODY], at=NOW)
    assert reached > MUTATIONS / 50


def test_a_mutated_manifest_is_read_or_refused(pki: Pki) -> None:
    chance = dice(2)
    for _ in range(MUTATIONS):
        try:
            read_manifest(mutated(manifest_of(), chance))
        except InputRefused:
            continue


@pytest.mark.parametrize("version", [0, 2, 9])
def test_a_list_or_a_certificate_of_a_version_that_there_is_not_is_refused(pki: Pki, version: int) -> None:
    """The library raises something of its own kind for it, which `make fuzz` found."""
    crl, certificate = pki.issuing.crl(pki.signer.certificate), pki.signer.certificate.public_bytes(Encoding.DER)
    with refused(Code.KEY_CRL_INVALID):
        read_crl(crl.replace(b"\x02\x01\x01", bytes([2, 1, version]), 1))
    with refused(Code.KEY_UNREADABLE):
        CertificateFiles().to_der(certificate.replace(b"\xa0\x03\x02\x01\x02", bytes([0xA0, 3, 2, 1, 4 + version]), 1))


def test_mutated_trust_files_are_read_or_refused(pki: Pki) -> None:
    chance = dice(3)
    anchors, crl = pem(pki.root.certificate, pki.issuing.certificate), pki.issuing.crl(pki.signer.certificate)
    for _ in range(MUTATIONS // 3):
        for read, raw in ((read_anchor_file, anchors), (read_crl, crl)):
            try:
                read(mutated(raw, chance))
            except InputRefused:
                continue


def test_deep_nesting_is_refused() -> None:
    prefix = bytes.fromhex("308006092a864886f70d010702a080")  # SignedData without a length
    for depth in (50, 5000, 200_000):
        for bomb in (b"\x30\x80" * depth, b"\xa0\x80" * depth + b"\0\0" * depth):
            with refused(Code.SIGNATURE_UNREADABLE):
                verify_detached(b"", prefix + bomb)
