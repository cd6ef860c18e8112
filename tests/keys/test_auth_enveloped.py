"""AES-256-GCM (RFC 5083, RFC 5084): OpenSSL opens what we make; whatever is altered is refused before any content."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from gateway.domain.codes import Code
from gateway.domain.parties import ContentEncryption, KeyTransport
from gateway.domain.problem import InputRefused
from keys.cms.content_encryption import AES256_CBC, GcmParameters
from keys.cms.enveloped_syntax import AuthEnvelopedContentInfo
from keys.cms.syntax import Attribute, attribute, tlv
from keys.enveloped import decrypt, encrypt
from tests.keys.recipients import WAYS, TestRecipient, openssl, recipient

CONTENT = os.urandom(70_001)


def made(reader: TestRecipient, transport: KeyTransport = KeyTransport.AUTO, content: bytes = CONTENT) -> bytes:
    return encrypt(
        content, certificate=reader.certificate, key_transport=transport, content_encryption=ContentEncryption.GCM
    )


def refusal(der: bytes, reader: TestRecipient) -> Code:
    with pytest.raises(InputRefused) as caught:
        decrypt(der, key=reader.key, certificate=reader.certificate)
    return caught.value.code


@pytest.mark.real
@pytest.mark.parametrize(("kind", "transport"), WAYS)
def test_openssl_opens_what_we_make(kind: str, transport: KeyTransport, tmp_path: Path) -> None:
    reader = recipient(kind)
    command = ["cms", "-decrypt", "-binary", "-inform", "DER"]
    assert openssl(*command, *reader.write(tmp_path), content=made(reader, transport)) == CONTENT


@pytest.mark.real
@pytest.mark.parametrize("kind", ["rsa-2048", "p-256"])
def test_we_open_what_openssl_makes(kind: str, tmp_path: Path) -> None:
    reader = recipient(kind)
    (tmp_path / "content").write_bytes(CONTENT)
    certificate = reader.write(tmp_path)[1]
    command: list[str | Path] = ["cms", "-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER"]
    options = ["-keyopt", "ecdh_kdf_md:sha256"] if kind == "p-256" else []
    der = openssl(*command, "-in", tmp_path / "content", "-recip", certificate, *options)
    assert decrypt(der, key=reader.key, certificate=reader.certificate) == CONTENT


@pytest.mark.parametrize(("kind", "transport"), WAYS)
@pytest.mark.parametrize("size", [0, 1, 16, 5000])
def test_content_of_any_size_comes_back(size: int, kind: str, transport: KeyTransport) -> None:
    reader, content = recipient(kind), os.urandom(size)
    der = made(reader, transport, content)
    assert decrypt(der, key=reader.key, certificate=reader.certificate) == content


def altered(change: Callable[[AuthEnvelopedContentInfo], None], reader: TestRecipient) -> bytes:
    message = asn1.decode_der(AuthEnvelopedContentInfo, made(reader))
    change(message)
    return asn1.encode_der(message)


def flip_content(message: AuthEnvelopedContentInfo) -> None:
    encrypted = message.content.encrypted_content_info
    assert encrypted.encrypted_content is not None
    encrypted.encrypted_content = bytes([encrypted.encrypted_content[0] ^ 1]) + encrypted.encrypted_content[1:]


def cut_content(message: AuthEnvelopedContentInfo) -> None:
    encrypted = message.content.encrypted_content_info
    assert encrypted.encrypted_content is not None
    encrypted.encrypted_content = encrypted.encrypted_content[:-16]


def no_content(message: AuthEnvelopedContentInfo) -> None:
    message.content.encrypted_content_info.encrypted_content = None


def flip_mac(message: AuthEnvelopedContentInfo) -> None:
    message.content.mac = bytes([message.content.mac[0] ^ 1]) + message.content.mac[1:]


def short_mac(message: AuthEnvelopedContentInfo) -> None:
    message.content.mac = message.content.mac[:4]


def parameters(**changes: object) -> Callable[[AuthEnvelopedContentInfo], None]:
    def change(message: AuthEnvelopedContentInfo) -> None:
        algorithm = message.content.encrypted_content_info.content_encryption_algorithm
        assert isinstance(algorithm.parameters, asn1.TLV)
        found = algorithm.parameters.parse(GcmParameters)
        for name, value in changes.items():
            setattr(found, name, value)
        algorithm.parameters = tlv(asn1.encode_der(found))

    return change


def as_cbc(message: AuthEnvelopedContentInfo) -> None:
    algorithm = message.content.encrypted_content_info.content_encryption_algorithm
    algorithm.algorithm, algorithm.parameters = AES256_CBC, tlv(asn1.encode_der(bytes(16)))


def no_parameters(message: AuthEnvelopedContentInfo) -> None:
    message.content.encrypted_content_info.content_encryption_algorithm.parameters = None


def other_parameters(message: AuthEnvelopedContentInfo) -> None:
    message.content.encrypted_content_info.content_encryption_algorithm.parameters = tlv(asn1.encode_der(b"x"))


def attributes_added(message: AuthEnvelopedContentInfo) -> None:
    added: list[Attribute] = [attribute(ObjectIdentifier("1.2.3"), b"x")]
    message.content.auth_attrs = asn1.SetOf(added)


def other_type(message: AuthEnvelopedContentInfo) -> None:
    message.content_type = ObjectIdentifier("1.2.840.113549.1.7.3")


def two_recipients(message: AuthEnvelopedContentInfo) -> None:
    (one,) = message.content.recipient_infos.as_list()
    message.content.recipient_infos = asn1.SetOf([one, one])


ALTERED: dict[str, tuple[Callable[[AuthEnvelopedContentInfo], None], Code]] = {
    "a flipped bit": (flip_content, Code.MESSAGE_UNDECRYPTABLE),
    "content cut": (cut_content, Code.MESSAGE_UNDECRYPTABLE),
    "no content": (no_content, Code.MESSAGE_UNREADABLE),
    "a flipped tag": (flip_mac, Code.MESSAGE_UNDECRYPTABLE),
    "a short tag": (short_mac, Code.MESSAGE_UNREADABLE),
    "a short tag that is announced": (parameters(icv_length=4), Code.MESSAGE_UNREADABLE),
    "another nonce": (parameters(nonce=bytes(12)), Code.MESSAGE_UNDECRYPTABLE),
    "a short nonce": (parameters(nonce=bytes(8)), Code.MESSAGE_UNREADABLE),
    "CBC in its place": (as_cbc, Code.MESSAGE_UNREADABLE),
    "no parameters": (no_parameters, Code.MESSAGE_UNREADABLE),
    "other parameters": (other_parameters, Code.MESSAGE_UNREADABLE),
    "attributes added": (attributes_added, Code.MESSAGE_UNREADABLE),
    "another content type": (other_type, Code.MESSAGE_UNREADABLE),
    "two recipients": (two_recipients, Code.MESSAGE_UNREADABLE),
}


@pytest.mark.parametrize("name", ALTERED)
@pytest.mark.parametrize("kind", ["rsa-2048", "p-256"])
def test_an_altered_message_gives_out_nothing(kind: str, name: str) -> None:
    change, code = ALTERED[name]
    reader = recipient(kind)
    assert refusal(altered(change, reader), reader) is code


def test_a_message_cut_anywhere_is_unreadable() -> None:
    reader = recipient()
    der = made(reader, content=b"short")
    for end in range(len(der)):
        assert refusal(der[:end], reader) is Code.MESSAGE_UNREADABLE, end


def test_another_reader_gets_nothing() -> None:
    one, other = recipient(), recipient()
    assert refusal(made(one), other) is Code.MESSAGE_NOT_FOR_KEY
