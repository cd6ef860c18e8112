"""The message inside and outside: what it says, that it is read back unchanged, and that nothing shows outside."""

import base64
import datetime as dt
import email
import os
import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.encrypted_email.compose import Envelope, inner_entity, outer_message
from channels.mail.mime import disposition, part, text_field
from gateway.domain.addresses import MailAddress
from gateway.domain.base64_body import base64_body
from gateway.domain.codes import Code
from gateway.domain.failures import Misconfigured, Refused
from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.problem import SetupWrong
from gateway.domain.reasons import Reason
from gateway.ports.channels import Consignment, Prepared, ProtectedEntity
from tests.channels import samples
from tests.channels.protector import HEADERS, StandInProtector, unwrap

REFERENCE = "<0123456789abcdef0123456789abcdef@tribunal.test>"


def _envelope(consignment: Consignment) -> Envelope:
    return Envelope(
        reference=consignment.reference,
        sender=MailAddress.parse(samples.SENDER),
        recipient=MailAddress.parse(consignment.address.address),
        at=consignment.at,
    )


def _read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    for each in message.walk():
        assert each.defects == []
    return message


def _inner(consignment: Consignment) -> EmailMessage:
    return _read(inner_entity(_envelope(consignment), consignment))


def _prepared(consignment: Consignment) -> Prepared:
    prepared = samples.channel().prepare(consignment)
    assert isinstance(prepared, Prepared)
    return prepared


def test_inside_stand_the_real_headers_and_what_was_shown_outside() -> None:
    inner = _inner(samples.consignment())
    assert inner["Subject"] == f"Décision {samples.FILE} — {samples.PERSON}"
    assert (inner["From"], inner["To"], inner["Message-ID"]) == (samples.SENDER, samples.ADDRESS, REFERENCE)
    assert inner["Date"].datetime == samples.AT
    assert inner.get_content_type() == "multipart/mixed"
    assert inner["Content-Type"].params["hp"] == "cipher"
    outer = _read(_prepared(samples.consignment()).payload)
    shown = [f"{name}: {value}" for name, value in outer.items() if not name.lower().startswith(("content-", "mime-"))]
    assert inner.get_all("HP-Outer") == shown


def test_outside_stand_only_the_fields_that_carry_it() -> None:
    raw = _prepared(samples.consignment()).payload
    outer = _read(raw)
    assert {name: str(value) for name, value in outer.items()} == {
        "From": samples.SENDER,
        "To": samples.ADDRESS,
        "Date": "Mon, 23 Nov 2026 17:30:05 +0000",
        "Message-ID": REFERENCE,
        "Subject": "[...]",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": 'application/pkcs7-mime; smime-type="enveloped-data"; name="smime.p7m"',
        "Content-Disposition": 'attachment; filename="smime.p7m"',
        "Content-Transfer-Encoding": "base64",
    }
    assert b"smime-type=enveloped-data;" in raw


def test_text_and_documents_come_out_as_they_went_in() -> None:
    documents = (
        samples.document(bytes(range(256)) * 500, "TC6-12345 RPD reasons.pdf"),
        samples.document(b"", "empty.pdf"),
        samples.document(b"\r\n.\r\n", "TC6-12345 avis de décision – été.pdf"),
    )
    text, *attached = _inner(samples.consignment(*documents, text="Première ligne\r\nsuite\rfin")).iter_parts()
    assert text.get_content().split("\r\n") == [
        f"Subject: Décision {samples.FILE} — {samples.PERSON}",
        "",
        *("Première ligne", "suite", "fin", ""),
    ]
    assert text["Content-Type"].params == {"charset": "utf-8", "hp-legacy-display": "1"}
    assert text["Content-Language"] == "fr"
    assert [each.get_content() for each in attached] == [document.content for document in documents]
    assert [each.get_filename() for each in attached] == [document.name for document in documents]
    assert {each.get_content_type() for each in attached} == {"application/pdf"}


def test_every_line_ends_with_crlf_and_none_is_too_long() -> None:
    consignment = samples.consignment(samples.document(bytes(100_000), "é" * 300 + ".pdf"), subject="é" * 900)
    for raw in (inner_entity(_envelope(consignment), consignment), _prepared(consignment).payload):
        assert raw.endswith(b"\r\n")
        assert b"\n" not in raw.replace(b"\r\n", b"")
        assert b"\r" not in raw.replace(b"\r\n", b"")
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert not re.search(rb"(?m)^\.", raw), "no line begins with a dot"


def test_nothing_outside_tells_of_a_person_a_file_or_an_outcome() -> None:
    consignment = samples.consignment(samples.document(samples.PERSON.encode()))
    raw = _prepared(consignment).payload
    headers, _, body = raw.partition(b"\r\n\r\n")
    for canary in (samples.PERSON, samples.FILE, samples.OUTCOME, "Décision", "reasons"):
        for trace in samples.traces(canary):
            assert trace.lower() not in headers.lower()
            assert trace not in body.replace(b"\r\n", b"")
    for short in (b"RPD", b"fr", b"pdf"):
        assert short.lower() not in re.sub(rb"From|MIME|@[a-z.]+", b"", headers).lower()


def test_the_search_for_traces_finds_them() -> None:
    consignment = samples.consignment()
    inside = inner_entity(_envelope(consignment), consignment).replace(b"\r\n", b"")
    assert any(trace in inside for trace in samples.traces(samples.PERSON))
    for shift in range(3):
        coded = base64.b64encode(b"x" * (3 + shift) + samples.OUTCOME.encode() + b"tail")
        assert any(trace in coded for trace in samples.traces(samples.OUTCOME))


def test_the_address_on_the_envelope_in_the_header_and_in_the_directory_is_one() -> None:
    address = "o'brien+TC@X.test"
    prepared = _prepared(samples.consignment(address=address))
    assert prepared.destination == address
    assert f"\r\nTo: {address}\r\n".encode() in prepared.payload


def test_the_same_consignment_makes_the_same_entity() -> None:
    consignment = samples.consignment()
    assert inner_entity(_envelope(consignment), consignment) == inner_entity(_envelope(consignment), consignment)


def test_what_the_standard_library_reads_and_writes_again_is_what_was_written() -> None:
    raw = _prepared(samples.consignment(samples.document(bytes(5000)))).payload
    assert email.message_from_bytes(raw, policy=policy.SMTP.clone(refold_source="none")).as_bytes() == raw


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_any_subject_is_one_safe_field_and_reads_back(subject: str) -> None:
    raw = text_field("Subject", subject)
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert re.fullmatch(rb"Subject:(?: [ -~]*)?(?:\r\n [ -~]+)*\r\n", raw)
    read = email.message_from_bytes(raw + b"\r\n", policy=policy.default)["Subject"]
    printable = "".join(c if c.isprintable() else " " for c in subject)
    assert str(read).split() == printable.split()


@settings(max_examples=200)
@given(st.text(max_size=120))
def test_any_file_name_is_safe_and_reads_back_as_one_name(name: str) -> None:
    raw = disposition(name)
    assert raw.count(b"\r\n") == 1
    assert len(raw) <= 1000
    read = email.message_from_bytes(raw + b"\r\n", policy=policy.default)
    assert read["Content-Disposition"].defects == ()
    shown = read.get_filename()
    assert shown
    assert not set(shown) & set('/\\:*?"<>|%\r\n\0')
    assert shown.strip(" .") == shown
    assert all(c.isprintable() for c in shown)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("TC6-12345 RPD avis 2026-11-20.pdf", "TC6-12345 RPD avis 2026-11-20.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "document"),
        ("", "document"),
        ("décision.pdf", "décision.pdf"),
        ("a\r\nX-Evil: 1.pdf", "a__X-Evil_ 1.pdf"),
        ("fdp.\u202eexe", "fdp._exe"),
        ("n" * 300 + ".pdf", "n" * 60 + ".pdf"),
    ],
)
def test_names_are_mended(given_name: str, shown: str) -> None:
    read = email.message_from_bytes(disposition(given_name) + b"\r\n", policy=policy.default)
    assert read.get_filename() == shown


@given(st.binary(max_size=400))
def test_base64_bodies_are_those_of_the_standard_library(content: bytes) -> None:
    reference = EmailMessage(policy=policy.SMTP)
    reference.set_content(content, maintype="application", subtype="pdf", cte="base64")
    assert base64_body(content) == reference.as_bytes().partition(b"\r\n\r\n")[2]
    read = email.message_from_bytes(part(b"Content-Type: application/pdf\r\n", content), policy=policy.default)
    assert read.get_content() == content


def test_the_outer_message_holds_exactly_what_the_protector_gave() -> None:
    wrapped = bytes(range(256))
    entity = base64_body(wrapped, head=HEADERS)
    outer = outer_message(_envelope(samples.consignment()), entity)
    assert outer.endswith(b"MIME-Version: 1.0\r\n" + entity)
    assert _read(outer).get_content() == wrapped


def test_the_protector_gets_the_entity_and_its_refusal_comes_back_as_it_is() -> None:
    refusal = Refused(reason=Reason.KEY_EXPIRED)
    protector = StandInProtector(refusal=refusal)
    assert samples.channel(protector).prepare(samples.consignment(address="not an address")) is refusal
    assert protector.protected == 0
    protected = _read(_prepared(samples.consignment()).payload).get_content()
    assert unwrap(protected) == inner_entity(_envelope(samples.consignment()), samples.consignment())


def test_where_our_own_signing_key_fails_the_channel_is_misconfigured_and_nobody_is_refused() -> None:
    class ExpiredSigner(StandInProtector):
        def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> ProtectedEntity:
            raise SetupWrong(Code.KEY_EXPIRED, where="mail-signing")

    result = samples.channel(ExpiredSigner()).prepare(samples.consignment())
    assert result == Misconfigured(reason=Reason.CHANNEL_NOT_SET_UP, words="key.expired at mail-signing")


@pytest.mark.parametrize("size", [960_000, 1_200_000])
def test_a_message_that_would_be_too_large_is_refused(size: int) -> None:
    document = samples.document(os.urandom(size))
    refused = samples.channel(max_message="1MB").prepare(samples.consignment(document))
    assert refused == Refused(reason=Reason.MESSAGE_TOO_LARGE)


def test_a_message_larger_than_the_recipient_takes_is_refused_though_our_server_would_take_it() -> None:
    way = RecipientChannel(type="encrypted-email", address=samples.ADDRESS, protection=Protection.SMIME)
    document = samples.document(os.urandom(120_000))
    small = samples.consignment(document, address=replace(way, max_message_bytes=150_000))
    assert samples.channel().prepare(small) == Refused(reason=Reason.MESSAGE_TOO_LARGE)
    assert isinstance(samples.channel().prepare(samples.consignment(document, address=way)), Prepared)


def test_a_document_of_another_type_is_refused() -> None:
    script = samples.document()
    script = type(script)(kind=None, name="a.html", media_type="text/html\r\nX: y", content=b"", pages=None)
    refused = samples.channel().prepare(samples.consignment(script))
    assert refused == Refused(reason=Reason.DOCUMENT_MEDIA_TYPE)


def test_the_date_outside_is_in_utc_wherever_it_was_decided() -> None:
    vancouver = samples.AT.astimezone(dt.timezone(dt.timedelta(hours=-8)))
    consignment = samples.consignment()
    assert inner_entity(_envelope(consignment), consignment) == inner_entity(
        Envelope(
            reference=REFERENCE,
            sender=MailAddress.parse(samples.SENDER),
            recipient=MailAddress.parse(samples.ADDRESS),
            at=vancouver,
        ),
        consignment,
    )
