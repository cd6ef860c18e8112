"""PGP/MIME whole: signed and encrypted for one pinned key; each unusable key is named before anything is encrypted."""

import base64
import datetime as dt
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes

import pytest

from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.reasons import Reason
from gateway.ports.channels import MessageProtector
from keys.openpgp import OpenPgpProtector
from keys.openpgp_own import OwnOpenPgpKey
from keys.openpgp_reader import armored_in, open_openpgp
from keys.openpgp_room import OpenPgpRoom
from keys.protectors import JoinedProtector
from keys.smime import SmimeProtector
from tests.keys.openpgp import KINDS, NOW, PgpReader, own_key, reader
from tests.keys.pki import DAY, Authority
from tests.keys.recipients import recipient

pytestmark = pytest.mark.real

LATER = NOW + dt.timedelta(hours=3)
"""After every key of this session is made, however long the tests before took."""
ENTITY = (
    b'Content-Type: multipart/mixed; boundary="b"; hp="cipher"\r\nSubject: A decision\r\n\r\n--b\r\n'
    b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(os.urandom(40_000)).replace(b"\n", b"\r\n")
    + b"--b--\r\n"
)


@pytest.fixture(scope="module")
def protector() -> Iterator[MessageProtector]:
    room = OpenPgpRoom()
    yield OpenPgpProtector(own_key, room)
    room.close()


@pytest.fixture(scope="module")
def one() -> PgpReader:
    return reader().knows(own_key())


def opened(by: PgpReader, mime: bytes) -> bytes:
    return open_openpgp(by.gpg, armored_in(mime), signer_fingerprint=own_key().fingerprint)


@pytest.mark.parametrize("kind", KINDS)
def test_the_reader_gets_the_very_bytes_whatever_kind_their_key_is(kind: str, protector: MessageProtector) -> None:
    theirs = reader(kind).knows(own_key())
    assert protector.check(theirs.address(), LATER) is None
    assert opened(theirs, protector.protect(ENTITY, address=theirs.address(), at=LATER).mime) == ENTITY


def test_the_message_is_pgp_mime_and_shows_neither_the_content_nor_who_signed(
    protector: MessageProtector, one: PgpReader
) -> None:
    mime = protector.protect(ENTITY, address=one.address(), at=LATER).mime
    message = message_from_bytes(mime)
    assert message.get_content_type() == "multipart/encrypted"
    assert message.get_param("protocol") == "application/pgp-encrypted"
    control, encrypted = (part for part in message.walk() if not part.is_multipart())
    assert control.get_content_type() == "application/pgp-encrypted"
    assert control.get_payload() == "Version: 1\r\n"
    assert encrypted.get_content_type() == "application/octet-stream"
    assert mime.count(b"\n") == mime.count(b"\r\n")
    assert max(len(line) for line in mime.split(b"\r\n")) < 100
    for word in (b"decision", own_key().fingerprint.encode(), b"Version: GnuPG", b"Comment:"):
        assert word not in mime


def test_the_packets_are_those_that_every_reader_opens(protector: MessageProtector, one: PgpReader) -> None:
    armored = armored_in(protector.protect(ENTITY, address=one.address(), at=LATER).mime)
    listed = one.gpg.decrypt(armored, extra_args=["--list-only"])
    assert listed.returncode == 0
    found = one.gpg.decrypt(armored, extra_args=["--show-session-key"])
    assert "[GNUPG:] DECRYPTION_INFO 2 9 0" in found.stderr, "SEIPDv1 and AES-256, no AEAD packet"
    assert f"[GNUPG:] ENC_TO {one.gpg.list_keys(keys=[one.fingerprint])[0]['subkeys'][0][0]} 18" in found.stderr
    assert found.stderr.count("[GNUPG:] ENC_TO") == 1


def test_a_message_is_as_large_as_its_length_and_tells_nothing_by_compressing(
    protector: MessageProtector, one: PgpReader
) -> None:
    """A compressed message would be shorter the more its content repeats itself."""
    sizes = [
        len(protector.protect(content, address=one.address(), at=LATER).mime)
        for content in (b"a" * 40_000, base64.b64encode(os.urandom(30_000)))
    ]
    assert abs(sizes[0] - sizes[1]) < 100


# --- each unusable key is named before anything is encrypted ---


def expired() -> RecipientChannel:
    past = reader(Creation_Date="20200101T000000", until="20210101T000000")
    return past.address()


def expired_subkey() -> RecipientChannel:
    """The key itself holds on, what encrypts in it does not."""
    past = reader(Creation_Date="20200101T000000", until="20210101T000000")
    return past.address(past.edit("expire", "0", "y"))


def revoked_subkey() -> RecipientChannel:
    one = reader()
    return one.address(one.edit("key 1", "revkey", "y", "0", "", "y"))


def both_keys() -> RecipientChannel:
    one = reader()
    return one.address(one.public + reader().public)


def private_key() -> RecipientChannel:
    one = reader()
    return one.address(one.private.encode())


REFUSED: dict[str, tuple[Callable[[], RecipientChannel], Reason]] = {
    "no protection": (lambda: replace(reader().address(), protection=None), Reason.KEY_GONE),
    "S/MIME": (lambda: replace(reader().address(), protection=Protection.SMIME), Reason.KEY_GONE),
    "no key": (lambda: replace(reader().address(), public_key=None), Reason.KEY_GONE),
    "no fingerprint": (lambda: replace(reader().address(), fingerprint=None), Reason.KEY_GONE),
    "empty": (lambda: reader().address(b""), Reason.KEY_UNREADABLE),
    "noise": (lambda: reader().address(b"\x99" + random.Random(5).randbytes(200)), Reason.KEY_UNREADABLE),
    "a private key": (private_key, Reason.KEY_UNREADABLE),
    "another key than the pinned": (lambda: reader().address(reader().public), Reason.KEY_MISMATCH),
    "two keys": (both_keys, Reason.KEY_MISMATCH),
    "expired": (expired, Reason.KEY_EXPIRED),
    "expired subkey": (expired_subkey, Reason.KEY_EXPIRED),
    "revoked": (lambda: (one := reader()).address(one.revoked()), Reason.KEY_REVOKED),
    "revoked subkey": (revoked_subkey, Reason.KEY_REVOKED),
    "sign only": (lambda: reader(usage="").address(), Reason.KEY_WRONG_USE),
    "weak RSA": (lambda: reader(KINDS["rsa-2048"].replace("2048", "1024")).address(), Reason.KEY_WEAK),
    "a curve outside the list": (
        lambda: reader(KINDS["p-256"].replace("nistp256", "secp256k1")).address(),
        Reason.KEY_WEAK,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_unusable_key_is_named_and_never_encrypted_to(name: str, protector: MessageProtector) -> None:
    make, reason = REFUSED[name]
    address = make()
    assert protector.check(address, LATER) == Refused(reason=reason)
    with pytest.raises(InputRefused) as caught:
        protector.protect(ENTITY, address=address, at=LATER)
    assert caught.value.code.value == ("key.missing" if reason is Reason.KEY_GONE else reason.value)


def test_a_key_is_judged_at_the_moment_of_sending(protector: MessageProtector, one: PgpReader) -> None:
    address = one.address()
    assert protector.check(address, LATER) is None
    assert protector.check(address, LATER + 800 * DAY) == Refused(reason=Reason.KEY_EXPIRED)
    assert protector.check(address, NOW - 800 * DAY) == Refused(reason=Reason.KEY_NOT_YET_VALID)
    assert protector.check(address, LATER) is None


def test_the_fingerprint_may_be_written_in_small_letters(protector: MessageProtector, one: PgpReader) -> None:
    assert protector.check(one.address(fingerprint=one.fingerprint.lower()), LATER) is None


# --- our own key ---


@pytest.mark.parametrize(
    ("own", "code"),
    [
        (lambda: None, Code.KEY_MISSING),
        (lambda: replace(own_key(), until=NOW - DAY), Code.KEY_EXPIRED),
        (lambda: replace(own_key(), since=LATER + DAY), Code.KEY_NOT_YET_VALID),
    ],
)
def test_our_own_key_missing_or_out_of_its_time_is_our_fault(
    own: Callable[[], OwnOpenPgpKey | None], code: Code, one: PgpReader
) -> None:
    room = OpenPgpRoom()
    with pytest.raises(SetupWrong) as caught:
        OpenPgpProtector(own, room).protect(ENTITY, address=one.address(), at=LATER)
    assert (caught.value.code, caught.value.where) == (code, "openpgp-signing")
    room.close()


def test_what_is_kept_of_our_key_is_the_key(one: PgpReader) -> None:
    again = OwnOpenPgpKey.from_secret(own_key().to_secret(), "here")
    assert again == own_key()
    assert own_key().passphrase not in repr(own_key())
    assert "PRIVATE KEY" not in repr(own_key())
    for kept in (b"", b"{}", b"[]", b'{"fingerprint": 1}'):
        with pytest.raises(SetupWrong) as caught:
            OwnOpenPgpKey.from_secret(kept, "here")
        assert (caught.value.code, caught.value.where) == (Code.KEY_UNREADABLE, "here")


def test_one_path_serves_both_protections(protector: MessageProtector, one: PgpReader) -> None:
    signer = Authority.root().signer()
    smime = recipient().address()
    joined = JoinedProtector({Protection.OPENPGP: protector, Protection.SMIME: SmimeProtector(lambda: signer)})
    at = NOW
    for address, kind in ((one.address(), b"multipart/encrypted"), (smime, b"application/pkcs7-mime")):
        moment = LATER if address.protection is Protection.OPENPGP else min(at, LATER)
        assert joined.check(address, moment) is None
        assert joined.protect(ENTITY, address=address, at=moment).mime.startswith(b"Content-Type: " + kind)
    nowhere = replace(smime, protection=None)
    assert joined.check(nowhere, at) == Refused(reason=Reason.KEY_GONE)
    with pytest.raises(InputRefused) as caught:
        joined.protect(ENTITY, address=nowhere, at=at)
    assert caught.value.code is Code.KEY_MISSING
