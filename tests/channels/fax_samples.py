"""Faxes and result mails for tests: made by us in the shape that services publish, every figure invented."""

from dataclasses import replace
from pathlib import Path

from channels.fax.channel import Fax
from channels.fax.compose import FaxSubject
from channels.fax.settings import FaxSettings
from gateway.domain.parties import RecipientChannel
from gateway.ports.channels import Consignment
from gateway.ports.fax import FaxCoding, FaxImage, FaxRasterizer, FaxResolution
from gateway.ports.papers import RenderedDocument
from gateway.ports.registry_papers import DrawnPaper
from tests.channels import samples

NUMBER = "+14165550123"
SERVICE = "results@fax.test"
TOKEN = "0123456789abcdef0123456789abcdef"
SUBJECT = str(FaxSubject.of(TOKEN, 3, NUMBER))


class StandInRasterizer:
    """Draws nothing: one page a paper."""

    def rasterize(self, content: bytes, where: str, resolution: FaxResolution, coding: FaxCoding) -> FaxImage:
        return FaxImage(content=b"II*\0" + content[:100], pages=1, resolution=resolution, coding=coding)


def channel(rasterizer: FaxRasterizer | None = None, /, **changes: object) -> Fax:
    """A channel to a service on this machine, changed as said."""
    table: dict[str, object] = {
        "host": "127.0.0.1",
        "port": 2525,
        "tls": "none",
        "sender": samples.SENDER,
        "service": "fax.test",
        "results_from": SERVICE,
    }
    settings = FaxSettings.read(table | changes)
    return Fax(settings, settings.server(Path()), rasterizer or StandInRasterizer())


def consignment(
    *documents: RenderedDocument,
    number: str | None = NUMBER,
    reference: str = f"<{TOKEN}@tribunal.test>",
    cover: bytes = b"%PDF-1.7 cover",
) -> Consignment:
    """A consignment for one fax number, full of canaries."""
    plain = samples.consignment(*documents, reference=reference)
    way = RecipientChannel(type="fax", number=number)
    return replace(plain, address=way, cover=DrawnPaper(content=cover, pages=1))


def interfax(
    *,
    status: str = "0",
    pages: object = 3,
    csid: str = "+1 416 555 0123",
    subject: str = SUBJECT,
    dialled: str = "0014165550123",
) -> bytes:
    """One line a field."""
    fields = {
        "TransactionID": "700001",
        "DestinationFax": dialled,
        "CSID": csid,
        "PagesSent": pages,
        "Status": status,
        "OriginalSubject": subject,
        "Duration": "74",
        "CompletionTime": "2026-11-23 12:34:56",
    }
    return _mail(fields)


def two_mails(
    status: str, *, pages: object = "", csid: str = "", dialled: str = "14165550123", subject: str = SUBJECT
) -> bytes:
    """First of acceptance, then of the end."""
    fields = {
        "Job ID": "800001",
        "Fax Number": dialled,
        "Subject": subject,
        "Fax Status": status,
        "Pages": pages,
        "Remote CSID": csid,
    }
    return _mail(fields)


def _mail(fields: dict[str, object], sender: str = SERVICE) -> bytes:
    lines = [f"From: Fax <{sender}>", "To: registry@tribunal.test", "Subject: Your fax", "Content-Type: text/plain", ""]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in fields.items()), ""]).encode()
