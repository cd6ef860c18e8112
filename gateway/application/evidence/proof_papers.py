"""The papers of proof (DESIGN.md §3.7): drafted for a named officer, read by them, and signed by them and nobody else.

A draft is what the officer signs: it is drawn again at signing, and where that gives another paper, because something
became known meanwhile, nothing is signed. What rests on the carrier's evidence is sealed at once; no officer signs it.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.dates.services import Services
from gateway.application.dates.settle import to_look_at
from gateway.application.evidence.keys import own_evidence_key, sealing_key
from gateway.application.evidence.proof_drawing import Given, Proven, by_hand, drawn_as
from gateway.application.evidence.proof_facts import GatherFacts
from gateway.application.evidence.records import paper_language, read_record
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.papers.paper_seal import SealPapers
from gateway.application.people.own_offices import check_delivery, check_dispatch
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Conflict, NoSuchThing, NotAllowed
from gateway.domain.proof import (
    SIGNED_BY_AN_OFFICER,
    ProofKind,
    ProofNeeds,
    ProofPaper,
    came_since,
    proof_of,
    rests_on_what_was_taken_back,
)
from gateway.domain.receipt import Receipt
from gateway.domain.service import Service
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord

_GATEWAY = "gateway"


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A paper that cannot be made yet, and what the officer has to say first."""

    kind: ProofKind
    needs: ProofNeeds


@dataclass(frozen=True, kw_only=True)
class PapersOf:
    """The papers of a delivery as they stand, and those that cannot be made yet."""

    papers: Sequence[ProofPaper]
    missing: Sequence[Missing]


@dataclass(frozen=True, kw_only=True)
class ListedPaper:
    """A paper without its content. stands: whether what is known now asks for that paper still; else what came since
    took its place, as mail that came back after its receipt was confirmed."""

    paper: ProofPaper
    stands: bool
    came_since: Sequence[Receipt]


@dataclass(frozen=True, kw_only=True)
class SignedPaper(ListedPaper):
    """One that is signed or sealed, as it is given out."""

    name: str
    content: bytes


class ProofDesk:
    """Drafts papers, gives them out to be read, and signs them."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        facts: GatherFacts,
        services: Services,
        seal: SealPapers,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._facts = facts
        self._services = services
        self._seal = seal
        self._clock = clock

    def make(self, dispatch_id: str, participant: str, given: Given, *, officer: str | None, actor: str) -> PapersOf:
        """Makes what can be made of the delivery's services; what is signed stays as it is.

        officer: the account that is to sign, None meaning who acts; a service by hand is signed by who did it.
        Raises NoSuchThing (dispatch.unknown, participant.unknown), Conflict (retention.expired), InputRefused
        (document.missing-glyph), SetupWrong (seal.*, key.*), NotAllowed (account.other-office).
        """
        dispatch, delivery = self._find(dispatch_id, participant, actor)
        missing = []
        for proven in self._proven(dispatch, delivery, self._clock.now()):
            kind, recorded = proof_of(proven.service), by_hand(proven, self._open_record)
            told = replace(given, place=recorded.place) if recorded is not None and given.place is None else given
            needs = _needs(kind, told, proven.service)
            if needs is not None:
                missing.append(Missing(kind=kind, needs=needs))
                continue
            signer = recorded.served_by if recorded is not None else officer or actor
            self._keep(proven, kind, told, signer if kind in SIGNED_BY_AN_OFFICER else None, actor)
        with self._database.read() as tx:
            return PapersOf(papers=_standing(tx, delivery), missing=missing)

    def drafts(self, officer: str | None = None) -> Sequence[ProofPaper]:
        """What waits to be signed, by that officer or by anybody."""
        with self._database.read() as tx:
            return tx.proof.drafts(officer)

    def known(self, paper_id: str, *, actor: str) -> ProofPaper:
        """The paper without its content. Raises NoSuchThing (paper.unknown), NotAllowed (account.other-office)."""
        with self._database.read() as tx:
            paper = tx.proof.get(paper_id)
            check_delivery(tx, paper.delivery, actor)
        return paper

    def read(self, paper_id: str, *, actor: str) -> bytes:
        """The paper as it was made last, as PDF. Raises as `known`, and SetupWrong (seal.*)."""
        return self._content(self.known(paper_id, actor=actor))

    def listed(self, delivery_id: str) -> Sequence[ListedPaper]:
        """The papers of a delivery, drafts included; nothing that rests on what was taken back."""
        with self._database.read() as tx:
            delivery = tx.deliveries.get(delivery_id)
            papers = _standing(tx, delivery)
            if not papers:
                return ()
            record = read_record(tx, tx.dispatches.get(delivery.dispatch), delivery)
        services = self._services.of(record.dispatch, delivery, record.attempts, record.receipts, key=None)
        shown = {(one.attempt, proof_of(one)) for one in services}
        return [
            ListedPaper(
                paper=one,
                stands=(one.attempt, one.kind) in shown,
                came_since=came_since(one, [kept.receipt for kept in record.receipts if kept.attempt == one.attempt]),
            )
            for one in papers
        ]

    def signed(self, delivery_id: str) -> Sequence[SignedPaper]:
        """What is signed or sealed of a delivery; nothing that rests on what was taken back."""
        signed = [one for one in self.listed(delivery_id) if one.paper.signed_at is not None]
        return [
            SignedPaper(
                name=f"{one.paper.kind.value}-{place:02d}.pdf",
                paper=one.paper,
                content=self._content(one.paper),
                stands=one.stands,
                came_since=one.came_since,
            )
            for place, one in enumerate(signed, start=1)
        ]

    def sign(self, paper_ids: Sequence[str], *, actor: str) -> Sequence[ProofPaper]:
        """Signs each, all or none as far as can be seen beforehand.

        Raises NoSuchThing (paper.unknown), NotAllowed (paper.other-officer, account.other-office), Conflict
        (paper.signed, paper.changed, retention.expired), SetupWrong (key.*).
        """
        now = self._clock.now()
        with self._database.read() as tx:
            papers = [tx.proof.get(one) for one in dict.fromkeys(paper_ids)]
            for one in papers:
                check_delivery(tx, one.delivery, actor)
        for paper in papers:
            _check_signable(paper, actor)
        drawn = [(paper, self._signed_content(paper, now)) for paper in papers]
        return [self._record_signed(paper, content, now, actor) for paper, content in drawn]

    def _find(self, dispatch_id: str, participant: str, actor: str) -> tuple[Dispatch, Delivery]:
        with self._database.read() as tx:
            dispatch = check_dispatch(tx, tx.dispatches.get(dispatch_id), actor)
            deliveries = tx.deliveries.of_dispatch(dispatch_id)
        for delivery in deliveries:
            if delivery.participant == participant:
                return dispatch, delivery
        known = ", ".join(one.participant for one in deliveries)
        raise NoSuchThing(Code.PARTICIPANT_UNKNOWN, participant=participant, known=known)

    def _proven(self, dispatch: Dispatch, delivery: Delivery, at: dt.datetime) -> list[Proven]:
        """The services of the delivery with what papers say of them. Raises Conflict (retention.expired)."""
        with self._database.read() as tx:
            if not tx.registry.has_data_key(dispatch.data_key):
                raise Conflict(Code.RETENTION_EXPIRED, where=dispatch.id)
            key = data_key(tx.registry, dispatch.data_key)
            record = read_record(tx, dispatch, delivery)
        services = self._services.of(dispatch, delivery, record.attempts, record.receipts, key)
        facts = self._facts(dispatch)
        return [Proven(record=record, facts=facts, service=one, at=at) for one in services]

    def _keep(self, proven: Proven, kind: ProofKind, given: Given, officer: str | None, actor: str) -> None:
        delivery, now = proven.record.delivery, proven.at
        paper, language = drawn_as(kind, proven, given), paper_language(delivery)
        content = self._seal(paper, language, at=now) if officer is None else self._seal.draft(paper)
        paper_id = str(uuid.uuid4())
        key = self._own_key(proven.record.dispatch)
        with self._vault.keeping() as put:
            made = ProofPaper(
                id=paper_id,
                delivery=delivery.id,
                attempt=proven.service.attempt,
                kind=kind,
                language=language,
                officer=officer,
                made_at=now,
                made_by=actor,
                given=self._vault.seal(key, contexts.proof(paper_id), to_kept(given)),
                digest=sha256(content),
                object_name=put(key, contexts.proof(paper_id), content),
                signed_at=now if officer is None else None,
                signed_by=_GATEWAY if officer is None else None,
                data_key=key.id,
            )
            with self._database.write() as tx:
                tx.deliveries.get(delivery.id, lock=True)
                before = [one for one in tx.proof.of_deliveries([delivery.id]) if _is_same(one, made)]
                if any(_is_same(one, made) and one.signed_at is not None for one in _standing(tx, delivery)):
                    replaced: str | None = made.object_name
                else:
                    tx.proof.put(made)
                    tx.records.append(_event(EventName.PAPER_MADE, proven.record.dispatch.id, made, now, actor))
                    replaced = before[0].object_name if before else None
        if replaced is not None:
            self._vault.delete(replaced)

    def _signed_content(self, paper: ProofPaper, now: dt.datetime) -> bytes:
        """The paper with the officer's signature. Raises Conflict (paper.changed)."""
        with self._database.read() as tx:
            delivery = tx.deliveries.get(paper.delivery)
            dispatch = tx.dispatches.get(delivery.dispatch)
            key = sealing_key(tx, paper.data_key)
        given = from_kept(Given, self._vault.open(key, contexts.proof(paper.id), paper.given), where=paper.id)
        proven = [
            one for one in self._proven(dispatch, delivery, paper.made_at) if one.service.attempt == paper.attempt
        ]
        same = [one for one in proven if proof_of(one.service) is paper.kind]
        if not same or sha256(self._seal.draft(drawn_as(paper.kind, same[0], given))) != paper.digest:
            raise Conflict(Code.PAPER_CHANGED, where=paper.id)
        signed = drawn_as(paper.kind, same[0], given, signed_at=now)
        return self._seal(signed, paper.language, at=now, officer=given.name)

    def _record_signed(self, paper: ProofPaper, content: bytes, now: dt.datetime, actor: str) -> ProofPaper:
        with self._database.read() as tx:
            key = sealing_key(tx, paper.data_key)
        with self._vault.keeping() as put:
            signed = replace(
                paper,
                digest=sha256(content),
                object_name=put(key, contexts.proof(paper.id), content),
                signed_at=now,
                signed_by=actor,
            )
            with self._database.write() as tx:
                delivery = tx.deliveries.get(paper.delivery, lock=True)
                standing = tx.proof.get(paper.id, lock=True)
                _check_signable(standing, actor)
                tx.proof.save_signed(signed)
                if paper.kind is ProofKind.EXPLANATION:
                    tx.deliveries.save(to_look_at(delivery))  # what nothing else proves is settled by it
                event = _event(EventName.PAPER_SIGNED, delivery.dispatch, signed, now, actor, draft=paper.digest)
                tx.records.append(event)
        self._vault.delete(paper.object_name)
        return signed

    def _open_record(self, record: ReceiptRecord) -> bytes:
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        return self._vault.get(key, contexts.service_record(record.id), record.object_name or "")

    def _own_key(self, dispatch: Dispatch) -> DataKey:
        """Raises Conflict (retention.evidence-expired)."""
        with self._database.write() as tx:
            key = own_evidence_key(tx, self._vault, dispatch)
        if key is None:
            raise Conflict(Code.RETENTION_EVIDENCE_EXPIRED, where=dispatch.id)
        return key

    def _content(self, paper: ProofPaper) -> bytes:
        with self._database.read() as tx:
            key = sealing_key(tx, paper.data_key)
        return self._vault.get(key, contexts.proof(paper.id), paper.object_name)


def _standing(tx: Transaction, delivery: Delivery) -> list[ProofPaper]:
    """The papers of the delivery, but for those that rest on what was taken back."""
    papers = tx.proof.of_deliveries([delivery.id])
    events = tx.records.events(delivery.dispatch) if any(one.signed_at is not None for one in papers) else ()
    return [one for one in papers if not rests_on_what_was_taken_back(one, events)]


def _needs(kind: ProofKind, given: Given, service: Service) -> ProofNeeds | None:
    """given: with the place of the record, where there is one."""
    if kind in SIGNED_BY_AN_OFFICER and not given.name.strip():
        return ProofNeeds.OFFICER
    if kind is ProofKind.EXPLANATION and not given.explanation.strip():
        return ProofNeeds.EXPLANATION
    by_hand_at = service.method == ChannelName.HAND_DELIVERY and kind is ProofKind.STATEMENT
    if by_hand_at and not (given.place or "").strip():  # not the office: nobody said that it was there
        return ProofNeeds.PLACE
    return None


def _check_signable(paper: ProofPaper, actor: str) -> None:
    if paper.signed_at is not None:
        raise Conflict(Code.PAPER_SIGNED, where=paper.id)
    if paper.officer != actor:
        raise NotAllowed(Code.PAPER_OTHER_OFFICER, where=paper.id, account=actor, officer=paper.officer or "")


def _is_same(one: ProofPaper, other: ProofPaper) -> bool:
    return (one.attempt, one.kind) == (other.attempt, other.kind)


def _event(name: EventName, dispatch: str, paper: ProofPaper, at: dt.datetime, actor: str, *, draft: str = "") -> Event:
    facts = {
        "paper": paper.id,
        "kind": paper.kind.value,
        "digest": paper.digest,
        "officer": paper.officer,
        "draft": draft,
    }
    return Event(
        name=name,
        at=at,
        actor=actor,
        dispatch=dispatch,
        delivery=paper.delivery,
        attempt=paper.attempt,
        facts={key: value for key, value in facts.items() if value},
    )
