"""The wrong paper in the right package, caught before anything is rendered: each PDF must name its file.

What is found holds the whole dispatch, for a package with one wrong paper is in doubt as a whole. A person looks, and
releases each delivery that may go, or asks the Registry for another package.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.application.casework import Case
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryEvent, next_state
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.naming import GENERIC_KINDS, Naming, identity_of
from gateway.domain.package import DecisionPackage, Document
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.papers import PaperReader
from gateway.ports.work import LeaseLost

RELEASABLE = frozenset({Reason.DOCUMENT_NAMES_ANOTHER_FILE, Reason.DOCUMENT_DOES_NOT_NAME_FILE})
"""Findings that hold a delivery until a person releases it."""
HOLDING = RELEASABLE | {Reason.RENDERING_REFUSED}
"""With those that no release helps against: what cannot be read cannot be sent. Papers are not made then."""

_REASON_OF = {
    Naming.ANOTHER: Reason.DOCUMENT_NAMES_ANOTHER_FILE,
    Naming.NOBODY: Reason.DOCUMENT_DOES_NOT_NAME_FILE,
    Naming.NO_TEXT: Reason.DOCUMENT_SCAN_WITHOUT_TEXT,
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a person should know of a document. `code`: of the problem, where it could not be read.

    `place` is its place in decision.json: a path may hold a name.
    """

    place: str
    reason: Reason
    code: Code | None = None

    @property
    def told(self) -> str:
        """The most exact code there is."""
        return self.code.value if self.code is not None else self.reason.value


class Examine:
    """Reads the PDFs of a package, each once, and holds what waits when one is wrong."""

    def __init__(self, *, database: Database, reader: PaperReader, clock: Clock) -> None:
        self._database = database
        self._reader = reader
        self._clock = clock

    def __call__(self, case: Case, waiting: Sequence[Delivery]) -> Sequence[Delivery]:
        """Those of the waiting deliveries that may be rendered; the others are with a person then.

        Raises ServiceDown (reader.unavailable), LeaseLost.
        """
        findings = [one for one in self._findings(case) if one is not None]
        holds = [one.reason for one in findings if one.reason in HOLDING]
        held = {one.id: reason for one in waiting if (reason := _why_held(one, holds)) is not None}
        if findings:
            with self._database.write() as tx:
                self._note(tx, case.dispatch, findings)
                for delivery in waiting:
                    if delivery.id in held:
                        self._hold(tx, case.dispatch, delivery, held[delivery.id])
        return [one for one in waiting if one.id not in held]

    def note(self, case: Case, refused: InputRefused) -> None:
        """A document that rendering could not use."""
        for number, document in enumerate(case.decision.documents):
            if document.path == refused.where:
                finding = Finding(place=_place(number), reason=Reason.RENDERING_REFUSED, code=refused.code)
                with self._database.write() as tx:
                    self._note(tx, case.dispatch, [finding])

    def _findings(self, case: Case) -> list[Finding | None]:
        return [
            self._finding(case, number, document)
            for number, document in enumerate(case.decision.documents)
            if document.media_type == "application/pdf"
        ]

    def _finding(self, case: Case, number: int, document: Document) -> Finding | None:
        place = _place(number)
        try:
            naming = self._naming(case.decision, document, case.members[document.path])
        except InputRefused as refused:
            return Finding(place=place, reason=Reason.RENDERING_REFUSED, code=refused.code)
        reason = _REASON_OF.get(naming)
        return Finding(place=place, reason=reason) if reason is not None else None

    def _naming(self, decision: DecisionPackage, document: Document, content: bytes) -> Naming:
        naming = self._reader.naming(content, identity_of(decision, document), document.path)
        if naming is Naming.NOBODY and document.kind in GENERIC_KINDS:
            return Naming.OURS
        return naming

    def _note(self, tx: Transaction, dispatch: Dispatch, findings: Sequence[Finding]) -> None:
        """Once for each: a dispatch may be examined again."""
        noted = {
            (one.facts["document"], one.facts["code"])
            for one in tx.records.events(dispatch.id)
            if one.name is EventName.DOCUMENT_NOTED
        }
        for finding in findings:
            if (finding.place, finding.told) not in noted:
                facts = {"document": finding.place, "code": finding.told}
                tx.records.append(self._event(EventName.DOCUMENT_NOTED, dispatch, None, facts))

    def _hold(self, tx: Transaction, dispatch: Dispatch, delivery: Delivery, reason: Reason) -> None:
        standing = tx.deliveries.get(delivery.id, lock=True)
        if standing != delivery or tx.dispatches.get(dispatch.id).fence != dispatch.fence:
            raise LeaseLost
        state = next_state(delivery.state, DeliveryEvent.PERSON_NEEDED)
        tx.deliveries.save(replace(delivery, state=state, reason=reason))
        tx.records.append(self._event(EventName.PERSON_CALLED, dispatch, delivery.id, {"reason": reason.value}))

    def _event(self, name: EventName, dispatch: Dispatch, delivery: str | None, facts: dict[str, str]) -> Event:
        now = self._clock.now()
        return Event(name=name, at=now, actor="gateway", dispatch=dispatch.id, delivery=delivery, facts=facts)


def _place(number: int) -> str:
    return f"$.documents[{number}]"


def _why_held(delivery: Delivery, holds: Sequence[Reason]) -> Reason | None:
    """What cannot be read comes first: a release would not help."""
    if Reason.RENDERING_REFUSED in holds:
        return Reason.RENDERING_REFUSED
    if delivery.reason is Reason.RELEASED_BY_PERSON or not holds:
        return None
    return holds[0]
