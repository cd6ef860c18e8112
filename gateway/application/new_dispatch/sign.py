"""Signing what an officer prepared: the gateway's seal, set on the word of an officer who is signed in.

The package is one like any other: it is taken in by the same use case, under the same trust. The seal is taken only
where two people trusted it for the division (`gateway keys trust`).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.application.intake.decision_json import read_decision
from gateway.application.intake.submit import Submit
from gateway.application.new_dispatch.drafts import Drafts, Prepared
from gateway.application.people.own_offices import check_office
from gateway.application.planning.explanation import explained
from gateway.application.planning.plan import OfficeTime
from gateway.application.planning.router import Router
from gateway.application.views import View
from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch
from gateway.domain.naming import GENERIC_KINDS, Naming, identity_of
from gateway.domain.officers_word import OfficersWord
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage, Document
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.own_keys import DispatchSealer
from gateway.ports.papers import PaperReader, RenderedDocument, RenderedPapers

Preview = Callable[[DecisionPackage, Mapping[str, bytes], str], RenderedPapers]


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The gateway's seal, and for which divisions its packages are taken now."""

    fingerprint: str
    divisions: frozenset[Division]


@dataclass(frozen=True, kw_only=True)
class WouldGet:
    """Who would get what (`explained`), and what each PDF's text says of its file, by path."""

    plan: View
    naming: Mapping[str, Naming]


class SignDraft:
    """Shows what a draft would do, and signs it."""

    def __init__(
        self,
        *,
        database: Database,
        drafts: Drafts,
        submit: Submit,
        router: Router,
        office_time: OfficeTime,
        preview: Preview,
        reader: PaperReader,
        sealer: DispatchSealer,
        clock: Clock,
    ) -> None:
        self._database = database
        self._drafts = drafts
        self._submit = submit
        self._router = router
        self._office_time = office_time
        self._preview = preview
        self._reader = reader
        self._sealer = sealer
        self._clock = clock

    def seal(self) -> Seal:
        """The seal. Raises SetupWrong (key.missing)."""
        fingerprint, authorities = self._sealer.signer()
        with self._database.read() as tx:
            anchors = [one.anchor for one in tx.registry.anchors()]
        taken = [
            one.divisions for one in anchors if one.fingerprint in authorities and one.signer in {None, fingerprint}
        ]
        return Seal(fingerprint=fingerprint, divisions=frozenset[Division]().union(*taken))

    def would_get(self, prepared: Prepared) -> WouldGet:
        """Who would get what, by the rules, directory and keys of now; nothing is recorded.

        Raises InputRefused (decision.*, document.*, package.member-signed-document-missing), ServiceDown.
        """
        decision, contents = self._read(prepared)
        plans = self._router.plan(decision, contents)
        return WouldGet(
            plan=explained(decision, plans, self._office_time.due(decision).date),
            naming={one.path: self._naming(decision, one, contents[one.path]) for one in decision.documents},
        )

    def papers(self, prepared: Prepared, participant: str) -> Sequence[RenderedDocument]:
        """The papers that a participant would get. Raises as `would_get`, NoSuchThing (participant.unknown), Conflict
        (participant.not-provided)."""
        decision, contents = self._read(prepared)
        return self._preview(decision, contents, participant).documents

    def sign(self, draft_id: str, *, seen: int, word: OfficersWord) -> Dispatch:
        """Seals it as it stands and takes it in; the draft is gone then. Signed twice, it is the same dispatch.

        seen: the version that the officer had before them. Raises NoSuchThing (draft.unknown), Conflict
        (draft.changed-meanwhile), InputRefused (decision.*, signer.*, package.*), NotAllowed (account.other-office),
        SetupWrong (key.*), ServiceDown.
        """
        try:
            prepared = self._drafts.look(draft_id, actor=word.officer)
        except NoSuchThing:
            return self._signed_before(draft_id, word)
        if prepared.draft.version != seen:
            raise Conflict(Code.DRAFT_CHANGED_MEANWHILE, where=draft_id)
        decision, _ = self._read(prepared)
        with self._database.look_up() as tx:
            check_office(tx, decision.office, word.officer)
        raw = self._sealer.seal(_written(prepared), self._drafts.contents(prepared), self._clock.now())
        try:
            accepted = self._submit.accept(raw, submitted_by=word.officer, word=word)
        except Conflict as conflict:
            if conflict.code is not Code.PACKAGE_CONFLICT:
                raise
            return self._signed_before(draft_id, word)  # two clicks met, and the other one won
        self._drafts.remove(prepared.draft)
        return accepted.dispatch

    def dispatch_of(self, draft_id: str, *, actor: str) -> Dispatch:
        """What became of a draft that the officer signed. Raises NoSuchThing (draft.unknown)."""
        try:
            package_id = UUID(draft_id)
        except ValueError:
            raise NoSuchThing(Code.DRAFT_UNKNOWN) from None
        with self._database.read() as tx:
            dispatch = tx.dispatches.by_package(package_id)
        if dispatch is None or dispatch.submitted_by != actor:
            raise NoSuchThing(Code.DRAFT_UNKNOWN)
        return dispatch

    def _signed_before(self, draft_id: str, word: OfficersWord) -> Dispatch:
        return self.dispatch_of(draft_id, actor=word.officer)

    def _read(self, prepared: Prepared) -> tuple[DecisionPackage, Mapping[str, bytes]]:
        contents = self._drafts.contents(prepared)
        return read_decision(_written(prepared), contents), contents

    def _naming(self, decision: DecisionPackage, document: Document, content: bytes) -> Naming:
        naming = self._reader.naming(content, identity_of(decision, document), document.path)
        return Naming.OURS if naming is Naming.NOBODY and document.kind in GENERIC_KINDS else naming


def _written(prepared: Prepared) -> bytes:
    return json.dumps(prepared.decision, ensure_ascii=False, indent=1).encode()
