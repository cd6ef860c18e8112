"""What each kind of message says, and to what it belongs."""

import pytest

from channels.encrypted_email.receipts.reader import MailReader
from gateway.domain.report import Finding, Reading
from tests.channels.receipts.messages import OTHER, QMAIL, TOKEN, crlf, dsn, letter, mdn


def read(raw: bytes) -> Reading:
    return MailReader().read(raw)


def findings(raw: bytes) -> list[Finding]:
    return [report.finding for report in read(raw).reports]


@pytest.mark.parametrize(
    ("action", "finding"),
    [
        ("failed", Finding.FAILED),
        ("delayed", Finding.DELAYED),
        ("delivered", Finding.IN_MAILBOX),
        ("relayed", Finding.RELAYED),
        ("expanded", Finding.RELAYED),
        ("FAILED", Finding.FAILED),
        ("improved", Finding.UNREADABLE),
    ],
)
@pytest.mark.parametrize("report", ["message/delivery-status", "message/global-delivery-status"])
def test_a_delivery_report_says_what_its_action_says_and_no_more(action: str, finding: Finding, report: str) -> None:
    reading = read(dsn(action, report=report))
    assert [one.finding for one in reading.reports] == [finding]
    assert reading.reports[0].status == "5.1.1"
    assert reading.reports[0].words == "550 5.1.1 User unknown"
    assert reading.tokens[0] == TOKEN


def test_each_recipient_of_a_report_is_a_report() -> None:
    assert findings(dsn("failed", recipients=3)) == [Finding.FAILED] * 3


def test_a_status_that_is_none_is_not_taken_for_one() -> None:
    """It goes into the record of events, where nothing of a sender's choosing may stand."""
    (report,) = read(dsn(status="5.1.1 (Marguerite Quenneville)")).reports
    assert report.status == "5.1.1"
    (report,) = read(dsn(status="Marguerite")).reports
    assert report.status == ""


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        ("displayed", Finding.DISPLAYED),
        ("deleted", Finding.DISCARDED),
        ("deleted/error", Finding.DISCARDED),
        ("denied", Finding.DISCARDED),
        ("dispatched", Finding.PROCESSED),
        ("processed", Finding.PROCESSED),
        ("composed", Finding.UNREADABLE),
    ],
)
def test_a_disposition_says_what_a_program_did(kind: str, finding: Finding) -> None:
    reading = read(mdn(f"automatic-action/MDN-sent-automatically; {kind}"))
    assert [one.finding for one in reading.reports] == [finding]
    assert reading.tokens == (TOKEN,)


def test_a_bounce_in_prose_is_a_failure_and_its_return_path_tells_whose() -> None:
    assert findings(QMAIL) == [Finding.FAILED]
    assert read(QMAIL).tokens == (TOKEN,)


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-replied (vacation); owner-email=x@y.example",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "X-Auto-Response-Suppress: All",
        "Return-Path: <>",
    ],
)
def test_an_absence_notice_is_no_bounce_and_no_letter(header: str) -> None:
    assert findings(letter(header, body="I am away until Monday.")) == [Finding.AUTOMATIC_REPLY]


@pytest.mark.parametrize(
    "subject", ["Out of Office: decision", "Automatic reply: [...]", "=?utf-8?q?R=C3=A9ponse_automatique?= : absence"]
)
def test_an_absence_notice_without_marks_is_known_by_its_subject(subject: str) -> None:
    raw = letter(body="Away.").replace(b"Subject: Re: [...]", f"Subject: {subject}".encode())
    assert findings(raw) == [Finding.AUTOMATIC_REPLY]


@pytest.mark.parametrize("header", ["Auto-Submitted: no", "X-Priority: 1", "Precedence: first-class"])
def test_a_letter_from_a_person_is_for_a_person(header: str) -> None:
    assert findings(letter(header)) == [Finding.PERSONAL_REPLY]


def test_a_person_who_quotes_a_bounce_wrote_a_letter() -> None:
    assert findings(letter(body=QMAIL.decode())) == [Finding.PERSONAL_REPLY]


def test_the_reports_own_field_tells_before_the_returned_headers() -> None:
    raw = dsn(envelope_id=TOKEN, message_id=f"<{OTHER}@tribunal.example>")
    assert read(raw).tokens == (TOKEN, OTHER)


def test_a_token_comes_back_encoded_or_in_capitals() -> None:
    encoded = TOKEN.upper().replace("A", "+41", 1)
    assert read(dsn(envelope_id=encoded, message_id="")).tokens == (TOKEN,)


def test_the_number_of_the_try_comes_back_with_the_token_of_its_message() -> None:
    assert read(dsn(envelope_id=f"{TOKEN}.12", message_id="")).tokens == (f"{TOKEN}.12",)
    raw = dsn(envelope_id="", message_id="").replace(b"To: registry@", f"To: registry+{TOKEN}.3@".encode())
    assert read(raw).tokens == (f"{TOKEN}.3",)
    assert read(dsn(envelope_id=f"{TOKEN}.12345", message_id="")).tokens == (TOKEN,)


def test_a_token_in_the_text_of_a_message_ties_it_to_nothing() -> None:
    """Otherwise anybody who was shown a token could be quoted into another matter."""
    assert read(letter(body=f"About <{TOKEN}@tribunal.example>", answers="")).tokens == ()


def test_what_looks_longer_than_a_token_is_none() -> None:
    assert read(dsn(envelope_id="a" + TOKEN, message_id="")).tokens == ()


def _nested(depth: int) -> bytes:
    head = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(depth))
    return crlf(f"From: a@b.example\nMIME-Version: 1.0\n{head}Content-Type: text/plain\n\nx\n")


@pytest.mark.parametrize(
    "raw",
    [
        _nested(60),
        _nested(5_000),
        crlf('Content-Type: multipart/mixed; boundary="b"\n\n' + "--b\n\nx\n" * 5_000),
        crlf('Content-Type: multipart/mixed; boundary="b"\n\n' + "--b\n\nx\n" * 400),
        b"x" * 30_000_001,
    ],
    ids=["deep", "very deep", "very many parts", "many parts", "huge"],
)
def test_what_is_beyond_reading_says_so(raw: bytes) -> None:
    assert findings(raw) == [Finding.UNREADABLE]
    assert read(raw).tokens == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n",
        b"Content-Type: text/plain; charset=nonsense\r\nSubject: =?nonsense?b?////?=\r\n\r\n\xff",
        b"Content-Type: message/delivery-status\r\n\r\nAction",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"To: " + b"a+" * 100_000 + b"@b\r\n\r\n",
        b"References: " + b"<x@y> " * 200_000 + b"\r\n\r\n",
        b"Subject: =?utf-8?q?" + b"=" * 10_000 + b"?=\r\n\r\n",
        letter("Return-Path: <>", "Content-Type: multipart/report; boundary=b", body="--b\n\n--b--"),
    ],
    ids=range(10),
)
def test_malformed_messages_are_read_as_far_as_they_go(raw: bytes) -> None:
    assert findings(raw)
    assert read(raw).tokens in {(), (TOKEN,)}
