"""The message inside and the message outside.

Inside the encryption stands everything; outside only what mail servers need to carry it and nothing that tells of a
person, a file or an outcome. The inner headers are the real ones, `HP-Outer` records what was shown outside
(RFC 9788): a reader that knows the standard shows the inner Subject and sees whether a header was altered on the way.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from channels.mail.mime import BOUNDARY, CRLF, disposition, field, mixed, part, text_field
from gateway.domain.addresses import MailAddress
from gateway.domain.parties import PreferredLanguage
from gateway.ports.channels import Consignment
from gateway.ports.papers import RenderedDocument

OBSCURED_SUBJECT = "[...]"
"""What stands for the Subject outside (RFC 9788, the baseline confidentiality policy)."""

_LANGUAGES = {PreferredLanguage.EN: "en", PreferredLanguage.FR: "fr", PreferredLanguage.BOTH: "en, fr"}


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What stands outside the encryption, and the same inside but for the Subject. `reference` is the Message-ID."""

    reference: str
    sender: MailAddress
    recipient: MailAddress
    at: datetime

    def fields(self, subject: bytes) -> list[bytes]:
        """The fields that are not structural, in order. Bare addresses, the date in UTC (RFC 9788, `hcp_shy`)."""
        return [
            field("From", str(self.sender)),
            field("To", str(self.recipient)),
            field("Date", format_datetime(self.at.astimezone(UTC))),
            field("Message-ID", self.reference),
            subject,
            field("Auto-Submitted", "auto-generated"),
        ]


def inner_entity(envelope: Envelope, consignment: Consignment) -> bytes:
    """The cryptographic payload: headers protected, the message text, then the documents in reading order."""
    subject = text_field("Subject", consignment.message.subject)
    outside = envelope.fields(field("Subject", OBSCURED_SUBJECT))
    headers = [
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/mixed; boundary="{BOUNDARY}"; hp="cipher"'),
        *envelope.fields(subject),
        *(b"HP-Outer: " + line for line in outside),
    ]
    return mixed(b"".join(headers), [_text(consignment), *map(_attachment, consignment.documents)])


def outer_message(envelope: Envelope, protected: bytes) -> bytes:
    """The message that leaves: the fields that carry it, then the protected MIME entity as it is."""
    fields = envelope.fields(field("Subject", OBSCURED_SUBJECT))
    return b"".join([*fields, field("MIME-Version", "1.0"), protected])


def _text(consignment: Consignment) -> bytes:
    """The text, headed by the real Subject for readers that show the outer one (RFC 9788, Legacy Display Element)."""
    shown = f"Subject: {' '.join(consignment.message.subject.split())}\n\n{consignment.message.text}\n"
    headers = field("Content-Type", 'text/plain; charset="utf-8"; hp-legacy-display="1"')
    headers += field("Content-Language", _LANGUAGES[consignment.language])
    lines = shown.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    return part(headers, lines.replace(b"\n", CRLF))


def _attachment(document: RenderedDocument) -> bytes:
    return part(field("Content-Type", document.media_type) + disposition(document.name), document.content)
