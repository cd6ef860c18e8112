"""Joins the ledger's checkpoints and their verification."""

from gateway.application.checkpoints import MakeCheckpoints
from gateway.application.verify_ledger import VerifyLedger
from gateway.bootstrap.base import Base
from gateway.bootstrap.places import key_folder
from gateway.domain.own_keys import OwnKeyName
from gateway.store.checkpoint_folder import CheckpointFolder
from keys import own_files
from keys.checkpoint_notes import NoteSigner


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
