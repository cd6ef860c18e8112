"""Joins the ledger's checkpoints, the evidence that is given out, and what is kept of it when a package expires."""

from functools import partial

from gateway.application.checkpoints import MakeCheckpoints
from gateway.application.evidence_members import DeliveryMembers
from gateway.application.evidence_trust import TrustMembers
from gateway.application.export_evidence import ExportEvidence
from gateway.application.paper_seal import SealPapers
from gateway.application.proof_facts import GatherFacts
from gateway.application.receive import Read
from gateway.application.retention import Retention
from gateway.application.verify_ledger import VerifyLedger
from gateway.application.views import Views
from gateway.bootstrap.base import Base
from gateway.bootstrap.places import key_folder
from gateway.domain.own_keys import OwnKeyName
from gateway.store.checkpoint_folder import CheckpointFolder
from keys import own_files
from keys.checkpoint_notes import NoteSigner
from keys.evidence_signer import CadesEvidenceSigner
from keys.pades import PadesSigner
from templates.catalogue import text
from templates.printer import PaperPrinter


def make_checkpoints(base: Base) -> MakeCheckpoints:
    return MakeCheckpoints(
        database=base.database,
        signer=_signer(base),
        place=_place(base),
        every=base.settings.evidence.checkpoint_every,
        clock=base.clock,
    )


def verify_ledger(base: Base) -> VerifyLedger:
    return VerifyLedger(database=base.database, signer=_signer(base), place=_place(base))


def _proof_facts(base: Base, views: Views) -> GatherFacts:
    return GatherFacts(
        database=base.database,
        vault=base.vault,
        open_case=base.open_case,
        verifier=base.verifier,
        parties=base.parties,
        directory=base.trust.directory,
        status=views.dispatch,
    )


def retention(base: Base, views: Views) -> Retention:
    return Retention(database=base.database, vault=base.vault, facts=_proof_facts(base, views), clock=base.clock)


def export_evidence(base: Base, views: Views, read: Read, checkpoints: MakeCheckpoints) -> ExportEvidence:
    words = partial(text, "evidence")
    members = DeliveryMembers(database=base.database, vault=base.vault, raw_receipt=read, seal=_seal(base), words=words)
    return ExportEvidence(
        database=base.database,
        vault=base.vault,
        facts=_proof_facts(base, views),
        checkpoints=checkpoints,
        members=members,
        trust=TrustMembers(database=base.database, vault=base.vault, directory=base.trust.directory),
        signer=CadesEvidenceSigner(base.own.current),
        words=words,
        clock=base.clock,
    )


def _seal(base: Base) -> SealPapers:
    return SealPapers(
        printer=PaperPrinter(),
        signer=PadesSigner(lambda: base.own.current().evidence_signing),
        words=partial(text, "evidence", "seal"),
    )


def _place(base: Base) -> CheckpointFolder | None:
    folder = base.settings.evidence.checkpoints
    return CheckpointFolder(base.home / folder) if folder else None


def _signer(base: Base) -> NoteSigner:
    folder = key_folder(base.home, base.settings)
    return NoteSigner(
        lambda: base.own.current().evidence_signing,
        lambda: [
            own_files.read_certificates(path)[0] for path in own_files.generations(folder, OwnKeyName.EVIDENCE_SIGNING)
        ],
    )
