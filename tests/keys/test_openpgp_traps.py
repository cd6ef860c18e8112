"""What python-gnupg and GnuPG do by themselves that must not happen here, and the guard against each.

Every test shows the trap first, so that it says when a later version no longer has it; then that we do not step in.
"""

import base64
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.reasons import Reason
from keys.openpgp import OpenPgpProtector
from keys.openpgp_own import OwnOpenPgpKey
from keys.openpgp_reader import armored_in, open_openpgp
from keys.openpgp_room import OpenPgpRoom
from tests.keys.openpgp import NOW, PgpReader, make, own_key, reader
from tests.keys.pki import DAY
from tests.keys.test_openpgp import LATER
from tests.real import need

pytestmark = pytest.mark.real

ENTITY = b"Content-Type: text/plain\r\n\r\n" + base64.encodebytes(os.urandom(60_000)).replace(b"\n", b"\r\n")


@pytest.fixture
def room() -> Iterator[OpenPgpRoom]:
    made = OpenPgpRoom()
    yield made
    made.close()


@pytest.fixture(scope="module")
def one() -> PgpReader:
    return reader().knows(own_key())


def gone(_: OpenPgpRoom) -> OwnOpenPgpKey:
    return replace(own_key(), private="")


def expired(room: OpenPgpRoom) -> OwnOpenPgpKey:
    """The key ended long ago; only our note of it says otherwise."""
    fingerprint = make(room, usage="", Creation_Date="20200101T000000", until="20210101T000000")
    return replace(own_key(), fingerprint=fingerprint, private="")


def revoked(room: OpenPgpRoom) -> OwnOpenPgpKey:
    theirs = PgpReader(room=room, fingerprint=make(room, usage=""))
    theirs.revoked()
    return replace(own_key(), fingerprint=theirs.fingerprint, private="")


@pytest.mark.parametrize("unusable", [gone, expired, revoked])
def test_nobody_else_signs_in_the_place_of_a_signer_who_cannot(
    unusable: Callable[[OpenPgpRoom], OwnOpenPgpKey], room: OpenPgpRoom, one: PgpReader
) -> None:
    other, own = make(room, usage=""), unusable(room)
    room.ensure("one", one.public)
    trapped = room.gpg.encrypt(ENTITY, [one.fingerprint], always_trust=True, sign=own.fingerprint)
    assert trapped.ok, "the trap: sign= says that all went well"
    one.gpg.import_keys(room.gpg.export_keys(other))
    assert one.gpg.decrypt(trapped.data, always_trust=True).fingerprint == other, "and somebody else has signed"
    with pytest.raises(SetupWrong) as caught:
        OpenPgpProtector(lambda: own, room).protect(ENTITY, address=one.address(), at=LATER)
    assert caught.value.code in {Code.KEY_OPENPGP_PROGRAM, Code.KEY_MISMATCH}


def test_a_key_of_the_same_address_is_never_taken_for_the_pinned_one(room: OpenPgpRoom) -> None:
    intended, foreign = reader().knows(own_key()), reader().knows(own_key())
    for name, key in (("intended", intended), ("foreign", foreign)):
        room.ensure(name, key.public)
    trapped = room.gpg.encrypt(ENTITY, ["reader@example.test"], always_trust=True)
    assert trapped.ok
    readers = [key.gpg.decrypt(trapped.data).ok for key in (intended, foreign)]
    assert sorted(readers) == [False, True], "the trap: GnuPG chose one of the two by itself"
    protector = OpenPgpProtector(own_key, room)
    for key, other in ((intended, foreign), (foreign, intended)):
        armored = armored_in(protector.protect(ENTITY, address=key.address(), at=LATER).mime)
        assert open_openpgp(key.gpg, armored, signer_fingerprint=own_key().fingerprint) == ENTITY
        with pytest.raises(InputRefused) as caught:
            open_openpgp(other.gpg, armored, signer_fingerprint=own_key().fingerprint)
        assert caught.value.code is Code.MESSAGE_UNDECRYPTABLE


def test_a_large_message_that_fails_says_no_less_than_a_small_one(room: OpenPgpRoom, one: PgpReader) -> None:
    """GnuPG ends before it has read all, and python-gnupg then raises BrokenPipeError, and what it said is lost."""
    large = os.urandom(3_000_000)
    with pytest.raises(BrokenPipeError):
        room.gpg.encrypt(large, ["00" * 20], always_trust=True)
    protector = OpenPgpProtector(lambda: gone(room), room)
    with pytest.raises(SetupWrong) as caught:
        protector.protect(large, address=one.address(), at=LATER)
    assert caught.value.code is Code.KEY_OPENPGP_PROGRAM
    with pytest.raises(InputRefused) as refused:
        open_openpgp(one.gpg, large, signer_fingerprint=own_key().fingerprint)
    assert refused.value.code is Code.MESSAGE_UNDECRYPTABLE


@pytest.mark.parametrize(
    ("make_key", "reason"),
    [
        (lambda: (one := reader()).address(one.revoked()), Reason.KEY_REVOKED),
        (lambda: reader(usage="").address(), Reason.KEY_WRONG_USE),
    ],
)
def test_a_reason_is_given_where_gnupg_gives_none(
    make_key: Callable[[], "object"], reason: Reason, room: OpenPgpRoom
) -> None:
    address = make_key()
    room.ensure("key", address.public_key)  # type: ignore[attr-defined]
    trapped = room.gpg.encrypt(b"x", [address.fingerprint], always_trust=True)  # type: ignore[attr-defined]
    assert not trapped.ok
    assert trapped.status_detail.startswith("no specific reason given")
    assert OpenPgpProtector(own_key, room).check(address, LATER) == Refused(reason=reason)  # type: ignore[arg-type]


def test_what_a_failed_call_leaves_is_not_sent(room: OpenPgpRoom, one: PgpReader) -> None:
    wrong = replace(own_key(), passphrase="wrong")
    room.ensure("one", one.public)
    room.ensure("own", own_key().private.encode())
    options = ["--sign", "--local-user", f"{own_key().fingerprint}!"]
    trapped = room.gpg.encrypt(ENTITY, [one.fingerprint], always_trust=True, passphrase="wrong", extra_args=options)
    assert (trapped.ok, bool(trapped.data)) == (False, True), "the trap: no success, and yet something to send"
    with pytest.raises(SetupWrong) as caught:
        OpenPgpProtector(lambda: wrong, room).protect(ENTITY, address=one.address(), at=LATER)
    assert caught.value.code is Code.KEY_OPENPGP_PROGRAM


def message(room: OpenPgpRoom, one: PgpReader) -> bytes:
    return armored_in(OpenPgpProtector(own_key, room).protect(ENTITY, address=one.address(), at=LATER).mime)


def code_of(one: PgpReader, armored: bytes) -> Code:
    with pytest.raises(InputRefused) as caught:
        open_openpgp(one.gpg, armored, signer_fingerprint=own_key().fingerprint)
    return caught.value.code


def flipped(armored: bytes, place: float) -> bytes:
    """A bit of the message changed, its checksum made right again: armor is no protection."""
    gpg = need.program("gpg", "gnupg")
    raw = bytearray(subprocess.run([gpg, "--dearmor"], input=armored, capture_output=True, check=True).stdout)
    raw[int(len(raw) * place)] ^= 1
    return subprocess.run([gpg, "--enarmor"], input=bytes(raw), capture_output=True, check=True).stdout.replace(
        b"ARMORED FILE", b"MESSAGE"
    )


def test_an_altered_message_is_not_read_although_its_content_came_out(room: OpenPgpRoom, one: PgpReader) -> None:
    armored = message(room, one)
    shown = []
    for place in (0.3, 0.5, 0.7, 0.9, 0.99):
        altered = flipped(armored, place)
        shown.append(one.gpg.decrypt(altered, always_trust=True))
        assert code_of(one, altered) is Code.MESSAGE_UNDECRYPTABLE
    assert all(not found.ok for found in shown)
    assert any(found.data for found in shown), "the trap: content of an altered message is given out"


def test_a_cut_message_is_not_read(room: OpenPgpRoom, one: PgpReader) -> None:
    raw = base64.b64decode(b"".join(message(room, one).splitlines()[2:-2]))
    for kept in (0.2, 0.6, 0.95, 0.999):
        assert code_of(one, raw[: int(len(raw) * kept)]) is Code.MESSAGE_UNDECRYPTABLE


def test_an_unsigned_message_is_not_read_although_gnupg_calls_it_good(room: OpenPgpRoom, one: PgpReader) -> None:
    room.ensure("one", one.public)
    unsigned = room.gpg.encrypt(ENTITY, [one.fingerprint], always_trust=True).data
    trapped = one.gpg.decrypt(unsigned)
    assert (trapped.ok, trapped.valid, trapped.data) == (True, False, ENTITY), "the trap: ok, and signed by nobody"
    assert code_of(one, unsigned) is Code.SIGNATURE_MISSING


def test_a_message_signed_by_somebody_else_is_not_read_although_it_is_valid(room: OpenPgpRoom, one: PgpReader) -> None:
    other = make(room, usage="")
    room.ensure("one", one.public)
    options = ["--sign", "--local-user", f"{other}!"]
    forged = room.gpg.encrypt(ENTITY, [one.fingerprint], always_trust=True, extra_args=options).data
    assert code_of(one, forged) is Code.SIGNER_UNKNOWN, "by a key that the reader does not have"
    one.gpg.import_keys(room.gpg.export_keys(other))
    trapped = one.gpg.decrypt(forged, always_trust=True)
    assert (trapped.ok, trapped.valid) == (True, True), "the trap: ok and valid, and not by whom it should be"
    assert code_of(one, forged) is Code.SIGNER_UNKNOWN


def test_a_second_signature_beside_ours_is_not_read(room: OpenPgpRoom, one: PgpReader) -> None:
    other = make(room, usage="")
    for name, key in (("one", one.public), ("own", own_key().private.encode())):
        room.ensure(name, key)
    options = ["--sign", "--local-user", f"{other}!", "--local-user", f"{own_key().fingerprint}!"]
    both = room.gpg.encrypt(
        ENTITY, [one.fingerprint], always_trust=True, passphrase=own_key().passphrase, extra_args=options
    )
    assert both.ok, both.stderr
    assert code_of(one, both.data) is Code.SIGNATURE_SEVERAL_SIGNERS


def test_a_signature_with_a_note_that_is_no_text_is_read(tmp_path: Path, one: PgpReader) -> None:
    """Sequoia adds a note of random bytes to what it signs: read as UTF-8, the signature would be lost."""
    sq = need.program("sq", "sq")
    key, theirs = tmp_path / "sq.pgp", tmp_path / "one.pgp"
    subprocess.run([sq, "key", "generate", "-u", "<sq@example.test>", "-e", key], check=True, capture_output=True)
    theirs.write_bytes(one.public)
    call: list[str | Path] = [sq, "encrypt", "--recipient-cert", theirs, "--signer-key", key, "--binary"]
    encrypted = subprocess.run(call, input=ENTITY, check=True, capture_output=True).stdout
    one.gpg.import_keys(key.read_bytes())
    (signer,) = [found["fingerprint"] for found in one.gpg.list_keys() if "<sq@example.test>" in found["uids"]]
    assert one.gpg.encoding == "latin-1"
    assert open_openpgp(one.gpg, encrypted, signer_fingerprint=signer) == ENTITY


def test_a_message_to_somebody_else_is_not_read(room: OpenPgpRoom, one: PgpReader) -> None:
    assert code_of(reader().knows(own_key()), message(room, one)) is Code.MESSAGE_UNDECRYPTABLE


def test_a_signature_that_was_cut_off_is_not_read(one: PgpReader) -> None:
    """What was signed, taken out of its signature and encrypted anew."""
    raw = one.gpg.encrypt(ENTITY, [one.fingerprint], always_trust=True).data
    assert code_of(one, raw) is Code.SIGNATURE_MISSING


@pytest.mark.parametrize(
    "mime",
    [
        b"",
        b"Content-Type: text/plain\r\n\r\nhello",
        b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
        b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n",
    ],
)
def test_what_is_no_pgp_mime_is_unreadable(mime: bytes) -> None:
    with pytest.raises(InputRefused) as caught:
        armored_in(mime)
    assert caught.value.code is Code.MESSAGE_UNREADABLE


def test_the_moments_used_here_lie_right() -> None:
    assert NOW - DAY < NOW < LATER
