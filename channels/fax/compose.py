"""The message that a fax service takes: no text, for services print it as a page; no word that tells of anything.

The Subject is our token and the number of pages: services repeat it in their results, and so the result finds its
delivery and is held against what was sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Self

from channels.fax.settings import AddressForm
from channels.mail.mime import BOUNDARY, disposition, field, mixed, part
from gateway.domain.addresses import MailAddress
from gateway.domain.reference import SendingToken

PDF, TIFF = "application/pdf", "image/tiff; application=faxbw"
_SUBJECT = re.compile(r"\b([0-9a-f]{32}(?:\.[1-9][0-9]{0,3})?) ([1-9][0-9]{0,3})\b", re.IGNORECASE)
_ENDING = {PDF: "pdf", TIFF: "tif"}


@dataclass(frozen=True, kw_only=True)
class FaxSubject:
    """What our Subject says. `pages`: with the cover."""

    token: str
    pages: int

    def __str__(self) -> str:
        return f"{self.token} {self.pages}"

    @classmethod
    def find(cls, text: str) -> Self | None:
        """The first one that a text gives back."""
        found = _SUBJECT.search(text)
        return cls(token=found[1].lower(), pages=int(found[2])) if found else None


def service_address(number: str, service: str, form: AddressForm) -> MailAddress:
    """Where the service takes faxes for an E.164 number. Raises ValueError."""
    local = f"FAX={number}" if form is AddressForm.T37 else number.removeprefix("+")
    return MailAddress.parse(f"{local}@{service}")


def fax_message(
    *,
    reference: str,
    sending: int = 1,
    sender: MailAddress,
    to: MailAddress,
    at: datetime,
    media_type: str,
    files: Sequence[bytes],
    pages: int,
) -> bytes:
    """The message: the cover first, then the documents in reading order, under names that say nothing."""
    headers = [
        field("From", str(sender)),
        field("To", str(to)),
        field("Date", format_datetime(at.astimezone(UTC))),
        field("Message-ID", reference),
        field("Subject", str(FaxSubject(token=str(SendingToken.of(reference, sending)), pages=pages))),
        field("Auto-Submitted", "auto-generated"),
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/mixed; boundary="{BOUNDARY}"'),
    ]
    named = enumerate(files, 1)
    parts = [
        part(field("Content-Type", media_type) + disposition(f"{number:02}.{_ENDING[media_type]}"), content)
        for number, content in named
    ]
    return mixed(b"".join(headers), parts)
