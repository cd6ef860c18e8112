"""Joins the ledger's checkpoints, the evidence that is given out, and what is kept of it when a package expires."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography import x509

from gateway.application.evidence.export import ExportEvidence
from gateway.application.evidence.members import DeliveryMembers
from gateway.application.evidence.proof_facts import GatherFacts
from gateway.application.evidence.proof_papers import ProofDesk
from gateway.application.evidence.trust import TrustMembers
from gateway.application.evidence.verify import VerifyEvidence
from gateway.application.ledger.checkpoints import MakeCheckpoints
from gateway.application.ledger.checks import LedgerChecks
from gateway.application.ledger.stamps import StampCheckpoints
from gateway.application.ledger.verify import VerifyLedger
from gateway.application.papers.paper_seal import SealPapers
from gateway.application.retention.evidence_expiry import ExpireEvidence
from gateway.application.retention.expiry import Retention
from gateway.application.retention.outlived_keys import OutlivedKeys
from gateway.application.retention.shared_expiry import ExpireShared
from gateway.application.returns.receive import Read
from gateway.application.views import Views
from gateway.bootstrap.base import Base
from gateway.bootstrap.places import key_folder
from gateway.bootstrap.stamps import stamp_authority, stamp_verifier
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.retention import kind_of
from gateway.store.checkpoint_folder import CheckpointFolder
from keys import own_files
from keys.checkpoint_notes import NoteSigner
from keys.evidence_signer import CadesEvidenceSigner
from keys.evidence_verifier import AuthorityVerifier
from keys.pades import PadesSigner
from templates.catalogue import text
from templates.printer import PaperPrinter

_WORDS = partial(text, "evidence")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What proves what was done: the ledger, the papers of proof, and what is given to a court."""

    checkpoints: MakeCheckpoints
    stamps: StampCheckpoints
    verify_ledger: LedgerChecks
    papers: ProofDesk
    export: ExportEvidence
    verify: VerifyEvidence


def evidence(base: Base, views: Views, read: Read) -> Evidence:
    """Joins them."""
    signer, place = _signer(base), _place(base)
    facts, seal, authority = _proof_facts(base, views), _seal(base), stamp_authority(base.home, base.settings.evidence)
    stamps = StampCheckpoints(database=base.database, authority=authority, clock=base.clock)
    checkpoints = MakeCheckpoints(
        database=base.database,
        signer=signer,
        place=place,
        every=base.settings.evidence.checkpoint_every,
        clock=base.clock,
        stamped=authority is not None,
    )
    papers = ProofDesk(
        database=base.database, vault=base.vault, facts=facts, services=base.services, seal=seal, clock=base.clock
    )
    return Evidence(
        checkpoints=checkpoints,
        stamps=stamps,
        verify_ledger=LedgerChecks(
            database=base.database,
            verify=VerifyLedger(database=base.database, signer=signer, place=place, stamps=authority),
            clock=base.clock,
        ),
        papers=papers,
        verify=VerifyEvidence(AuthorityVerifier(lambda: base.own.current().gateway_cas), authority),
        export=_export(base, facts, _members(base, read, papers, seal), checkpoints, stamps),
    )


def retention(base: Base, views: Views) -> Retention:
    """Joins what lets packages expire."""
    return Retention(
        database=base.database,
        vault=base.vault,
        facts=_proof_facts(base, views),
        outlived=OutlivedKeys(database=base.database, clock=base.clock),
        evidence=ExpireEvidence(database=base.database, vault=base.vault, clock=base.clock),
        shared=ExpireShared(database=base.database, vault=base.vault, clock=base.clock),
        kind=lambda dispatch: kind_of(base.open_case(dispatch).decision),
        clock=base.clock,
    )


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


def _members(base: Base, read: Read, papers: ProofDesk, seal: SealPapers) -> DeliveryMembers:
    return DeliveryMembers(
        database=base.database, vault=base.vault, raw_receipt=read, papers=papers, seal=seal, words=_WORDS
    )


def _export(
    base: Base, facts: GatherFacts, members: DeliveryMembers, checkpoints: MakeCheckpoints, stamps: StampCheckpoints
) -> ExportEvidence:
    return ExportEvidence(
        database=base.database,
        vault=base.vault,
        facts=facts,
        checkpoints=checkpoints,
        stamps=stamps,
        members=members,
        trust=TrustMembers(database=base.database, vault=base.vault, directory=base.trust.directory),
        signer=CadesEvidenceSigner(base.own.current, partial(_generations, base)),
        words=_WORDS,
        clock=base.clock,
    )


def _seal(base: Base) -> SealPapers:
    return SealPapers(
        printer=PaperPrinter(),
        signer=PadesSigner(lambda: base.own.current().evidence_signing),
        words=partial(_WORDS, "seal"),
    )


def _place(base: Base) -> CheckpointFolder | None:
    folder = base.settings.evidence.checkpoints
    return CheckpointFolder(base.home / folder) if folder else None


def _signer(base: Base) -> NoteSigner:
    return NoteSigner(lambda: base.own.current().evidence_signing, partial(_generations, base))


def _generations(base: Base) -> list[x509.Certificate]:
    """The certificates of the key that signs evidence, of today and before."""
    folder = key_folder(base.home, base.settings)
    return [own_files.read_certificates(one)[0] for one in own_files.generations(folder, OwnKeyName.EVIDENCE_SIGNING)]


def offline_verifier(authority: Path, stamp_ca: Path | None = None) -> VerifyEvidence:
    """What checks evidence with the authority's file that the Registry gave out; no home is needed.

    stamp_ca: what the time stamp authority gave out; None: time stamps are not looked at.
    Raises SetupWrong (key.missing, key.unreadable).
    """
    authorities = own_files.read_certificates(authority)
    return VerifyEvidence(
        AuthorityVerifier(lambda: authorities), None if stamp_ca is None else stamp_verifier(stamp_ca)
    )
