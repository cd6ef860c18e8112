"""Rotation of the gateway's own authorities: each signature is checked by who pinned any of them, old or new."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from gateway.domain.codes import Code
from gateway.domain.own_keys import AUTHORITIES, OwnKeyName
from gateway.domain.problem import SetupWrong
from keys import own_files
from keys.cades import SigningKey, sign
from keys.live import LiveOwnKeys
from keys.mail_authority import CA_VALIDITY
from keys.own import create_own_keys
from keys.trust import valid_chain
from tests.keys.pki import DAY, NOW, Authority, pem
from tests.keys.recipients import openssl

SIGNERS = {
    OwnKeyName.MAIL_CA: (OwnKeyName.MAIL_SIGNING,),
    OwnKeyName.GATEWAY_CA: (OwnKeyName.PACKAGE_ACCEPTANCE, OwnKeyName.EVIDENCE_SIGNING),
}
CASES = [(authority, name) for authority, names in SIGNERS.items() for name in names]
LAST = NOW + CA_VALIDITY - 2 * DAY
"""The day before the first authority ends."""


@dataclass
class Keys:
    """A key directory and what a process on it sees."""

    folder: Path
    live: LiveOwnKeys

    def signer(self, name: OwnKeyName) -> SigningKey:
        keys = self.live.current()
        return {
            OwnKeyName.MAIL_SIGNING: keys.mail_signing,
            OwnKeyName.PACKAGE_ACCEPTANCE: keys.package_acceptance,
            OwnKeyName.EVIDENCE_SIGNING: keys.evidence_signing,
        }[name]

    def pinned(self, authority: OwnKeyName) -> list[Path]:
        """What others were given, generation by generation."""
        return own_files.generations(self.folder, authority)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    create_own_keys(tmp_path / "keys", organization="Tribunal", sender="registry@tribunal.test", at=NOW - DAY)
    return Keys(tmp_path / "keys", LiveOwnKeys(tmp_path / "keys", None, organization="Another name since"))


def roots(path: Path) -> list[x509.Certificate]:
    return own_files.read_certificates(path)


@pytest.mark.parametrize("authority", sorted(AUTHORITIES))
def test_a_new_authority_changes_nothing_until_a_key_below_it_is_rotated(authority: OwnKeyName, keys: Keys) -> None:
    before = {name: keys.signer(name).certificate for name in SIGNERS[authority]}
    rotation = keys.live.rotate(authority, at=NOW)
    first, second = (roots(path)[0] for path in keys.pinned(authority))
    assert (rotation.name, rotation.replaced != rotation.fingerprint) == (authority, True)
    assert {name: keys.signer(name).certificate for name in SIGNERS[authority]} == before
    assert (second.subject, second.public_key() != first.public_key()) == (first.subject, True)
    assert roots(keys.pinned(authority)[1]) == [second, first], "what is given to others holds both"
    for name in SIGNERS[authority]:
        keys.live.rotate(name, at=NOW)
        keys.signer(name).certificate.verify_directly_issued_by(second)


@pytest.mark.parametrize(("authority", "name"), CASES)
def test_every_generation_is_checked_by_who_pinned_any(authority: OwnKeyName, name: OwnKeyName, keys: Keys) -> None:
    """Three generations, so that two links follow one another; each pin of one root against each signer."""
    signers = [keys.signer(name)]
    for _ in range(2):
        keys.live.rotate(authority, at=NOW)
        keys.live.rotate(name, at=NOW)
        signers.append(keys.signer(name))
    pins = [roots(path) for path in keys.pinned(authority)]
    assert [len(signer.chain) for signer in signers] == [0, 1, 2]
    for number, pinned in enumerate(pins):
        for signer in signers:
            anchors = [root for root in pinned if valid_chain(signer.certificate, signer.chain, root, NOW)]
            assert anchors, f"generation {number}"
        assert signers[-1].certificate not in pinned
        alone = valid_chain(signers[-1].certificate, [], pins[0][0], NOW)
        assert alone is None, "the links are what leads there"


@pytest.mark.real
@pytest.mark.parametrize(("authority", "name"), CASES)
def test_openssl_takes_every_generation_under_every_pin(
    authority: OwnKeyName, name: OwnKeyName, keys: Keys, tmp_path: Path
) -> None:
    signed = []
    for number in range(3):
        if number:
            keys.live.rotate(authority, at=NOW)
            keys.live.rotate(name, at=NOW)
        signed.append(tmp_path / f"{number}.p7s")
        signed[-1].write_bytes(sign(b"content", signer=keys.signer(name), at=NOW, detached=False))
    at = ["-attime", str(int(NOW.timestamp()))]
    for pinned in keys.pinned(authority):
        for one in signed:
            verify: list[str | Path] = [
                "cms",
                "-verify",
                "-cades",
                "-inform",
                "DER",
                "-in",
                one,
                "-CAfile",
                pinned,
                *at,
            ]
            assert openssl(*verify, "-purpose", "any").strip() == b"content", (pinned.name, one.name)
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(pem(Authority.root().certificate))
    with pytest.raises(AssertionError, match="unable to get local issuer"):
        openssl("cms", "-verify", "-inform", "DER", "-in", signed[-1], "-CAfile", stranger, *at, "-purpose", "any")


def test_near_the_end_of_the_old_authority_new_keys_last_again(keys: Keys) -> None:
    keys.live.rotate(OwnKeyName.MAIL_SIGNING, at=LAST)
    short = keys.signer(OwnKeyName.MAIL_SIGNING).certificate.not_valid_after_utc
    keys.live.rotate(OwnKeyName.MAIL_CA, at=LAST)
    keys.live.rotate(OwnKeyName.MAIL_SIGNING, at=LAST)
    long = keys.signer(OwnKeyName.MAIL_SIGNING).certificate.not_valid_after_utc
    assert short <= LAST + DAY
    assert long > LAST + 1000 * DAY


def test_an_authority_that_has_ended_issues_nothing_and_is_replaced_without_a_link(keys: Keys) -> None:
    late = LAST + 2 * DAY
    with pytest.raises(SetupWrong) as caught:
        keys.live.rotate(OwnKeyName.MAIL_SIGNING, at=late)
    assert (caught.value.code, caught.value.where) == (Code.KEY_EXPIRED, "mail-ca")
    keys.live.rotate(OwnKeyName.MAIL_CA, at=late)
    keys.live.rotate(OwnKeyName.MAIL_SIGNING, at=late)
    assert keys.signer(OwnKeyName.MAIL_SIGNING).chain == ()
    assert len(roots(keys.pinned(OwnKeyName.MAIL_CA)[1])) == 2


def test_a_rotation_that_was_cut_off_is_passed_over(keys: Keys) -> None:
    before = keys.live.current().mail_ca
    for ending in ("key", "link"):
        (keys.folder / f"mail-ca-000002.{ending}").write_bytes((keys.folder / "mail-ca.key").read_bytes())
        (keys.folder / f"mail-ca-000002.{ending}").chmod(0o600)
    assert keys.live.current().mail_ca == before
    keys.live.rotate(OwnKeyName.MAIL_CA, at=NOW)
    assert [path.name for path in keys.pinned(OwnKeyName.MAIL_CA)] == ["mail-ca.pem", "mail-ca-000003.pem"]


@pytest.mark.parametrize("key", ["missing", "of another"])
@pytest.mark.parametrize("name", [OwnKeyName.MAIL_CA, OwnKeyName.MAIL_SIGNING])
def test_where_a_registry_has_an_authority_elsewhere_nothing_is_issued_in_its_name(
    key: str, name: OwnKeyName, keys: Keys
) -> None:
    (keys.folder / "mail-ca.pem").write_bytes(pem(Authority.root().certificate))
    if key == "missing":
        (keys.folder / "mail-ca.key").unlink()
    with pytest.raises(SetupWrong) as caught:
        keys.live.rotate(name, at=NOW)
    assert caught.value.code is (Code.KEY_MISSING if key == "missing" else Code.KEY_MISMATCH)
    assert not list(keys.folder.glob("mail-*-000002*"))
