"""Taking a signed decision package in: verified, read, deduplicated, sealed, recorded; or refused with nothing kept."""

import base64
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.intake.acceptance import ACCEPTANCE, acceptance_in, sign_acceptance
from gateway.application.sealed import Vault
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event, EventName
from gateway.domain.officers_word import OfficersWord
from gateway.domain.package import DECISION, DecisionPackage
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.service_standard import DueDate
from gateway.domain.trust import Signer, VerifiedPackage, fingerprint_of
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.own_keys import DocumentSigner
from gateway.ports.packages import PackageVerifier
from gateway.ports.traces import UNTRACED, TracedStep, Traces

ReadDecision = Callable[[bytes, Mapping[str, bytes]], DecisionPackage]
"""Reads `decision.json` strictly against the members of its package; raises InputRefused with a `decision.*` code."""

Keep = Callable[[Transaction, Sequence[bytes], Sequence[bytes]], None]
"""Keeps the lists and responses that were relied on, and the authorities between."""


Owe = Callable[[Transaction, Dispatch], None]


Admits = Callable[[str], None]
"""Raises Overloaded where whoever submits is to come back later."""


def everybody(_: str) -> None:
    """Whoever submits is let in."""


def nothing_owed(_: Transaction, __: Dispatch) -> None:
    """Where no other system is told."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The dispatch of a package; `repeat` when it had been accepted before with the same bytes.

    `acceptance`: the acceptance as it was signed the first time, DER; None for a package from before there were any.
    """

    dispatch: Dispatch
    repeat: bool
    acceptance: bytes | None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A package that would be accepted now."""

    verified: VerifiedPackage
    decision: DecisionPackage


class Submit:
    """Accepts packages. The same package again gives its first dispatch; the same id with other bytes is a conflict."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        verifier: PackageVerifier,
        read: ReadDecision,
        keep: Keep,
        signer: DocumentSigner,
        clock: Clock,
        due: Callable[[DecisionPackage], DueDate],
        owe: Owe = nothing_owed,
        admit: Admits = everybody,
        traces: Traces = UNTRACED,
    ) -> None:
        """due: the last day of the service standard, by which what waits is taken up. owe: what else is owed with a
        package that is accepted. admit: asked before a package is looked into."""
        self._database = database
        self._vault = vault
        self._verifier = verifier
        self._read = read
        self._keep = keep
        self._signer = signer
        self._clock = clock
        self._due = due
        self._owe = owe
        self._admit = admit
        self._traces = traces

    def check(self, raw: bytes) -> Checked:
        """Every check of acceptance, without accepting. Raises InputRefused."""
        with self._database.look_up() as tx:
            anchors = [stored.anchor for stored in tx.registry.anchors()]
        verified = self._verifier.verify(raw, anchors=anchors, at=self._clock.now())
        decision = self._read(verified.members[DECISION], verified.members)
        if decision.division not in verified.signer.divisions:
            raise InputRefused(Code.SIGNER_NOT_FOR_DIVISION, where="$.division", division=decision.division.value)
        return Checked(verified=verified, decision=decision)

    def accept(self, raw: bytes, *, submitted_by: str, word: OfficersWord | None = None) -> Accepted:
        """Accepts the package. word: that it was sealed on here, if it was.

        Raises InputRefused, Conflict (package.conflict), ServiceDown; Overloaded (intake.overloaded) where too much
        waits; SetupWrong when no acceptance can be signed: what cannot be confirmed is not taken in. A repeat is
        answered in any case."""
        with self._traces.step(TracedStep.SUBMIT) as about:
            accepted = self._accept(raw, submitted_by, word)
            if not accepted.repeat:
                about(accepted.dispatch.id)
        return accepted

    def _accept(self, raw: bytes, submitted_by: str, word: OfficersWord | None) -> Accepted:
        with self._database.look_up() as tx:
            known = tx.dispatches.by_digest(sha256(raw))
        if known is not None:
            return self._repeat(known)
        self._admit(submitted_by)
        checked = self.check(raw)
        repeat = self._first_of(checked)
        return repeat if repeat is not None else self._record(raw, checked, submitted_by, word)

    def _first_of(self, checked: Checked) -> Accepted | None:
        with self._database.look_up() as tx:
            first = tx.dispatches.by_package(checked.decision.package_id)
        if first is None:
            return None
        if first.digest != checked.verified.digest:
            raise Conflict(Code.PACKAGE_CONFLICT, where="$.package_id", dispatch=first.id)
        return self._repeat(first)

    def _repeat(self, first: Dispatch) -> Accepted:
        with self._database.look_up() as tx:
            (accepted,) = [one for one in tx.records.events(first.id) if one.name is EventName.PACKAGE_ACCEPTED]
        return Accepted(dispatch=first, repeat=True, acceptance=acceptance_in(accepted))

    def _record(self, raw: bytes, checked: Checked, submitted_by: str, word: OfficersWord | None) -> Accepted:
        dispatch_id, signer = str(uuid.uuid4()), checked.verified.signer
        key = self._vault.new_key(dispatch_id)
        try:
            with self._vault.keeping() as put:
                dispatch = self._new_dispatch(dispatch_id, put(key, contexts.PACKAGE, raw), checked, submitted_by)
                acceptance = sign_acceptance(dispatch, self._signer)
                with self._database.write() as tx:
                    tx.registry.add_data_key(key.id, key.wrapped)
                    tx.dispatches.add(dispatch)
                    self._owe(tx, dispatch)
                    self._keep(tx, signer.revocation_responses, signer.issuers)
                    tx.records.append(_accepted(dispatch, signer, acceptance, word))
        except Conflict:
            # Two submissions of one package met: the other one won between our look and our write.
            repeat = self._first_of(checked)
            if repeat is None:
                raise
            return repeat
        return Accepted(dispatch=dispatch, repeat=False, acceptance=acceptance)

    def _new_dispatch(self, dispatch_id: str, stored: str, checked: Checked, submitted_by: str) -> Dispatch:
        decision, now = checked.decision, self._clock.now()
        return Dispatch(
            id=dispatch_id,
            package_id=decision.package_id,
            digest=checked.verified.digest,
            size=checked.verified.size,
            object_name=stored,
            division=decision.division,
            office=decision.office,
            files=tuple(file.number for file in decision.files),
            signer=checked.verified.signer.fingerprint,
            accepted_at=now,
            submitted_by=submitted_by,
            data_key=dispatch_id,
            step=Step.PLAN,
            due=self._due(decision).date,
            next_action_at=now,
        )


def _accepted(dispatch: Dispatch, signer: Signer, acceptance: bytes, word: OfficersWord | None) -> Event:
    return Event(
        name=EventName.PACKAGE_ACCEPTED,
        at=dispatch.accepted_at,
        actor=dispatch.submitted_by,
        dispatch=dispatch.id,
        facts={
            "digest": dispatch.digest,
            "signer": signer.fingerprint,
            "anchor": signer.anchor,
            "issuers": " ".join(map(fingerprint_of, signer.issuers)),
            "revocation": signer.revocation.value,
            "revocation_evidence": " ".join(map(sha256, signer.revocation_responses)),
            ACCEPTANCE: base64.b64encode(acceptance).decode(),
            **(word.facts if word is not None else {}),
        },
    )
