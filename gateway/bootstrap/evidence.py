"""Joins the ledger's checkpoints and their verification."""

from gateway.application.checkpoints import MakeCheckpoints
from gateway.application.export_evidence import ExportEvidence
from gateway.application.receive import Read
from gateway.application.verify_ledger import VerifyLedger
from gateway.bootstrap.base import Base
from gateway.bootstrap.places import key_folder
from gateway.domain.own_keys import OwnKeyName
from gateway.store.checkpoint_folder import CheckpointFolder
from keys import own_files
from keys.checkpoint_notes import NoteSigner
from keys.evidence_signer import CadesEvidenceSigner
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


def export_evidence(base: Base, read: Read, checkpoints: MakeCheckpoints) -> ExportEvidence:
    return ExportEvidence(
        database=base.database,
        vault=base.vault,
        open_case=base.open_case,
        raw_receipt=read,
        checkpoints=checkpoints,
        printer=PaperPrinter(),
        signer=CadesEvidenceSigner(base.own.current),
        readme=lambda language: text("evidence", "readme", language),
        clock=base.clock,
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
