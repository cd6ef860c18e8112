"""S/MIME whole: signed, then encrypted, for one pinned key; OpenSSL reads it, and nothing altered is ever taken."""

import base64
import datetime as dt
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.parties import ContentEncryption, KeyTransport, Protection, RecipientChannel
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.reasons import Reason
from gateway.ports.channels import MessageProtector
from keys import cades, enveloped
from keys.cades import SigningKey
from keys.cms.algorithms import PrivateKey
from keys.cms.enveloped_syntax import EnvelopedContentInfo
from keys.smime import SmimeProtector
from keys.smime_reader import open_message
from tests.keys.pki import NOW, Authority, Order, ec_key, key_pem, pem, rsa_key
from tests.keys.recipients import WAYS, TestRecipient, authority, der_of, openssl, recipient

ENTITY = (
    b'Content-Type: multipart/mixed; boundary="b"; hp="cipher"\r\nSubject: A decision\r\n\r\n--b\r\n'
    b"Content-Type: text/plain\r\n\r\nWords.\r\n--b\r\nContent-Type: application/pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(os.urandom(40_000)).replace(b"\n", b"\r\n")
) + b"--b--\r\n"

REGISTRY = Authority.root()
SIGNER = REGISTRY.signer()


@pytest.fixture
def protector() -> MessageProtector:
    return SmimeProtector(lambda: SIGNER)


def protected(reader: TestRecipient, transport: KeyTransport = KeyTransport.AUTO) -> bytes:
    return der_of(SmimeProtector(lambda: SIGNER).protect(ENTITY, address=reader.address(transport), at=NOW))


@pytest.mark.real
@pytest.mark.parametrize(
    "signer_key",
    [lambda: rsa_key("registry"), ec_key, lambda: ec_key(ec.SECP384R1())],
    ids=["by RSA", "by P-256", "by P-384"],
)
@pytest.mark.parametrize(("kind", "transport"), WAYS)
def test_openssl_decrypts_and_verifies_the_very_bytes(
    kind: str, transport: KeyTransport, signer_key: Callable[[], PrivateKey], tmp_path: Path
) -> None:
    reader, signer = recipient(kind), REGISTRY.signer(key=signer_key())
    der = der_of(SmimeProtector(lambda: signer).protect(ENTITY, address=reader.address(transport), at=NOW))
    part = openssl("cms", "-decrypt", "-inform", "DER", *reader.write(tmp_path), content=der)
    (tmp_path / "ca.pem").write_bytes(pem(REGISTRY.certificate))
    at = str(int(NOW.timestamp()))
    verify = ["cms", "-verify", "-cades", "-binary", "-inform", "SMIME", "-purpose", "smimesign", "-attime", at]
    assert openssl(*verify, "-CAfile", tmp_path / "ca.pem", content=part) == ENTITY


@pytest.mark.parametrize(("kind", "transport"), WAYS)
def test_the_reader_gets_the_very_bytes_and_the_signer(kind: str, transport: KeyTransport) -> None:
    reader = recipient(kind)
    opened = open_message(protected(reader, transport), key=reader.key, certificate=reader.certificate)
    assert opened.entity == ENTITY
    assert opened.signer_certificate_der == SIGNER.certificate.public_bytes(Encoding.DER)


def test_what_travels_shows_neither_the_content_nor_who_signed() -> None:
    der = protected(recipient())
    assert b"decision" not in der
    assert SIGNER.certificate.public_bytes(Encoding.DER)[-64:] not in der


def test_the_inner_part_is_mail_with_crlf_and_short_lines() -> None:
    reader = recipient()
    part = enveloped.decrypt(protected(reader), key=reader.key, certificate=reader.certificate)
    header, _, body = part.partition(b"\r\n\r\n")
    assert header.startswith(b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n")
    assert part.count(b"\n") == part.count(b"\r\n")
    assert max(len(line) for line in body.split(b"\r\n")) == 76


@pytest.mark.real
@pytest.mark.parametrize("detached", [False, True])
def test_what_others_signed_with_openssl_is_read_in_der_and_ber(detached: bool, tmp_path: Path) -> None:
    reader, signer = recipient(), REGISTRY.signer()
    (tmp_path / "signer.pem").write_bytes(pem(signer.certificate))
    (tmp_path / "signer.key").write_bytes(key_pem(signer.private_key))
    for streamed in ([], ["-stream"]):
        command: list[str | Path] = ["cms", "-sign", "-cades", "-binary", "-outform", "DER", *streamed]
        command += ["-signer", tmp_path / "signer.pem", "-inkey", tmp_path / "signer.key"]
        der = openssl(*command, *([] if detached else ["-nodetach"]), content=ENTITY)
        part = encrypted_part(reader, part_with(der))
        if detached and not streamed:  # with -stream OpenSSL puts the content in all the same
            with pytest.raises(InputRefused) as caught:
                open_message(part, key=reader.key, certificate=reader.certificate)
            assert caught.value.code is Code.SIGNATURE_MISSING
        else:
            assert open_message(part, key=reader.key, certificate=reader.certificate).entity == ENTITY


@pytest.mark.parametrize(
    ("encryption", "named"), [(ContentEncryption.CBC, "enveloped-data"), (ContentEncryption.GCM, "authEnveloped-data")]
)
def test_the_message_says_which_kind_it_is(encryption: ContentEncryption, named: str) -> None:
    reader = recipient()
    address = reader.address(KeyTransport.AUTO, encryption)
    protected = SmimeProtector(lambda: SIGNER).protect(ENTITY, address=address, at=NOW)
    assert protected.mime.startswith(b"Content-Type: application/pkcs7-mime; smime-type=" + named.encode() + b"; name=")
    opened = open_message(der_of(protected), key=reader.key, certificate=reader.certificate)
    assert opened.entity == ENTITY


# --- nothing altered is ever taken ---


def test_a_flipped_bit_anywhere_never_gives_out_content() -> None:
    reader = recipient()
    entity = b"Content-Type: text/plain\r\n\r\nx"
    small = der_of(SmimeProtector(lambda: SIGNER).protect(entity, address=reader.address(), at=NOW))
    for position in range(0, len(small), 3):
        altered = bytearray(small)
        altered[position] ^= 1 << (position % 8)
        try:
            opened = open_message(bytes(altered), key=reader.key, certificate=reader.certificate)
        except InputRefused:
            continue
        # Some bits lie outside all that is protected, such as a version number: then the content is the very same.
        assert opened.entity == entity, position


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_message_is_refused(kept: float) -> None:
    reader = recipient()
    der = protected(reader)
    with pytest.raises(InputRefused):
        open_message(der[: int(len(der) * kept)], key=reader.key, certificate=reader.certificate)


def test_cutting_encrypted_blocks_is_noticed_by_the_signature_at_the_latest() -> None:
    reader = recipient()
    message = asn1.decode_der(EnvelopedContentInfo, protected(reader))
    encrypted = message.content.encrypted_content_info
    assert encrypted.encrypted_content is not None
    whole = encrypted.encrypted_content
    for blocks in range(1, 40):
        encrypted.encrypted_content = whole[: -16 * blocks]
        with pytest.raises(InputRefused):
            open_message(asn1.encode_der(message), key=reader.key, certificate=reader.certificate)


def encrypted_part(reader: TestRecipient, part: bytes) -> bytes:
    return enveloped.encrypt(part, certificate=reader.certificate, key_transport=KeyTransport.AUTO)


def part_with(signed: bytes, kind: str = "signed-data") -> bytes:
    header = f"Content-Type: application/pkcs7-mime; smime-type={kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return header.encode() + base64.encodebytes(signed)


def signed(*, detached: bool = False) -> bytes:
    return cades.sign(ENTITY, signer=SIGNER, at=NOW, detached=detached)


def with_other_content() -> bytes:
    altered = signed().replace(b"Words.", b"Swords")
    assert altered != signed()
    return altered


STRIPPED: dict[str, tuple[Callable[[], bytes], Code]] = {
    "only the entity": (lambda: ENTITY, Code.SIGNATURE_MISSING),
    "nothing": (lambda: b"", Code.SIGNATURE_MISSING),
    "text in the place of the signature": (
        lambda: b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nhello",
        Code.SIGNATURE_UNREADABLE,
    ),
    "a signature without the content": (lambda: part_with(signed(detached=True)), Code.SIGNATURE_MISSING),
    "another kind of message": (lambda: part_with(signed(), kind="certs-only"), Code.SIGNATURE_MISSING),
    "another content under the signature": (lambda: part_with(with_other_content()), Code.SIGNATURE_INVALID),
    "several parts": (
        lambda: b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
        Code.SIGNATURE_MISSING,
    ),
}


@pytest.mark.parametrize("name", STRIPPED)
def test_without_a_signature_that_holds_nothing_is_opened(name: str) -> None:
    make, code = STRIPPED[name]
    reader = recipient()
    with pytest.raises(InputRefused) as caught:
        open_message(encrypted_part(reader, make()), key=reader.key, certificate=reader.certificate)
    assert caught.value.code is code


def test_a_message_for_another_reader_stays_closed() -> None:
    other_key = ec_key()
    other = authority().issue(Order(name="Other", uses=("key_agreement",)), other_key)
    with pytest.raises(InputRefused) as caught:
        open_message(protected(recipient()), key=other_key, certificate=other)
    assert caught.value.code is Code.MESSAGE_NOT_FOR_KEY


# --- what is checked before anything is encrypted ---


def ordered(order: Order, key: ec.EllipticCurvePrivateKey | None = None) -> RecipientChannel:
    key = key or ec_key()
    return TestRecipient(key=key, certificate=authority().issue(order, key)).address()


AGREEMENT = Order(name="Recipient", uses=("key_agreement",))

REFUSED: dict[str, tuple[Callable[[], RecipientChannel], Reason]] = {
    "no protection": (lambda: replace(recipient().address(), protection=None), Reason.KEY_GONE),
    "OpenPGP": (lambda: replace(recipient().address(), protection=Protection.OPENPGP), Reason.KEY_GONE),
    "no certificate": (lambda: replace(recipient().address(), certificate=None), Reason.KEY_GONE),
    "no certificate at all in it": (lambda: replace(recipient().address(), certificate=b"x"), Reason.KEY_UNREADABLE),
    "empty certificate": (lambda: replace(recipient().address(), certificate=b""), Reason.KEY_UNREADABLE),
    "expired": (lambda: ordered(replace(AGREEMENT, not_after=NOW - dt.timedelta(days=1))), Reason.KEY_EXPIRED),
    "not yet valid": (
        lambda: ordered(replace(AGREEMENT, not_before=NOW + dt.timedelta(days=1))),
        Reason.KEY_NOT_YET_VALID,
    ),
    "wrong use": (lambda: ordered(replace(AGREEMENT, uses=("digital_signature",))), Reason.KEY_WRONG_USE),
    "weak": (lambda: ordered(AGREEMENT, ec_key(ec.SECP224R1())), Reason.KEY_WEAK),
}


@pytest.mark.parametrize("name", REFUSED)
def test_check_says_why_a_key_is_refused(name: str, protector: MessageProtector) -> None:
    make, reason = REFUSED[name]
    assert protector.check(make(), NOW) == Refused(reason=reason)


@pytest.mark.parametrize("name", REFUSED)
def test_protect_never_encrypts_to_what_check_refuses(name: str, protector: MessageProtector) -> None:
    make, reason = REFUSED[name]
    with pytest.raises(InputRefused) as caught:
        protector.protect(ENTITY, address=make(), at=NOW)
    assert caught.value.code.value == ("key.missing" if reason is Reason.KEY_GONE else reason.value)


@pytest.mark.parametrize(("kind", "transport"), WAYS)
def test_check_finds_nothing_in_a_good_key(kind: str, transport: KeyTransport, protector: MessageProtector) -> None:
    assert protector.check(recipient(kind).address(transport), NOW) is None


def test_a_key_that_was_good_yesterday_is_checked_at_the_moment_of_sending(protector: MessageProtector) -> None:
    address = recipient().address()
    assert protector.check(address, NOW) is None
    assert protector.check(address, NOW + dt.timedelta(days=400)) == Refused(reason=Reason.KEY_EXPIRED)
    assert protector.check(address, NOW) is None


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (Order(name="Signer", not_after=NOW - dt.timedelta(days=1)), Code.KEY_EXPIRED),
        (Order(name="Signer", not_before=NOW + dt.timedelta(days=1)), Code.KEY_NOT_YET_VALID),
    ],
)
def test_our_own_certificate_out_of_its_time_is_our_fault_and_stops_the_mail(order: Order, code: Code) -> None:
    signer: SigningKey = REGISTRY.signer(order)
    with pytest.raises(SetupWrong) as caught:
        SmimeProtector(lambda: signer).protect(ENTITY, address=recipient().address(), at=NOW)
    assert caught.value.code is code
