"""The matrix: every form we send, against the real programs that recipients read with.

What a program opens must come out byte for byte, under a signature that it checked against what was pinned. What it
cannot read stands in `readers.toml` with its own words, so that a version that learns it, or one that forgets, is
noticed. What was altered no program may take for good.
"""

import base64
import datetime as dt
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.domain.parties import ContentEncryption, KeyTransport
from keys import enveloped
from keys.openpgp import OpenPgpProtector
from keys.openpgp_reader import armored_in
from keys.openpgp_room import OpenPgpRoom
from keys.smime import SmimeProtector
from tests.keys.openpgp import PgpReader, own_key, reader
from tests.keys.pki import DAY, Authority, Order, ca_order
from tests.keys.recipients import KEYS, TestRecipient, der_of
from tests.real import mail_readers
from tests.real.mail_readers import OpenPgpReader, SmimeReader, Unread

pytestmark = pytest.mark.real

TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "readers.toml").read_text(encoding="utf-8"))
OPENS = "opens"
NOW = dt.datetime.now(dt.UTC)
LATER = NOW + dt.timedelta(hours=3)
"""OpenPGP keys of this session are made after it began, however long the tests before took."""

ENTITY = (
    b'Content-Type: multipart/mixed; boundary="b"; hp="cipher"\r\nSubject: A decision\r\n\r\n--b\r\n'
    b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(os.urandom(20_000)).replace(b"\n", b"\r\n")
    + b"--b--\r\n"
)
SMIME = {
    "openssl": mail_readers.openssl,
    "gpgsm": mail_readers.gpgsm,
    "nss": mail_readers.nss,
}
COUNTS = {"openssl": 12, "gpgsm": 1, "nss": 3}
"""How many flipped bits each program is tried with: a call of gpgsm takes two seconds."""

OPENPGP = {
    "gnupg": mail_readers.gnupg,
    "sequoia": mail_readers.sequoia,
    "openpgpjs": mail_readers.openpgpjs,
}


def ordered(order: Order) -> Order:
    """Valid now: not every program can be told another time."""
    return replace(order, not_before=NOW - 30 * DAY, not_after=NOW + 300 * DAY)


@cache
def authorities() -> tuple[Authority, Authority]:
    """Theirs, and the gateway's that they pinned."""
    return Authority.root(ordered(ca_order("Theirs"))), Authority.root(ordered(ca_order("Gateway")))


@dataclass(frozen=True)
class Sent:
    """A message, the one it is for, and a form of it that was stripped of its signature."""

    recipient: TestRecipient
    message: bytes
    unsigned: bytes


@cache
def sent(key: str, key_transport: str, content_encryption: str) -> Sent:
    theirs, ours = authorities()
    private = KEYS[key]()
    use = "key_encipherment" if isinstance(private, rsa.RSAPrivateKey) else "key_agreement"
    one = TestRecipient(key=private, certificate=theirs.issue(ordered(Order(name="Reader", uses=(use,))), private))
    transport, encryption = KeyTransport(key_transport), ContentEncryption(content_encryption)
    signer = ours.signer(ordered(Order(name="Mail")))
    protected = SmimeProtector(lambda: signer).protect(ENTITY, address=one.address(transport, encryption), at=NOW)
    unsigned = enveloped.encrypt(
        ENTITY, certificate=one.certificate, key_transport=transport, content_encryption=encryption
    )
    return Sent(recipient=one, message=der_of(protected), unsigned=unsigned)


def smime_reader(one: TestRecipient, folder: Path) -> SmimeReader:
    theirs, ours = authorities()
    folder.mkdir(exist_ok=True)
    return SmimeReader(
        folder=folder,
        key=one.key,
        certificate=one.certificate,
        authority=theirs.certificate,
        pinned=ours.certificate,
    )


def form(row: dict[str, str]) -> tuple[str, str, str]:
    return row["key"], row["key_transport"], row["content_encryption"]


SMIME_CASES = [pytest.param(row, name, id="-".join((*form(row), name))) for row in TABLE["smime"] for name in SMIME]
OPENPGP_CASES = [pytest.param(row, name, id=f"{row['key']}-{name}") for row in TABLE["openpgp"] for name in OPENPGP]


@pytest.mark.parametrize(("row", "name"), SMIME_CASES)
def test_smime(row: dict[str, str], name: str, tmp_path: Path) -> None:
    case = sent(*form(row))
    if row[name] == OPENS:
        assert SMIME[name](smime_reader(case.recipient, tmp_path), case.message) == ENTITY
        return
    with pytest.raises(Unread) as said:
        SMIME[name](smime_reader(case.recipient, tmp_path), case.message)
    # What runs over its own memory ends in one way or another.
    assert any(words in str(said.value) for words in row[name].split(", or: ")), str(said.value)


@cache
def pgp_sent(key: str) -> tuple[PgpReader, bytes]:
    one, room = reader(key), OpenPgpRoom()
    mime = OpenPgpProtector(own_key, room).protect(ENTITY, address=one.address(), at=LATER).mime
    room.close()
    return one, armored_in(mime)


def pgp_reader(one: PgpReader, folder: Path) -> OpenPgpReader:
    folder.mkdir(exist_ok=True)
    room = OpenPgpRoom()
    room.ensure("own", own_key().private.encode())
    pinned: str = room.gpg.export_keys(own_key().fingerprint)
    room.close()
    return OpenPgpReader(folder=folder, private=one.private, pinned=pinned.encode(), fingerprint=own_key().fingerprint)


@pytest.mark.parametrize(("row", "name"), OPENPGP_CASES)
def test_openpgp(row: dict[str, str], name: str, tmp_path: Path) -> None:
    one, message = pgp_sent(row["key"])
    assert row[name] == OPENS
    assert OPENPGP[name](pgp_reader(one, tmp_path), message) == ENTITY


# --- what was altered no program takes for good ---


def flips(message: bytes, count: int) -> list[bytes]:
    """The message with one bit changed, at places spread over it but its very frame."""
    places = [int(len(message) * (index + 0.7) / count) for index in range(count)]
    return [message[:at] + bytes([message[at] ^ 0x10]) + message[at + 1 :] for at in places]


def altered(case: Sent, other: Sent, count: int) -> dict[str, bytes]:
    forms = {f"bit {index} flipped": one for index, one in enumerate(flips(case.message, count))}
    forms["cut"] = case.message[: int(len(case.message) * 0.97)]
    return forms | {"another's message": other.message, "the signature stripped": case.unsigned}


@pytest.mark.parametrize(
    ("row", "name"),
    [case for case in SMIME_CASES if case.values[0][str(case.values[1])] == OPENS],  # type: ignore[index]
)
def test_no_program_takes_an_altered_smime_message(row: dict[str, str], name: str, tmp_path: Path) -> None:
    case = sent(*form(row))
    other = sent("rsa-2048" if row["key"].startswith("rsa") else "p-521", "auto", row["content_encryption"])
    for index, (what, message) in enumerate(altered(case, other, COUNTS[name]).items()):
        opened = refused(SMIME[name], smime_reader(case.recipient, tmp_path / str(index)), message)
        assert opened in (None, ENTITY), what
        # A bit outside all that is protected (a version number) leaves the content as it was signed.
        assert opened is None or what.startswith("bit"), what


@pytest.mark.parametrize("name", OPENPGP)
def test_no_program_takes_an_altered_openpgp_message(name: str, tmp_path: Path) -> None:
    one, armored = pgp_sent("ed25519")
    raw = dearmored(armored)
    _, foreign = pgp_sent("p-256")
    room = OpenPgpRoom()
    room.ensure("one", one.public)
    unsigned: bytes = room.gpg.encrypt(ENTITY, [one.fingerprint], always_trust=True).data
    room.close()
    forms = {f"bit {index}": armor(flipped) for index, flipped in enumerate(flips(raw, 6))}
    forms |= {f"cut to {kept}": armor(raw[: int(len(raw) * kept)]) for kept in (0.3, 0.97)}
    forms |= {"another's message": foreign, "the signature stripped": unsigned}
    for what, message in forms.items():
        assert refused(OPENPGP[name], pgp_reader(one, tmp_path), message) is None, what


def dearmored(armored: bytes) -> bytes:
    lines = armored.splitlines()
    return base64.b64decode(b"".join(line for line in lines[lines.index(b"") + 1 :] if line[:1] not in (b"=", b"-")))


def armor(raw: bytes) -> bytes:
    """Without a checksum, which is no protection and may be left out (RFC 9580 §6.1)."""
    return b"-----BEGIN PGP MESSAGE-----\n\n" + base64.encodebytes(raw) + b"-----END PGP MESSAGE-----\n"


def refused(read: Callable[[Any, bytes], bytes], by: object, message: bytes) -> bytes | None:
    """None when the program ended with an error, else what it gave out as good."""
    try:
        return read(by, message)
    except Unread:
        return None
