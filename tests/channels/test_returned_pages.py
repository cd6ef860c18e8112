"""Pages in mail: tied by their code to a sending, and never taken for one where a program returned our own fax."""

from collections.abc import Sequence
from email.message import EmailMessage

import pytest

from channels.encrypted_email.receipts.reader import MailReader
from channels.mail.returned_pages import ReturnedPages
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.domain.report import Finding
from gateway.domain.return_code import ReturnCode

ONE, OTHER = (ReturnCode.of(f"<{name}@tribunal.example>") for name in ("one", "other"))
TIFF, PDF, PNG = b"II*\0 page", b"%PDF-1.7 page", b"\x89PNG\r\n\x1a\n page"


class Scripted:
    """Knows what is on which file; refuses what it does not know. Stands in for the confined process."""

    def __init__(self, **pages: Sequence[ReturnCode]) -> None:
        self._pages = pages
        self.asked: list[bytes] = []

    def codes(self, content: bytes) -> Sequence[ReturnCode]:
        """See `PageScanner`."""
        self.asked.append(content)
        for name, found in self._pages.items():
            if name.encode() in content:
                return found
        raise InputRefused(Code.DOCUMENT_NEEDS_TIME)


def mail(*files: bytes, **headers: str) -> bytes:
    message = EmailMessage()
    for name, value in {"From": "inbound@faxes.example", "Subject": "New fax", **headers}.items():
        message[name.replace("_", "-")] = value
    message.set_content("A fax came for you.")
    for file in files:
        message.add_attachment(file, maintype="application", subtype="octet-stream", filename="page")
    return message.as_bytes()


@pytest.mark.parametrize("headers", [{}, {"Auto_Submitted": "auto-generated"}])
@pytest.mark.parametrize("file", [TIFF, PDF, PNG])
def test_a_page_with_a_code_names_its_sending(file: bytes, headers: dict[str, str]) -> None:
    reading = ReturnedPages(MailReader(), Scripted(page=[ONE])).read(mail(file, **headers))
    assert ([one.finding for one in reading.reports], reading.code, reading.tokens) == (
        [Finding.PAGE_RETURNED],
        ONE,
        (),
    )


def test_a_file_that_is_no_mail_is_looked_at_too() -> None:
    assert ReturnedPages(MailReader(), Scripted(page=[ONE])).read(TIFF).code == ONE


def test_pages_of_several_sendings_are_tied_to_none() -> None:
    reader = ReturnedPages(MailReader(), Scripted(first=[ONE], second=[OTHER]))
    reading = reader.read(mail(TIFF + b" first", PDF + b" second"))
    assert (reading.reports[0].finding, reading.code, reading.tokens) == (Finding.PAGES_OF_SEVERAL, None, ())


def test_the_same_code_on_several_pages_is_one() -> None:
    reader = ReturnedPages(MailReader(), Scripted(page=[ONE]))
    assert reader.read(mail(TIFF, PDF)).code == ONE


@pytest.mark.parametrize("scanner", [Scripted(page=[]), Scripted()])
def test_pages_without_a_code_or_beyond_reading_are_for_a_person(scanner: Scripted) -> None:
    reading = ReturnedPages(MailReader(), scanner).read(mail(TIFF))
    assert (reading.reports[0].finding, reading.code) == (Finding.PAGES_UNKNOWN, None)


def test_a_letter_with_an_emblem_stays_a_letter_and_answers_what_it_answers() -> None:
    scanner = Scripted(page=[])
    token = "a" * 32
    letter = mail(PNG, In_Reply_To=f"<{token}@tribunal.example>")
    reading = ReturnedPages(MailReader(), scanner).read(letter)
    assert (reading.reports[0].finding, reading.tokens) == (Finding.PERSONAL_REPLY, (token,))


def test_a_bounce_that_returns_our_own_fax_is_a_bounce() -> None:
    ours = mail(TIFF)
    bounce = (
        b"From: MAILER-DAEMON@faxes.example\r\nSubject: failed\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nNo.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; faxes.example\r\n\r\n"
        b"Final-Recipient: rfc822; FAX=+14165550123@faxes.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + ours + b"\r\n--b--\r\n"
    )
    scanner = Scripted(page=[ONE])
    reading = ReturnedPages(MailReader(), scanner).read(bounce)
    assert (reading.reports[0].finding, reading.code, scanner.asked) == (Finding.FAILED, None, [])


def test_our_own_fax_forwarded_whole_is_not_looked_into() -> None:
    outer = EmailMessage()
    outer["From"] = "clerk@counsel.example"
    outer.set_content("See below.")
    inner = EmailMessage()
    inner.set_content("ours")
    inner.add_attachment(TIFF, maintype="image", subtype="tiff")
    outer.add_attachment(inner)
    scanner = Scripted(page=[ONE])
    assert ReturnedPages(MailReader(), scanner).read(outer.as_bytes()).code is None
    assert scanner.asked == []


def test_no_more_files_than_a_few_are_looked_at() -> None:
    scanner = Scripted(page=[])
    ReturnedPages(MailReader(), scanner).read(mail(*(TIFF + str(number).encode() for number in range(60))))
    assert len(scanner.asked) == 20
