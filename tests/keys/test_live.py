"""Rotation of the gateway's own keys: whoever runs takes the new one up, and what the old one did stands."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gateway.domain.codes import Code
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.problem import SetupWrong
from gateway.store.registry import WRAPPING_HEAD
from keys import own_files
from keys.cades import SigningKey
from keys.cades_verify import verify_over
from keys.cms.reading import read_signed_data
from keys.document_signer import CadesSigner
from keys.live import LiveOwnKeys, LiveSealer
from keys.own import OwnKeys, create_own_keys
from tests.keys.pki import DAY, NOW
from tests.real import need

PASSPHRASE = b"four words of a passphrase"
SIGNING = (OwnKeyName.MAIL_SIGNING, OwnKeyName.PACKAGE_ACCEPTANCE, OwnKeyName.EVIDENCE_SIGNING)


@pytest.fixture(params=[None, PASSPHRASE], ids=["plain", "under a passphrase"])
def passphrase(request: pytest.FixtureRequest) -> bytes | None:
    secret: bytes | None = request.param
    return secret


@pytest.fixture
def directory(tmp_path: Path, passphrase: bytes | None) -> Path:
    folder = tmp_path / "keys"
    create_own_keys(
        folder, organization="Tribunal", sender="registry@tribunal.test", at=NOW - DAY, passphrase=passphrase
    )
    return folder


@pytest.fixture
def running(directory: Path, passphrase: bytes | None) -> LiveOwnKeys:
    """A process that goes on while another rotates."""
    return LiveOwnKeys(directory, passphrase, organization="Tribunal")


def other(directory: Path, passphrase: bytes | None) -> LiveOwnKeys:
    return LiveOwnKeys(directory, passphrase, organization="Tribunal")


def signing(keys: OwnKeys, name: OwnKeyName) -> SigningKey:
    return {
        OwnKeyName.MAIL_SIGNING: keys.mail_signing,
        OwnKeyName.PACKAGE_ACCEPTANCE: keys.package_acceptance,
        OwnKeyName.EVIDENCE_SIGNING: keys.evidence_signing,
    }[name]


def signed_by(name: OwnKeyName, running: LiveOwnKeys) -> x509.Certificate:
    signer = CadesSigner(name, lambda: signing(running.current(), name))
    return verify_over(b"content", read_signed_data(signer.sign(b"content", NOW))).certificate


@pytest.mark.parametrize("name", SIGNING)
def test_a_rotated_signing_key_is_used_at_once_and_the_old_one_stays_checkable(
    name: OwnKeyName, directory: Path, passphrase: bytes | None, running: LiveOwnKeys
) -> None:
    before = signed_by(name, running)
    rotation = other(directory, passphrase).rotate(name, at=NOW)
    after = signed_by(name, running)
    assert after != before
    assert (rotation.replaced, rotation.fingerprint) == tuple(
        one.fingerprint(hashes.SHA256()).hex() for one in (before, after)
    )
    keys = running.current()
    authority = keys.mail_ca if name is OwnKeyName.MAIL_SIGNING else keys.gateway_ca
    for one in (before, after):
        one.verify_directly_issued_by(authority)
    assert [own_files.read_certificates(path)[0] for path in own_files.generations(directory, name)] == [before, after]
    untouched = [one for one in SIGNING if one is not name]
    assert all(len(own_files.generations(directory, one)) == 1 for one in untouched)


def test_a_new_mail_key_is_for_the_same_sender(directory: Path, passphrase: bytes | None) -> None:
    own = other(directory, passphrase)
    own.rotate(OwnKeyName.MAIL_SIGNING, at=NOW)
    names = own.current().mail_signing.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.RFC822Name) == ["registry@tribunal.test"]


def test_a_rotated_kek_wraps_at_once_and_the_old_one_still_opens(
    directory: Path, passphrase: bytes | None, running: LiveOwnKeys
) -> None:
    sealer, elsewhere = LiveSealer(running), LiveSealer(other(directory, passphrase))
    wrapped = sealer.new_key("k")
    sealed = sealer.seal("k", wrapped, "c", b"content")
    other(directory, passphrase).rotate(OwnKeyName.KEY_ENCRYPTION, at=NOW)
    anew = elsewhere.rewrap("k", wrapped)
    assert anew != wrapped
    for one in (wrapped, anew):
        assert sealer.open("k", one, "c", sealed) == b"content", "by who ran all the time"
        assert elsewhere.open("k", one, "c", sealed) == b"content"
    assert running.current().keks[-1].id.encode() in sealer.new_key("k2")


def test_what_is_here_is_told_by_numbers_and_names(
    directory: Path, passphrase: bytes | None, running: LiveOwnKeys
) -> None:
    first, elsewhere = LiveSealer(running).new_key("k1"), directory.with_name("elsewhere")
    shutil.copytree(directory, elsewhere)
    there = other(elsewhere, passphrase)
    assert running.generations() == there.generations()
    assert set(running.generations().values()) == {1}
    kek = other(directory, passphrase).rotate(OwnKeyName.KEY_ENCRYPTION, at=NOW).fingerprint
    other(directory, passphrase).rotate(OwnKeyName.EVIDENCE_SIGNING, at=NOW)
    second = LiveSealer(running).new_key("k2")
    rotated = {OwnKeyName.KEY_ENCRYPTION, OwnKeyName.EVIDENCE_SIGNING}
    assert {name for name, number in running.generations().items() if number == 2} == rotated
    assert (running.lacking([("k1", first), ("k2", second)]), there.lacking([("k1", first)])) == ([], [])
    assert there.lacking([("k1", first), ("k2", second)]) == [kek]
    for one in directory.iterdir():
        if not (elsewhere / one.name).exists():
            shutil.copy2(one, elsewhere)
    assert there.generations() == running.generations()
    assert there.lacking([("k2", second)]) == []


def test_the_head_of_a_wrapped_key_names_its_kek_and_ends_there(running: LiveOwnKeys) -> None:
    """What a store finds one key of each wrapping by."""
    one, two = (LiveSealer(running).new_key(key_id) for key_id in ("k1", "k2"))
    assert one[:WRAPPING_HEAD] == two[:WRAPPING_HEAD]
    assert one[:WRAPPING_HEAD].endswith(running.current().keks[-1].id.encode())


@pytest.mark.real
def test_a_rotated_openpgp_key_is_used_at_once(directory: Path, passphrase: bytes | None, running: LiveOwnKeys) -> None:
    need.program("gpg", "gnupg")
    before = running.current().openpgp
    assert before is not None
    rotation = other(directory, passphrase).rotate(OwnKeyName.OPENPGP_SIGNING, at=dt.datetime.now(dt.UTC))
    after = running.current().openpgp
    assert after is not None
    assert (rotation.replaced, rotation.fingerprint) == (before.fingerprint, after.fingerprint)
    assert len(own_files.generations(directory, OwnKeyName.OPENPGP_SIGNING, ".asc")) == 2
    for path in directory.glob("openpgp-signing*.key"):
        assert (b"PRIVATE KEY" in path.read_bytes()) == (passphrase is None)


@pytest.mark.parametrize("name", [*SIGNING, OwnKeyName.KEY_ENCRYPTION])
def test_rotations_follow_one_another_and_the_last_one_is_in_use(
    name: OwnKeyName, directory: Path, passphrase: bytes | None
) -> None:
    own = other(directory, passphrase)
    made = [own.rotate(name, at=NOW) for _ in range(4)]
    assert len({one.fingerprint for one in made}) == 4
    assert [one.replaced for one in made[1:]] == [one.fingerprint for one in made[:-1]]


def test_a_rotation_that_was_cut_off_changes_nothing_and_the_next_one_passes_it_over(
    directory: Path, passphrase: bytes | None, running: LiveOwnKeys
) -> None:
    before = running.current().mail_signing.certificate
    (directory / "mail-signing-000002.key").write_bytes((directory / "mail-signing.key").read_bytes())
    (directory / "mail-signing-000002.key").chmod(0o600)
    assert running.current().mail_signing.certificate == before
    other(directory, passphrase).rotate(OwnKeyName.MAIL_SIGNING, at=NOW)
    assert (directory / "mail-signing-000003.pem").exists()
    assert running.current().mail_signing.certificate != before


def test_new_keys_are_their_owners_alone(directory: Path, passphrase: bytes | None) -> None:
    own = other(directory, passphrase)
    for name in (*SIGNING, OwnKeyName.KEY_ENCRYPTION):
        own.rotate(name, at=NOW)
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}


def test_a_new_key_that_others_may_read_stops_whoever_runs(directory: Path, running: LiveOwnKeys) -> None:
    (directory / "mail-signing-000002.key").write_bytes((directory / "mail-signing.key").read_bytes())
    (directory / "mail-signing-000002.key").chmod(0o644)
    (directory / "mail-signing-000002.pem").write_bytes((directory / "mail-signing.pem").read_bytes())
    with pytest.raises(SetupWrong) as caught:
        running.current()
    assert caught.value.code is Code.SEAL_KEY_PERMISSIONS
