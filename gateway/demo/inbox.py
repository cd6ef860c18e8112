"""The recipients' side: opens each message with the recipient's own key and compares it with what the gateway kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import cast

import pypdfium2
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gateway.demo.mail_server import Received
from gateway.demo.pki import Identity
from gateway.domain.digest import sha256
from gateway.domain.problem import InputRefused
from keys.smime_reader import open_message


class Check(StrEnum):
    """What is asked of a message that came."""

    CAME = "came"
    """Exactly one message of that reference came, under TLS, for the recipient's address and nobody else."""
    KEPT = "kept"
    """It is byte for byte what the gateway keeps as sent."""
    NEUTRAL = "neutral"
    """Outside the encryption it tells of no person and no file."""
    OPENS = "opens"
    """It opens with the recipient's key, and the signature inside holds."""
    SIGNED = "signed"
    """The signer's certificate is of the gateway's mail CA, which recipients pin."""
    SAME = "same"
    """The documents are those that were rendered, byte for byte."""


class CheckFailed(Exception):  # noqa: N818
    """A check did not hold."""

    def __init__(self, check: Check) -> None:
        self.check = check
        super().__init__(check.value)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the gateway says it sent: the pinned address, the message's digest, the documents' digests in order."""

    reference: str
    address: str
    sent: str
    documents: Sequence[str]
    never_outside: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class OpenedDocument:
    """A document as the recipient holds it."""

    name: str
    content: bytes
    pages: int


def open_as_recipient(
    messages: Sequence[Received], expected: Expected, reader: Identity, mail_ca: x509.Certificate
) -> Sequence[OpenedDocument]:
    """The documents of one message, when every check held. Raises CheckFailed."""
    message = _the_message(messages, expected)
    if sha256(message.content) != expected.sent:
        raise CheckFailed(Check.KEPT)
    outside = message_from_bytes(message.content, policy=policy.SMTP)
    if any(word.casefold() in message.content.decode("latin-1").casefold() for word in expected.never_outside):
        raise CheckFailed(Check.NEUTRAL)
    entity = _opened(outside, reader, mail_ca)
    documents = _documents(entity)
    if [sha256(one.content) for one in documents] != list(expected.documents):
        raise CheckFailed(Check.SAME)
    return documents


def _the_message(messages: Sequence[Received], expected: Expected) -> Received:
    found = [one for one in messages if f"Message-ID: {expected.reference}".encode() in one.content]
    if len(found) != 1 or found[0].recipients != (expected.address,) or not found[0].protected:
        raise CheckFailed(Check.CAME)
    return found[0]


def _opened(outside: EmailMessage, reader: Identity, mail_ca: x509.Certificate) -> bytes:
    enveloped = outside.get_payload(decode=True)
    if not isinstance(enveloped, bytes):
        raise CheckFailed(Check.OPENS)
    try:
        opened = open_message(enveloped, key=reader.key, certificate=reader.certificate)
    except InputRefused:
        raise CheckFailed(Check.OPENS) from None
    try:
        x509.load_der_x509_certificate(opened.signer_certificate_der).verify_directly_issued_by(mail_ca)
    except (ValueError, TypeError, InvalidSignature):
        raise CheckFailed(Check.SIGNED) from None
    return opened.entity


def _documents(entity: bytes) -> Sequence[OpenedDocument]:
    inside = message_from_bytes(entity, policy=policy.SMTP)
    return [_document(part) for part in inside.iter_attachments()]


def _document(part: EmailMessage) -> OpenedDocument:
    content = cast(bytes, part.get_payload(decode=True))
    return OpenedDocument(name=str(part.get_filename()), content=content, pages=pages_of(content))


def pages_of(content: bytes) -> int:
    """Of a PDF."""
    paper = pypdfium2.PdfDocument(content)
    try:
        return len(paper)
    finally:
        paper.close()


def key_name(reader: Identity) -> str:
    """'RSA 3072'; 'P-384'."""
    key = reader.certificate.public_key()
    curves: Mapping[str, str] = {"secp256r1": "P-256", "secp384r1": "P-384"}
    return curves[key.curve.name] if hasattr(key, "curve") else f"RSA {reader.key.key_size}"
