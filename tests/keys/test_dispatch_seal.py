"""The seal of packages that officers make: one like any other, pinned under the gateway's CA, and rotated."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.trust import TrustedAnchor
from keys.asice import AsicVerifier
from keys.asice_container import PackageLimits
from keys.certificates import fingerprint
from keys.dispatch_seal import AsicSealer
from keys.live import LiveOwnKeys
from keys.mail_authority import SIGNING_VALIDITY
from keys.own import create_own_keys, load_own_keys
from keys.revocation import RevocationPolicy, RevocationRules
from tests.keys.pki import DAY, NOW

DOCUMENTS = {"documents/01.pdf": b"%PDF-1.7 order"}
VERIFIER = AsicVerifier(PackageLimits(), RevocationRules())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_own_keys(tmp_path / "keys", organization="Tribunal", sender="registry@tribunal.test", at=NOW - DAY)
    return tmp_path / "keys"


@pytest.fixture
def own(folder: Path) -> LiveOwnKeys:
    return LiveOwnKeys(folder, None, organization="Tribunal")


def pinned(own: LiveOwnKeys, signer: str) -> TrustedAnchor:
    authority = own.current().gateway_ca
    return TrustedAnchor(
        certificate=authority.public_bytes(Encoding.DER),
        fingerprint=fingerprint(authority),
        divisions=frozenset({Division.ID}),
        signer=signer,
    )


def test_what_is_sealed_is_taken_under_the_pinned_seal_and_no_other_key_of_ours_stands_in(own: LiveOwnKeys) -> None:
    sealer = AsicSealer(own.current)
    seal, authorities = sealer.signer()
    raw = sealer.seal(b"{}", DOCUMENTS, NOW)
    taken = VERIFIER.verify(raw, anchors=[pinned(own, seal)], at=NOW)
    assert (taken.signer.fingerprint, taken.signer.divisions) == (seal, frozenset({Division.ID}))
    assert taken.members == {"decision.json": b"{}", **DOCUMENTS}
    assert taken.signer.anchor in authorities
    other = fingerprint(own.current().package_acceptance.certificate)
    with pytest.raises(InputRefused) as caught:
        VERIFIER.verify(raw, anchors=[pinned(own, other)], at=NOW)
    assert caught.value.code is Code.SIGNER_UNKNOWN


def test_a_rotated_seal_is_used_at_once_and_trusted_anew(own: LiveOwnKeys) -> None:
    sealer = AsicSealer(own.current)
    before, _ = sealer.signer()
    rotation = own.rotate(OwnKeyName.DISPATCH_SEAL, at=NOW)
    assert (rotation.replaced, sealer.signer()[0]) == (before, rotation.fingerprint)
    raw = sealer.seal(b"{}", DOCUMENTS, NOW)
    with pytest.raises(InputRefused):
        VERIFIER.verify(raw, anchors=[pinned(own, before)], at=NOW)
    VERIFIER.verify(raw, anchors=[pinned(own, rotation.fingerprint)], at=NOW)


def test_keys_of_a_release_that_had_no_seal_load_and_are_completed(folder: Path) -> None:
    for name in ("dispatch-seal.key", "dispatch-seal.pem"):
        (folder / name).unlink()
    without = load_own_keys(folder)
    assert without.dispatch_seal is None
    assert OwnKeyName.DISPATCH_SEAL not in without.certificates
    with pytest.raises(SetupWrong) as caught:
        AsicSealer(lambda: without).seal(b"{}", DOCUMENTS, NOW)
    assert (caught.value.code, caught.value.where) == (Code.KEY_MISSING, "dispatch-seal")
    create_own_keys(folder, organization="Tribunal", sender="registry@tribunal.test", at=NOW)
    assert load_own_keys(folder).dispatch_seal is not None


def test_where_every_revocation_must_be_known_the_seal_is_refused(own: LiveOwnKeys) -> None:
    sealer = AsicSealer(own.current)
    strict = AsicVerifier(PackageLimits(), RevocationRules(policy=RevocationPolicy.REQUIRED))
    with pytest.raises(InputRefused) as caught:
        strict.verify(sealer.seal(b"{}", DOCUMENTS, NOW), anchors=[pinned(own, sealer.signer()[0])], at=NOW)
    assert caught.value.code is Code.SIGNER_REVOCATION_UNKNOWN


def test_a_seal_that_ended_seals_nothing(own: LiveOwnKeys) -> None:
    with pytest.raises(SetupWrong) as caught:
        AsicSealer(own.current).seal(b"{}", DOCUMENTS, NOW + SIGNING_VALIDITY)
    assert (caught.value.code, caught.value.where) == (Code.KEY_EXPIRED, "dispatch-seal")
