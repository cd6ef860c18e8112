"""Encryption to one recipient: OpenSSL opens what we make, we open what OpenSSL makes, and nobody else does either."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509 import Certificate, ObjectIdentifier

from gateway.domain.codes import Code
from gateway.domain.parties import KeyTransport
from gateway.domain.problem import InputRefused
from keys.cms.enveloped_syntax import (
    EnvelopedContentInfo,
    KeyAgreeRecipientInfo,
    OriginatorPublicKey,
)
from keys.cms.syntax import tlv
from keys.enveloped import decrypt, encrypt
from tests.keys.pki import Order, ec_key, rsa_key
from tests.keys.recipients import WAYS, TestRecipient, authority, openssl, recipient

CONTENT = os.urandom(70_001)
KEYOPTS = {
    KeyTransport.OAEP: ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"],
    KeyTransport.PKCS1V15: [],
}
DIGESTS = {"p-256": "sha256", "p-384": "sha384", "p-521": "sha512"}


def made_by_openssl(reader: TestRecipient, folder: Path, content: bytes, *keyopts: str) -> bytes:
    (folder / "content").write_bytes(content)
    certificate = reader.write(folder)[1]
    options = [word for keyopt in keyopts for word in ("-keyopt", keyopt)]
    command: list[str | Path] = ["cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", "-in", folder / "content"]
    return openssl(*command, "-recip", certificate, *options)


@pytest.mark.real
@pytest.mark.parametrize(("kind", "transport"), WAYS)
def test_openssl_decrypts_what_we_encrypt(kind: str, transport: KeyTransport, tmp_path: Path) -> None:
    reader = recipient(kind)
    der = encrypt(CONTENT, certificate=reader.certificate, key_transport=transport)
    assert openssl("cms", "-decrypt", "-binary", "-inform", "DER", *reader.write(tmp_path), content=der) == CONTENT


@pytest.mark.real
@pytest.mark.parametrize("transport", KEYOPTS)
@pytest.mark.parametrize("kind", ["rsa-2048", "rsa-3072"])
def test_we_decrypt_what_openssl_encrypts_to_rsa(kind: str, transport: KeyTransport, tmp_path: Path) -> None:
    reader = recipient(kind)
    der = made_by_openssl(reader, tmp_path, CONTENT, *KEYOPTS[transport])
    assert decrypt(der, key=reader.key, certificate=reader.certificate) == CONTENT


@pytest.mark.real
@pytest.mark.parametrize("kind", DIGESTS)
def test_we_decrypt_what_openssl_encrypts_to_ec(kind: str, tmp_path: Path) -> None:
    reader = recipient(kind)
    der = made_by_openssl(reader, tmp_path, CONTENT, f"ecdh_kdf_md:{DIGESTS[kind]}")
    assert decrypt(der, key=reader.key, certificate=reader.certificate) == CONTENT


@pytest.mark.real
@pytest.mark.parametrize(
    ("kind", "keyopts"),
    [
        ("rsa-2048", ["rsa_padding_mode:oaep"]),
        ("rsa-2048", ["rsa_padding_mode:oaep", "rsa_oaep_md:sha512"]),
        ("p-256", []),
    ],
    ids=["OAEP with SHA-1", "OAEP with SHA-512", "ECDH with SHA-1"],
)
def test_other_algorithms_are_unreadable(kind: str, keyopts: list[str], tmp_path: Path) -> None:
    reader = recipient(kind)
    der = made_by_openssl(reader, tmp_path, CONTENT, *keyopts)
    assert refusal(der, reader) is Code.MESSAGE_UNREADABLE


def refusal(der: bytes, reader: TestRecipient) -> Code:
    with pytest.raises(InputRefused) as caught:
        decrypt(der, key=reader.key, certificate=reader.certificate)
    return caught.value.code


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 4096])
def test_content_of_any_size_comes_back(size: int) -> None:
    reader, content = recipient(), os.urandom(size)
    der = encrypt(content, certificate=reader.certificate, key_transport=KeyTransport.AUTO)
    assert decrypt(der, key=reader.key, certificate=reader.certificate) == content


@pytest.mark.parametrize(("kind", "transport"), WAYS)
def test_each_message_has_its_own_keys(kind: str, transport: KeyTransport) -> None:
    certificate = recipient(kind).certificate
    one, other = (encrypt(CONTENT, certificate=certificate, key_transport=transport) for _ in range(2))
    assert one[-200:] != other[-200:]
    assert CONTENT[:64] not in one


@pytest.mark.parametrize(("kind", "transport"), WAYS)
def test_another_reader_gets_nothing(kind: str, transport: KeyTransport) -> None:
    der = encrypt(CONTENT, certificate=recipient(kind).certificate, key_transport=transport)
    use = "key_encipherment" if kind.startswith("rsa") else "key_agreement"
    other_key = rsa_key("other", 2048) if kind.startswith("rsa") else ec_key()
    other = TestRecipient(key=other_key, certificate=authority().issue(Order(name="Other", uses=(use,)), other_key))
    assert refusal(der, other) is Code.MESSAGE_NOT_FOR_KEY


@pytest.mark.parametrize(("kind", "other"), [("rsa-2048", "p-256"), ("p-256", "rsa-2048")])
def test_a_key_of_another_kind_gets_nothing(kind: str, other: str) -> None:
    one, wrong = recipient(kind), recipient(other)
    der = encrypt(CONTENT, certificate=one.certificate, key_transport=KeyTransport.AUTO)
    assert refusal(der, TestRecipient(key=wrong.key, certificate=one.certificate)) is Code.MESSAGE_NOT_FOR_KEY


@pytest.mark.parametrize("kind", ["p-256", "p-384"])
def test_the_right_certificate_with_another_key_opens_nothing(kind: str) -> None:
    one = recipient("p-256")
    der = encrypt(CONTENT, certificate=one.certificate, key_transport=KeyTransport.AUTO)
    other = recipient(kind).key
    assert refusal(der, TestRecipient(key=other, certificate=one.certificate)) is Code.MESSAGE_UNDECRYPTABLE


def changed(der: bytes, change: Callable[[EnvelopedContentInfo], None]) -> bytes:
    message = asn1.decode_der(EnvelopedContentInfo, der)
    change(message)
    return asn1.encode_der(message)


def cut_content(message: EnvelopedContentInfo) -> None:
    encrypted = message.content.encrypted_content_info
    assert encrypted.encrypted_content is not None
    encrypted.encrypted_content = encrypted.encrypted_content[:-1]


def no_content(message: EnvelopedContentInfo) -> None:
    message.content.encrypted_content_info.encrypted_content = None


def empty_content(message: EnvelopedContentInfo) -> None:
    message.content.encrypted_content_info.encrypted_content = b""


def flipped_last_block(message: EnvelopedContentInfo) -> None:
    encrypted = message.content.encrypted_content_info
    assert encrypted.encrypted_content is not None
    # The last byte of the block before is exclusive-ored onto the padding's length: 15 bytes of padding become 255.
    altered = bytearray(encrypted.encrypted_content)
    altered[-17] ^= 0xF0
    encrypted.encrypted_content = bytes(altered)


def short_iv(message: EnvelopedContentInfo) -> None:
    algorithm = message.content.encrypted_content_info.content_encryption_algorithm
    algorithm.parameters = tlv(asn1.encode_der(bytes(8)))


def other_cipher(message: EnvelopedContentInfo) -> None:
    algorithm = message.content.encrypted_content_info.content_encryption_algorithm
    algorithm.algorithm = ObjectIdentifier("1.2.840.113549.3.7")


def other_type(message: EnvelopedContentInfo) -> None:
    message.content_type = ObjectIdentifier("1.2.840.113549.1.7.2")


def two_recipients(message: EnvelopedContentInfo) -> None:
    (one,) = message.content.recipient_infos.as_list()
    message.content.recipient_infos = asn1.SetOf([one, one])


def no_recipient(message: EnvelopedContentInfo) -> None:
    message.content.recipient_infos = asn1.SetOf([])


def other_encrypted_key(message: EnvelopedContentInfo) -> None:
    (one,) = message.content.recipient_infos.as_list()
    if isinstance(one, KeyAgreeRecipientInfo):
        one.recipient_encrypted_keys[0].encrypted_key = os.urandom(40)
    else:
        one.encrypted_key = bytes(1) + os.urandom(255)


def short_encrypted_key(message: EnvelopedContentInfo) -> None:
    (one,) = message.content.recipient_infos.as_list()
    if isinstance(one, KeyAgreeRecipientInfo):
        one.recipient_encrypted_keys[0].encrypted_key = b"short"
    else:
        one.encrypted_key = b"short"


EVERY_WAY = {
    "content cut": (cut_content, Code.MESSAGE_UNDECRYPTABLE),
    "no content": (no_content, Code.MESSAGE_UNREADABLE),
    "empty content": (empty_content, Code.MESSAGE_UNDECRYPTABLE),
    "padding flipped": (flipped_last_block, Code.MESSAGE_UNDECRYPTABLE),
    "short IV": (short_iv, Code.MESSAGE_UNREADABLE),
    "another cipher": (other_cipher, Code.MESSAGE_UNREADABLE),
    "another content type": (other_type, Code.MESSAGE_UNREADABLE),
    "two recipients": (two_recipients, Code.MESSAGE_UNREADABLE),
    "no recipient": (no_recipient, Code.MESSAGE_UNREADABLE),
    "another encrypted key": (other_encrypted_key, Code.MESSAGE_UNDECRYPTABLE),
    "a short encrypted key": (short_encrypted_key, Code.MESSAGE_UNDECRYPTABLE),
}


@pytest.mark.parametrize("name", EVERY_WAY)
@pytest.mark.parametrize(
    ("kind", "transport"),
    [("rsa-2048", KeyTransport.OAEP), ("rsa-2048", KeyTransport.PKCS1V15), ("p-256", KeyTransport.AUTO)],
)
def test_an_altered_message_is_refused_by_the_same_word_whatever_failed(
    kind: str, transport: KeyTransport, name: str
) -> None:
    change, code = EVERY_WAY[name]
    reader = recipient(kind)
    # 70,001 bytes end in 15 bytes of padding: a random key gives good padding once in 256, which is tried again.
    codes = set()
    for _ in range(3):
        der = changed(encrypt(CONTENT, certificate=reader.certificate, key_transport=transport), change)
        try:
            assert decrypt(der, key=reader.key, certificate=reader.certificate) != CONTENT
        except InputRefused as problem:
            codes.add(problem.code)
    assert codes == {code}


def originator_off_the_curve(info: KeyAgreeRecipientInfo) -> None:
    assert isinstance(info.originator, OriginatorPublicKey)
    info.originator.public_key = asn1.BitString(b"\x04" + bytes(63) + b"\x01", 0)


def originator_at_infinity(info: KeyAgreeRecipientInfo) -> None:
    assert isinstance(info.originator, OriginatorPublicKey)
    info.originator.public_key = asn1.BitString(b"\x00", 0)


def originator_empty(info: KeyAgreeRecipientInfo) -> None:
    assert isinstance(info.originator, OriginatorPublicKey)
    info.originator.public_key = asn1.BitString(b"", 0)


def originator_named(info: KeyAgreeRecipientInfo) -> None:
    info.originator = b"key identifier"


def other_scheme(info: KeyAgreeRecipientInfo) -> None:
    info.key_encryption_algorithm.scheme = ObjectIdentifier("1.3.133.16.840.63.0.2")


def other_wrap(info: KeyAgreeRecipientInfo) -> None:
    info.key_encryption_algorithm.key_wrap.algorithm = ObjectIdentifier("2.16.840.1.101.3.4.1.5")


def other_digest(info: KeyAgreeRecipientInfo) -> None:
    info.key_encryption_algorithm.scheme = ObjectIdentifier("1.3.132.1.11.2")


def key_material_added(info: KeyAgreeRecipientInfo) -> None:
    info.ukm = b"material"


EC_ATTACKS = {
    "originator off the curve": (originator_off_the_curve, Code.MESSAGE_UNDECRYPTABLE),
    "originator at infinity": (originator_at_infinity, Code.MESSAGE_UNDECRYPTABLE),
    "originator empty": (originator_empty, Code.MESSAGE_UNDECRYPTABLE),
    "originator named, not given": (originator_named, Code.MESSAGE_UNREADABLE),
    "another scheme": (other_scheme, Code.MESSAGE_UNREADABLE),
    "another key wrap": (other_wrap, Code.MESSAGE_UNREADABLE),
    "another digest": (other_digest, Code.MESSAGE_UNDECRYPTABLE),
    "key material added": (key_material_added, Code.MESSAGE_UNDECRYPTABLE),
}


@pytest.mark.parametrize("name", EC_ATTACKS)
def test_an_altered_key_agreement_is_refused(name: str) -> None:
    change, code = EC_ATTACKS[name]

    def apply(message: EnvelopedContentInfo) -> None:
        (info,) = message.content.recipient_infos.as_list()
        assert isinstance(info, KeyAgreeRecipientInfo)
        change(info)

    reader = recipient()
    der = encrypt(CONTENT, certificate=reader.certificate, key_transport=KeyTransport.AUTO)
    assert refusal(changed(der, apply), reader) is code


def test_a_swapped_recipient_is_not_the_reader() -> None:
    """The message of one, with the recipient of another's message put in: neither reads it."""
    one, other = recipient("p-256"), recipient("p-256")
    mine = encrypt(CONTENT, certificate=one.certificate, key_transport=KeyTransport.AUTO)
    theirs = asn1.decode_der(
        EnvelopedContentInfo, encrypt(b"x", certificate=other.certificate, key_transport=KeyTransport.AUTO)
    )

    def swap(message: EnvelopedContentInfo) -> None:
        message.content.recipient_infos = theirs.content.recipient_infos

    assert refusal(changed(mine, swap), one) is Code.MESSAGE_NOT_FOR_KEY
    # The padding of what a wrong key decrypts happens to be good once in 256: then it is noise.
    with suppress(InputRefused):
        assert CONTENT[:16] not in decrypt(changed(mine, swap), key=other.key, certificate=other.certificate)


@pytest.mark.parametrize("junk", [b"", b"\x30", b"\x30\x00", b"not ASN.1 at all", b"\x30\x80\x00\x00"])
def test_what_is_no_message_is_unreadable(junk: bytes) -> None:
    assert refusal(junk, recipient()) is Code.MESSAGE_UNREADABLE


def test_a_message_cut_anywhere_is_unreadable() -> None:
    reader = recipient()
    der = encrypt(b"short", certificate=reader.certificate, key_transport=KeyTransport.AUTO)
    for end in range(len(der)):
        assert refusal(der[:end], reader) is Code.MESSAGE_UNREADABLE, end
    assert refusal(der + b"\x00", reader) is Code.MESSAGE_UNREADABLE


def test_a_key_that_cannot_encrypt_is_of_wrong_use() -> None:
    class SigningOnly:
        issuer, serial_number = recipient().certificate.issuer, 1

        def public_key(self) -> ed25519.Ed25519PublicKey:
            return ed25519.Ed25519PrivateKey.generate().public_key()

    certificate: Certificate = SigningOnly()  # type: ignore[assignment]
    with pytest.raises(InputRefused) as caught:
        encrypt(CONTENT, certificate=certificate, key_transport=KeyTransport.AUTO)
    assert caught.value.code is Code.KEY_WRONG_USE


def test_a_curve_outside_the_list_is_weak() -> None:
    key = ec_key(ec.SECP256K1())
    certificate = authority().issue(Order(name="Other curve", uses=("key_agreement",)), key)
    with pytest.raises(InputRefused) as caught:
        encrypt(CONTENT, certificate=certificate, key_transport=KeyTransport.AUTO)
    assert caught.value.code is Code.KEY_WEAK
