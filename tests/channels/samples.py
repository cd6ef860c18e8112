"""Consignments and channels for tests. Every figure in them is invented."""

import base64
import datetime as dt
import os
from pathlib import Path

from channels.encrypted_email.channel import EncryptedEmail
from channels.encrypted_email.settings import EncryptedEmailSettings
from gateway.domain.package import DocumentKind
from gateway.domain.parties import PreferredLanguage, Protection, RecipientChannel
from gateway.ports.channels import Consignment, MessageProtector, Prepared
from gateway.ports.papers import MessageText, RenderedDocument
from tests.channels.protector import StandInProtector

AT = dt.datetime(2026, 11, 23, 12, 30, 5, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
ADDRESS = "hearings@cbsa.gw.test"
SENDER = "registry@tribunal.test"
PERSON, FILE, OUTCOME = "Zebulon Quackenbush", "TC6-12345", "rejected"
"""Canaries: what nobody outside may learn."""


def document(content: bytes = b"%PDF-1.7 sample", name: str = f"{FILE} RPD reasons 2026-11-20.pdf") -> RenderedDocument:
    """A rendered document."""
    return RenderedDocument(
        kind=DocumentKind.REASONS, name=name, media_type="application/pdf", content=content, pages=1
    )


def consignment(
    *documents: RenderedDocument,
    address: RecipientChannel | str = ADDRESS,
    reference: str = "<0123456789abcdef0123456789abcdef@tribunal.test>",
    subject: str = f"Décision {FILE} — {PERSON}",
    text: str = f"{PERSON}: {OUTCOME}.\nVeuillez trouver ci-joint…\n",
) -> Consignment:
    """A consignment for one recipient, full of canaries."""
    if isinstance(address, str):
        address = RecipientChannel(type="encrypted-email", address=address, protection=Protection.SMIME)
    return Consignment(
        reference=reference,
        address=address,
        message=MessageText(subject=subject, text=text),
        documents=documents or (document(),),
        language=PreferredLanguage.FR,
        at=AT,
    )


def settings(**changes: object) -> EncryptedEmailSettings:
    """Settings for a server without TLS on this machine, changed as said."""
    table: dict[str, object] = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": SENDER}
    return EncryptedEmailSettings.read(table | changes)


def channel(protector: MessageProtector | None = None, home: Path = Path(), /, **changes: object) -> EncryptedEmail:
    """A channel over those settings."""
    read = settings(**changes)
    return EncryptedEmail(read, read.server(home), protector or StandInProtector())


def prepared(content: bytes | None = None, size: int = 2000, address: str = ADDRESS) -> Prepared:
    """Something to send, without composing: header, body, `size` octets or more."""
    body = b"\r\n".join([os.urandom(36).hex().encode()] * (size // 74 + 1)) if content is None else content
    return Prepared(
        reference="<0123456789abcdef0123456789abcdef@tribunal.test>",
        destination=address,
        payload=b"Subject: [...]\r\n\r\n" + body + b"\r\n",
    )


def traces(text: str) -> list[bytes]:
    """How `text` (of eight octets or more) would show in a message: as it is, and at each offset in base64."""
    raw = text.encode("utf-8")
    coded = [base64.b64encode(bytes(shift) + raw)[(shift * 8 + 5) // 6 :] for shift in range(3)]
    return [raw, *(each[: (len(raw) * 8 - 8) // 6 - 1] for each in coded)]
