"""The message that a fax service takes: no text, for services print it as a page; no word that tells of anything.

The Subject is our token, the number of pages and a check of the number to be dialled: services repeat it in their
results, and so the result finds its delivery and is held against what was sent, and where to.
"""

import hashlib
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
_SUBJECT = re.compile(r"\b([0-9a-f]{32}(?:\.[1-9][0-9]{0,3})?) ([1-9][0-9]{0,3})(?: ([0-9a-f]{6}))?\b", re.IGNORECASE)
TELLING = 7
"""Digits by which a number is compared: the subscriber's, without the codes that machines leave out."""
_ENDING = {PDF: "pdf", TIFF: "tif"}


@dataclass(frozen=True, kw_only=True)
class FaxSubject:
    """What our Subject says. `pages`: with the cover. `check`: of the number; none in what was sent before there was
    one."""

    token: str
    pages: int
    check: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, [self.token, str(self.pages), self.check]))

    @classmethod
    def of(cls, token: str, pages: int, number: str) -> Self:
        """Of a fax to that number."""
        return cls(token=token, pages=pages, check=_check(token, number))

    @classmethod
    def find(cls, text: str) -> Self | None:
        """The first one that a text gives back."""
        found = _SUBJECT.search(text)
        return cls(token=found[1].lower(), pages=int(found[2]), check=(found[3] or "").lower()) if found else None

    def was_for_another(self, number: str) -> bool:
        """Whether the number that was dialled is another than ours; one of too few digits says nothing."""
        return bool(self.check) and len(telling(number)) == TELLING and _check(self.token, number) != self.check


def telling(number: str) -> str:
    """What tells a number from others."""
    return re.sub(r"\D", "", number)[-TELLING:]


def _check(token: str, number: str) -> str:
    return hashlib.sha256(f"{token} {telling(number)}".encode()).hexdigest()[:6]


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
    number: str,
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
        field("Subject", str(FaxSubject.of(str(SendingToken.of(reference, sending)), pages, number))),
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
