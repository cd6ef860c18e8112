"""The export of evidence over a `Stage`, with keys that outlive its retention, and readers of what it gives."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from functools import cache, partial

from cryptography.hazmat.primitives.serialization import Encoding
from pypdf import PdfReader

from gateway.application.evidence.export import AskedEvidence, ExportEvidence
from gateway.application.evidence.members import DeliveryMembers
from gateway.application.evidence.proof_papers import ProofDesk
from gateway.application.evidence.trust import TrustMembers
from gateway.application.ledger.checkpoints import MakeCheckpoints
from gateway.application.ledger.stamps import StampCheckpoints
from gateway.application.papers.paper_seal import SealPapers
from gateway.domain.report import Reading
from keys import cades
from keys.cades import SigningKey
from keys.checkpoint_notes import NoteSigner
from keys.pades import PadesSigner
from templates.catalogue import text
from templates.printer import PaperPrinter
from tests.application.stage import START, Stage
from tests.contracts.ledger import Shelf
from tests.keys.pki import Authority, Order, ca_order

YEARS = dt.timedelta(days=3650)


@cache
def evidence_key() -> SigningKey:
    """A key that holds for ten years around the stage's time."""
    ca = ca_order("Gateway CA")
    ca.not_before, ca.not_after = START - YEARS, START + YEARS
    order = Order(name="Evidence signing", not_before=START - YEARS, not_after=START + YEARS)
    return Authority.root(ca).signer(order)


class KeySigner:
    """`EvidenceSigner` with that key."""

    def sign(self, content: bytes, at: dt.datetime) -> bytes:
        """See `EvidenceSigner`."""
        return cades.sign(content, signer=evidence_key(), at=at, detached=True)

    def certificates(self) -> Mapping[str, bytes]:
        """See `EvidenceSigner`."""
        return {"evidence-signing.pem": evidence_key().certificate.public_bytes(Encoding.PEM)}


def seal_papers() -> SealPapers:
    """Seals with it."""
    return SealPapers(printer=PaperPrinter(), signer=PadesSigner(evidence_key), words=partial(text, "evidence", "seal"))


def desk(on: Stage) -> ProofDesk:
    """The papers of proof over the stage."""
    return ProofDesk(
        database=on.database, vault=on.vault, facts=on.facts, services=on.services, seal=seal_papers(), clock=on.clock
    )


def exporting(on: Stage) -> ExportEvidence:
    """The export over the stage."""
    notes = NoteSigner(evidence_key, lambda: [evidence_key().certificate])
    return ExportEvidence(
        database=on.database,
        vault=on.vault,
        facts=on.facts,
        checkpoints=MakeCheckpoints(
            database=on.database, signer=notes, place=Shelf(), every=dt.timedelta(minutes=1), clock=on.clock
        ),
        stamps=StampCheckpoints(database=on.database, authority=None, clock=on.clock),
        members=DeliveryMembers(
            database=on.database,
            vault=on.vault,
            raw_receipt=on.reading(_NoReader()),
            papers=desk(on),
            seal=seal_papers(),
            words=partial(text, "evidence"),
        ),
        trust=TrustMembers(database=on.database, vault=on.vault, directory=on.directory),
        signer=KeySigner(),
        words=partial(text, "evidence"),
        clock=on.clock,
    )


class _NoReader:
    """Nothing is read here."""

    def read(self, raw: bytes) -> Reading:
        """See `ReceiptReader`."""
        raise AssertionError


def exported(
    on: Stage, dispatch: str, participant: str = "m1", *, asked: AskedEvidence | None = None
) -> dict[str, bytes]:
    """The members of the evidence."""
    raw = exporting(on)(dispatch, participant, asked or AskedEvidence(), actor="clerk")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def paper_text(content: bytes) -> str:
    """What stands on a PDF, without its white space."""
    pages = PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", "", "".join(one.extract_text() for one in pages))
