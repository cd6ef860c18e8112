"""From documents to a recipient's mailbox with nothing faked: real S/MIME, real STARTTLS, real Postfix, and OpenSSL
as the recipient's reader."""

import asyncio
import email
import hashlib
import os
from collections.abc import Generator
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import Misconfigured, Refused
from gateway.domain.parties import RecipientChannel
from gateway.domain.reasons import Reason
from gateway.ports.channels import MessageProtector, Prepared
from keys.smime import SmimeProtector
from tests.channels import samples
from tests.channels.protector import StandInProtector
from tests.keys import pki
from tests.keys.recipients import TestRecipient, openssl, recipient
from tests.real import certificates
from tests.real.postfix import SERVER_NAME, Postfix, running_postfix

pytestmark = pytest.mark.real

SENDER = "registry@gw.test"


@pytest.fixture(scope="module")
def postfix() -> Generator[Postfix]:
    """One Postfix for all of this module."""
    with running_postfix() as running:
        yield running


def _send(postfix: Postfix, protector: MessageProtector, address: RecipientChannel, *documents: bytes) -> AttemptResult:
    async def send() -> AttemptResult:
        channel = samples.channel(
            protector,
            postfix.folder,
            port=postfix.port,
            tls="starttls",
            ca=postfix.ca.name,
            server_name=SERVER_NAME,
            sender=SENDER,
        )
        consignment = samples.consignment(
            *(samples.document(content, f"{samples.FILE} RPD reasons {n}.pdf") for n, content in enumerate(documents)),
            address=address,
            reference=channel.mint_reference(),
        )
        prepared = channel.prepare(consignment)
        assert isinstance(prepared, Prepared)
        try:
            return await channel.send(prepared)
        finally:
            await channel.close()

    return asyncio.run(send())


def _arrived(postfix: Postfix, line: str) -> bytes:
    """The one message that holds that line."""
    for count in range(1, 50):
        found = [raw for raw in postfix.wait_for(count) if f"\n{line}\n".encode() in raw]
        if found:
            return found[0]
    raise AssertionError("it did not come")


def _opened(raw: bytes, reader: TestRecipient, signer: pki.Authority, folder: Path) -> EmailMessage:
    """What a recipient reads with OpenSSL alone: decrypted, then verified against the authority they pinned."""
    (folder / "message.eml").write_bytes(raw)
    (folder / "pinned.pem").write_bytes(pki.pem(signer.certificate))
    signed, entity = folder / "signed.eml", folder / "entity.eml"
    openssl("cms", "-decrypt", "-in", folder / "message.eml", *reader.write(folder), "-out", signed)
    at = ("-attime", str(int(samples.AT.timestamp())))
    openssl("cms", "-verify", "-cades", "-in", signed, "-CAfile", folder / "pinned.pem", *at, "-out", entity)
    read = email.message_from_bytes(entity.read_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


@pytest.mark.parametrize("kind", ["p-256", "rsa-3072"])
def test_each_document_arrives_digest_for_digest_and_nothing_shows_on_the_way(
    postfix: Postfix, tmp_path: Path, kind: str
) -> None:
    authority, reader = pki.Authority.root(), recipient(kind)
    signer = authority.signer()
    address = replace(reader.address(), address=f"hearings+{kind}@gw.test")
    documents = [b"%PDF-1.7 " + os.urandom(200_000), b"%PDF-1.7 small", f"%PDF {samples.PERSON}".encode() * 40]

    result = _send(postfix, SmimeProtector(lambda: signer), address, *documents)
    assert isinstance(result, HandedOver)
    assert result.dsn_asked
    assert result.words.startswith("250 2.0.0 Ok: queued as")

    raw = _arrived(postfix, f"Delivered-To: hearings+{kind}@gw.test")
    for canary in (samples.PERSON, samples.FILE, samples.OUTCOME, "Décision", "reasons"):
        for trace in samples.traces(canary):
            assert trace not in raw.replace(b"\n", b"")
        assert canary not in postfix.log

    message = _opened(raw, reader, authority, tmp_path)
    assert message["Subject"] == f"Décision {samples.FILE} — {samples.PERSON}"
    assert "Subject: [...]" in message.get_all("HP-Outer", [])
    text, *attached = message.iter_parts()
    assert f"{samples.PERSON}: {samples.OUTCOME}." in text.get_content()
    received = [hashlib.sha256(each.get_content()).hexdigest() for each in attached]
    assert received == [hashlib.sha256(content).hexdigest() for content in documents]


def test_a_success_report_returns_with_the_reference_and_the_recipient(postfix: Postfix) -> None:
    address = RecipientChannel(type="encrypted-email", address="dsn+a=b@gw.test")
    assert isinstance(_send(postfix, StandInProtector(), address), HandedOver)
    sent = email.message_from_bytes(_arrived(postfix, "Delivered-To: dsn+a=b@gw.test"), policy=policy.default)
    report = email.message_from_bytes(
        _arrived(postfix, "Original-Recipient: rfc822;dsn+a=b@gw.test"), policy=policy.default
    )
    status = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status")
    per_message, per_recipient = (block for block in status.walk() if block is not status)
    token, number = per_message["Original-Envelope-Id"].split(".")
    assert (f"<{token}@gw.test>", number) == (sent["Message-ID"], "1")
    assert per_recipient["Original-Recipient"] == "rfc822;dsn+a=b@gw.test"
    assert per_recipient["Action"] == "delivered"


def test_a_recipient_whom_the_real_server_does_not_know_is_refused(postfix: Postfix) -> None:
    address = RecipientChannel(type="encrypted-email", address="nobody@nowhere.test")
    refused = _send(postfix, StandInProtector(), address)
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.SMTP_REFUSED
    assert "5.1.2" in refused.words


def test_a_real_server_under_another_authority_gets_nothing(postfix: Postfix, tmp_path: Path) -> None:
    other = tmp_path / "ca.pem"
    other.write_bytes(certificates.Authority.root().own.pem)
    address = RecipientChannel(type="encrypted-email", address="unpinned@gw.test")
    result = _send(replace(postfix, folder=tmp_path, ca=other), StandInProtector(), address)
    assert isinstance(result, Misconfigured)
    assert result.reason is Reason.SMTP_TLS
    assert "unpinned" not in postfix.log
