"""Rendering: the papers of each planned delivery, sealed; from then on it is ready to go."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace

from gateway.application import contexts
from gateway.application.addressees import addressee_of
from gateway.application.casework import Case, OpenCase
from gateway.application.directory import RecipientDirectory
from gateway.application.examine import Examine
from gateway.application.kept_json import from_kept
from gateway.application.office_dates import on_office_clock
from gateway.application.receipt_rules import recourse_clocks
from gateway.application.router import Router
from gateway.application.sealed import Put, Vault
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryEvent, DeliveryState, next_state
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.entry_note import EntryNote
from gateway.domain.events import Event, EventName
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import Participant, PreferredLanguage, Recipient
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.provision import Provision
from gateway.domain.reasons import Reason
from gateway.domain.ways import Opened
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.papers import MessageText, Papers, RenderedDocument, RenderedPapers, Renderer, SourceDocument
from gateway.ports.records import RenderedRecord
from gateway.ports.work import LeaseLost

MESSAGE_MEDIA_TYPE = "application/json"


class Render:
    """Renders dispatches, one delivery a transaction."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        open_case: OpenCase,
        directory: RecipientDirectory,
        examine: Examine,
        router: Router,
        renderer: Renderer,
        today: Callable[[str, dt.datetime], dt.date],
        hold: dt.timedelta,
        planned_for: Callable[[Case, Delivery, Participant], bytes],
        clock: Clock,
    ) -> None:
        """planned_for: whom papers are made for, sealed, so that it can be asked again at sending."""
        self._planned_for = planned_for
        self._database = database
        self._vault = vault
        self._open_case = open_case
        self._directory = directory
        self._examine = examine
        self._router = router
        self._renderer = renderer
        self._today = today
        self._hold = hold
        self._clock = clock

    def __call__(self, dispatch: Dispatch) -> None:
        """Renders what one claimed dispatch still lacks. Raises LeaseLost when another worker took it over."""
        with self._database.read() as tx:
            waiting = [one for one in tx.deliveries.of_dispatch(dispatch.id) if one.state is DeliveryState.PLANNED]
            opened = tx.opened_ways.of_dispatch(dispatch.id)
        if waiting:
            with self._directory.reading_once():
                case = self._open_case(dispatch)
                for delivery in self._examine(case, waiting):
                    self._render(case, delivery, opened.get(delivery.participant))
        with self._database.write() as tx:
            tx.dispatches.save(replace(dispatch, step=Step.DONE, attempts=0, next_action_at=None, lease_until=None))

    def preview(self, decision: DecisionPackage, members: Mapping[str, bytes], participant_id: str) -> RenderedPapers:
        """The papers one participant would get, kept nowhere.

        Raises NoSuchThing (participant.unknown), Conflict (participant.not-provided).
        """
        provision = self._router.provision(decision, participant_id)
        if provision is None:
            known = ", ".join(one.id for one in decision.participants)
            raise NoSuchThing(Code.PARTICIPANT_UNKNOWN, participant=participant_id, known=known)
        if not provision.to_send:
            raise Conflict(Code.PARTICIPANT_NOT_PROVIDED, participant=participant_id)
        language = provision.participant.language or PreferredLanguage(decision.decision.language)
        recipient = self._directory.get(provision.participant.recipient)
        return self._renderer.render(self._papers(decision, members, provision, language, recipient))

    def _render(self, case: Case, delivery: Delivery, opened: Opened | None) -> None:
        provision = self._router.provision(case.decision, delivery.participant)
        if provision is None:
            raise LookupError(delivery.id)  # the plan was made from this very package
        recipient = self._directory.get(delivery.recipient)
        try:
            papers = self._renderer.render(
                self._papers(case.decision, case.members, provision, delivery.language, recipient)
            )
        except InputRefused as refused:
            self._examine.note(case, refused)
            facts = {"reason": Reason.RENDERING_REFUSED.value, "code": refused.code.value}
            self._call_person(case, delivery, Reason.RENDERING_REFUSED, facts)
            return
        ways = self._router.ways_of(delivery, provision, papers.documents, opened)
        plan = tuple(name for name in delivery.plan if name in ways.channels)
        if not plan:
            reason = ways.reason_of(delivery.plan)
            self._call_person(case, delivery, reason, {"reason": reason.value})
            return
        with self._vault.keeping() as put:
            planned = self._planned_for(case, delivery, provision.participant)
            self._record(case.dispatch, delivery, plan, _sealed(put, case, delivery, papers), planned)

    def _record(
        self,
        dispatch: Dispatch,
        delivery: Delivery,
        plan: tuple[str, ...],
        records: Sequence[RenderedRecord],
        planned: bytes,
    ) -> None:
        now = self._clock.now()
        state = next_state(delivery.state, DeliveryEvent.RENDERED)
        ready = replace(delivery, state=state, plan=plan, next_action_at=now + self._hold)
        with self._database.write() as tx:
            _check_unchanged(tx, dispatch, delivery)
            if tx.former_papers.set_aside(delivery.id, fence=delivery.fence):
                tx.records.drop_documents(delivery.id)
            tx.records.add_documents(records)
            tx.parties.put_planned(delivery.id, planned)
            tx.deliveries.save(ready)
            tx.records.append(
                Event(
                    name=EventName.DELIVERY_RENDERED,
                    at=now,
                    actor="gateway",
                    dispatch=ready.dispatch,
                    delivery=ready.id,
                    facts={"digests": " ".join(record.digest for record in records)},
                )
            )

    def _papers(
        self,
        decision: DecisionPackage,
        members: Mapping[str, bytes],
        provision: Provision,
        language: PreferredLanguage,
        recipient: Recipient | None,
    ) -> Papers:
        return Papers(
            package=on_office_clock(decision),
            participant=provision.participant,
            addressee=addressee_of(provision.participant, recipient),
            language=language,
            documents=tuple(
                SourceDocument(document=document, content=members[document.path]) for document in provision.documents
            ),
            provided_on=self._today(decision.office, self._clock.now()),
            notice=provision.notice,
            recourse_information=provision.recourse_information,
            clocks=recourse_clocks(),
        )

    def _call_person(self, case: Case, delivery: Delivery, reason: Reason, facts: Mapping[str, str]) -> None:
        called = replace(
            delivery, state=next_state(delivery.state, DeliveryEvent.PERSON_NEEDED), reason=reason, plan=()
        )
        with self._database.write() as tx:
            _check_unchanged(tx, case.dispatch, delivery)
            tx.deliveries.save(called)
            tx.records.append(
                Event(
                    name=EventName.PERSON_CALLED,
                    at=self._clock.now(),
                    actor="gateway",
                    dispatch=case.dispatch.id,
                    delivery=delivery.id,
                    facts=facts,
                )
            )


def _sealed(put: Put, case: Case, delivery: Delivery, papers: RenderedPapers) -> list[RenderedRecord]:
    message = message_to_json(papers)
    told = RenderedDocument(kind=None, name="message", media_type=MESSAGE_MEDIA_TYPE, content=message, pages=None)
    return [
        RenderedRecord(
            delivery=delivery.id,
            ordinal=ordinal,
            kind=one.kind,
            name=one.name,
            media_type=one.media_type,
            digest=sha256(one.content),
            size=len(one.content),
            pages=one.pages,
            object_name=put(case.key, contexts.papers(delivery.id), one.content),
            language=one.language,
        )
        for ordinal, one in enumerate((told, *papers.documents))
    ]


def _check_unchanged(tx: Transaction, dispatch: Dispatch, delivery: Delivery) -> None:
    """Rendering takes its time. Raises LeaseLost when another worker or a person moved things on meanwhile."""
    standing = tx.deliveries.get(delivery.id, lock=True)
    if standing != delivery or tx.dispatches.get(dispatch.id).fence != dispatch.fence:
        raise LeaseLost


def message_to_json(papers: RenderedPapers) -> bytes:
    """The message as it is kept beside the papers, with what is told where they are collected."""
    kept = {"subject": papers.message.subject, "text": papers.message.text, "note": asdict(papers.note)}
    return json.dumps(kept, ensure_ascii=False).encode()


def message_from_json(raw: bytes) -> MessageText:
    """The message as it was rendered."""
    fields = json.loads(raw)
    return MessageText(subject=fields["subject"], text=fields["text"])


def note_from_json(raw: bytes) -> EntryNote:
    """What is told where the papers are collected; nothing where they were made before anything was."""
    note = json.loads(raw).get("note", {})
    return from_kept(EntryNote, json.dumps(note).encode(), where="message")
