"""The gateway's own keys: made once, readable by their owner only, never overwritten."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from keys.own import add_key_encryption_key, create_own_keys, load_own_keys
from keys.sealing import StreamSealer
from tests.keys.pki import NOW, Authority, ec_key, key_pem, pem, rsa_key
from tests.keys.recipients import openssl

SENDER = "registry@tribunal.example"
PASSPHRASE = b"four words of a passphrase"


def create(
    directory: Path, passphrase: bytes | None = None, *, organization: str = "Tribunal d'essai", sender: str = SENDER
) -> None:
    create_own_keys(directory, organization=organization, sender=sender, at=NOW, passphrase=passphrase)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A key directory with keys in it."""
    create(tmp_path / "keys")
    return tmp_path / "keys"


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def kek_file(directory: Path) -> Path:
    return next(directory.glob("kek-*.key"))


def test_everything_is_made_for_the_owner_only_and_nothing_else_lies_about(directory: Path) -> None:
    names = {path.name for path in directory.iterdir()} - {kek_file(directory).name}
    certified = ("mail-ca", "mail-signing", "gateway-ca", "package-acceptance", "evidence-signing", "dispatch-seal")
    made = {f"{name}.{ending}" for name in certified for ending in ("key", "pem")}
    assert names - {"openpgp-signing.key", "openpgp-signing.asc"} == made
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}
    assert len(kek_file(directory).read_bytes()) == 32


def test_the_second_time_nothing_changes(directory: Path) -> None:
    before = contents(directory)
    create(directory, sender="other@tribunal.example")
    assert contents(directory) == before


@pytest.mark.parametrize("name", ["mail-ca.pem", "mail-signing.pem", "mail-signing.key mail-signing.pem", "kek"])
def test_a_creation_that_was_cut_off_is_completed_with_the_keys_that_are_there(name: str, directory: Path) -> None:
    for one in name.split():
        path = kek_file(directory) if one == "kek" else directory / one
        path.unlink()
    before = contents(directory)
    (directory / ".mail-ca.pem.0123456789abcdef").write_bytes(b"half a fi")
    create(directory)
    after = contents(directory)
    assert {one: after[one] for one in before} == before
    own = load_own_keys(directory)
    own.mail_signing.certificate.verify_directly_issued_by(own.mail_ca)


def test_loaded_keys_seal_and_sign(directory: Path) -> None:
    own = load_own_keys(directory)
    sealer = StreamSealer(own.keks)
    wrapped = sealer.new_key("k")
    assert sealer.open("k", wrapped, "c", sealer.seal("k", wrapped, "c", b"content")) == b"content"
    assert own.mail_signing.certificate.issuer == own.mail_ca.subject
    own.mail_signing.certificate.verify_directly_issued_by(own.mail_ca)


def test_the_signing_certificate_is_for_mail_of_the_sender_for_three_years(directory: Path) -> None:
    certificate = load_own_keys(directory).mail_signing.certificate
    extensions = certificate.extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert names.get_values_for_type(x509.RFC822Name) == [SENDER]
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.EMAIL_PROTECTION
    ]
    assert usage.digital_signature
    assert not usage.key_encipherment
    assert certificate.not_valid_before_utc < NOW
    assert certificate.not_valid_after_utc - NOW == dt.timedelta(days=1096)
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)


@pytest.mark.real
def test_openssl_takes_the_certificate_for_mail_under_the_ca_that_recipients_pin(directory: Path) -> None:
    at = str(int(NOW.timestamp()))
    verify = ["verify", "-x509_strict", "-purpose", "smimesign", "-attime", at]
    written = openssl(*verify, "-CAfile", directory / "mail-ca.pem", directory / "mail-signing.pem")
    assert written.endswith(b": OK\n")


def test_a_new_kek_comes_last_and_the_old_one_stays(directory: Path) -> None:
    (first,) = load_own_keys(directory).keks
    second_id = add_key_encryption_key(directory)
    keks = load_own_keys(directory).keks
    assert keks[0] == first
    assert [kek.id for kek in keks] == [first.id, second_id]
    assert first.id < second_id


def test_the_tenth_kek_is_newer_than_the_ninth(directory: Path) -> None:
    ids = [add_key_encryption_key(directory) for _ in range(10)]
    assert [kek.id for kek in load_own_keys(directory).keks][1:] == ids


def test_with_a_passphrase_no_secret_lies_open(tmp_path: Path) -> None:
    directory = tmp_path / "keys"
    create(directory, PASSPHRASE)
    own = load_own_keys(directory, PASSPHRASE)
    assert own.keks[0].key not in kek_file(directory).read_bytes()
    for name in ("mail-ca.key", "mail-signing.key"):
        assert (directory / name).read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    add_key_encryption_key(directory, PASSPHRASE)
    assert load_own_keys(directory, PASSPHRASE).keks[0] == own.keks[0]


@pytest.mark.parametrize(
    ("made_with", "opened_with"), [(PASSPHRASE, None), (PASSPHRASE, b"wrong"), (None, PASSPHRASE), (PASSPHRASE, b"")]
)
@pytest.mark.parametrize("plain", ["kek", "mail-signing"])
def test_a_passphrase_that_does_not_fit_is_refused(
    plain: str, made_with: bytes | None, opened_with: bytes | None, tmp_path: Path
) -> None:
    create(tmp_path / "made", made_with)
    create(tmp_path / "opened", opened_with or None)
    # The other kind of secret is taken from a directory that the passphrase opens.
    pattern = "mail-*" if plain == "kek" else "kek-*"
    for path in (tmp_path / "made").glob(pattern):
        path.unlink()
    for path in (tmp_path / "opened").glob(pattern):
        path.rename(tmp_path / "made" / path.name)
    with pytest.raises(SetupWrong) as caught:
        load_own_keys(tmp_path / "made", opened_with)
    assert caught.value.code is Code.KEY_PASSPHRASE


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644])
@pytest.mark.parametrize("name", ["kek", "mail-signing.key"])
def test_a_key_that_others_may_touch_is_refused(name: str, mode: int, directory: Path) -> None:
    path = kek_file(directory) if name == "kek" else directory / name
    path.chmod(mode)
    with pytest.raises(SetupWrong) as caught:
        load_own_keys(directory)
    assert (caught.value.code, caught.value.where) == (Code.SEAL_KEY_PERMISSIONS, str(path))


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
@pytest.mark.parametrize("act", [load_own_keys, create, add_key_encryption_key])
def test_a_directory_that_others_may_write_to_is_refused(
    act: Callable[[Path], object], mode: int, directory: Path
) -> None:
    directory.chmod(mode)
    with pytest.raises(SetupWrong) as caught:
        act(directory)
    assert caught.value.code is Code.SEAL_KEY_PERMISSIONS


@pytest.mark.parametrize("name", ["kek", "mail-signing.key", "mail-signing.pem", "mail-ca.pem"])
def test_a_missing_key_is_named(name: str, directory: Path) -> None:
    (kek_file(directory) if name == "kek" else directory / name).unlink()
    with pytest.raises(SetupWrong) as caught:
        load_own_keys(directory)
    assert caught.value.code is Code.KEY_MISSING
    assert name in str(caught.value.where)


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupWrong) as caught:
        load_own_keys(tmp_path / "nowhere")
    assert (caught.value.code, caught.value.where) == (Code.KEY_MISSING, str(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["kek", "mail-signing.key", "mail-signing.pem", "mail-ca.pem"])
def test_a_damaged_key_is_unreadable(name: str, directory: Path) -> None:
    path = kek_file(directory) if name == "kek" else directory / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SetupWrong) as caught:
        load_own_keys(directory)
    assert (caught.value.code, caught.value.where) == (Code.KEY_UNREADABLE, str(path))


def test_a_certificate_of_another_key_is_a_mismatch(directory: Path) -> None:
    (directory / "mail-signing.pem").write_bytes(pem(Authority.root().signer().certificate))
    with pytest.raises(SetupWrong) as caught:
        load_own_keys(directory)
    assert caught.value.code is Code.KEY_MISMATCH


def test_a_registry_may_put_its_own_signing_key_and_certificate_there(directory: Path) -> None:
    signer = Authority.root().signer(key=ec_key(ec.SECP384R1()))
    (directory / "mail-signing.key").write_bytes(key_pem(signer.private_key))
    (directory / "mail-signing.pem").write_bytes(pem(signer.certificate, *signer.chain))
    own = load_own_keys(directory).mail_signing
    assert (own.certificate, own.chain) == (signer.certificate, signer.chain)


def test_an_rsa_signing_key_of_a_registry_is_taken(directory: Path) -> None:
    signer = Authority.root().signer(key=rsa_key("registry"))
    (directory / "mail-signing.key").write_bytes(key_pem(signer.private_key))
    (directory / "mail-signing.pem").write_bytes(pem(signer.certificate))
    assert load_own_keys(directory).mail_signing.certificate == signer.certificate


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("organization", ""),
        ("organization", "x" * 65),
        ("sender", ""),
        ("sender", "registry"),
        ("sender", "@tribunal.example"),
        ("sender", "registry@"),
        ("sender", "registre@tribunal.québec"),
        ("sender", "a@b.example\r\nBcc: c@d.example"),
        ("sender", "a b@c.example"),
    ],
)
def test_a_name_that_no_certificate_can_hold_is_refused(setting: str, value: str, tmp_path: Path) -> None:
    names = {"organization": "Tribunal", "sender": SENDER} | {setting: value}
    with pytest.raises(SetupWrong) as caught:
        create(tmp_path / "keys", organization=names["organization"], sender=names["sender"])
    assert (caught.value.code, caught.value.where) == (Code.SETTINGS_INVALID, setting)
    create(tmp_path / "keys")
    load_own_keys(tmp_path / "keys")


def test_a_file_in_the_place_of_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    with pytest.raises(SetupWrong) as caught:
        create(tmp_path / "keys")
    assert (caught.value.code, caught.value.where) == (Code.FILE_UNREADABLE, str(tmp_path / "keys"))
