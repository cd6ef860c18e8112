"""Rendering: the papers of each planned delivery, sealed; from then on it is ready to go."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from gateway.application.casework import Case, OpenCase
from gateway.application.dates.office_dates import on_office_clock
from gateway.application.dates.receipt_rules import recourse_clocks
from gateway.application.large import LARGE
from gateway.application.papers.examine import Examine
from gateway.application.papers.keep_papers import Drawn, KeepPapers, Made, done
from gateway.application.planning.addressees import addressee_of
from gateway.application.planning.plan import Planned
from gateway.application.planning.router import Router
from gateway.application.recipients.directory import RecipientDirectory
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryEvent, DeliveryState, next_state
from gateway.domain.dispatch import Dispatch
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import PreferredLanguage, Recipient
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.provision import Provision
from gateway.domain.reasons import Reason
from gateway.domain.ways import Opened
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.papers import Papers, RenderedPapers, Renderer, SourceDocument

_AT_ONCE = 10
"""Deliveries whose papers are kept together: a package with hundreds of participants gets on even where its lease ends
before it does."""


class Render:
    """Renders dispatches: the papers of several deliveries are kept together."""

    def __init__(
        self,
        *,
        database: Database,
        open_case: OpenCase,
        directory: RecipientDirectory,
        examine: Examine,
        router: Router,
        renderer: Renderer,
        today: Callable[[str, dt.datetime], dt.date],
        keep: KeepPapers,
        clock: Clock,
    ) -> None:
        self._keep = keep
        self._database = database
        self._open_case = open_case
        self._directory = directory
        self._examine = examine
        self._router = router
        self._renderer = renderer
        self._today = today
        self._clock = clock

    def __call__(self, dispatch: Dispatch) -> None:
        """Renders what one claimed dispatch still lacks. Raises LeaseLost when another worker took it over."""
        with self._database.read() as tx:
            waiting = [one for one in tx.deliveries.of_dispatch(dispatch.id) if one.state is DeliveryState.PLANNED]
            opened = tx.opened_ways.of_dispatch(dispatch.id)
        if not waiting:
            with self._database.write() as tx:
                tx.dispatches.save(done(dispatch))
            return
        with self._directory.reading_once():
            self.planned(Planned(case=self._open_case(dispatch), waiting=waiting, opened=opened))

    def planned(self, planned: Planned) -> None:
        """The same of one that was just planned and is still held. Raises LeaseLost."""
        case, drawn = planned.case, list[Drawn]()
        with self._directory.reading_once():
            for delivery in self._examine(case, planned.waiting) if planned.waiting else ():
                try:
                    drawn.append(self._draw(case, delivery, planned.opened.get(delivery.participant)))
                except Exception:
                    self._keep(case, drawn, ends=False)  # what one papers' defect stops, the others' does not wait for
                    raise
                if len(drawn) == _AT_ONCE or sum(one.size for one in drawn) > LARGE:
                    self._keep(case, drawn, ends=False)
                    drawn = []
            self._keep(case, drawn, ends=True)

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

    def _draw(self, case: Case, delivery: Delivery, opened: Opened | None) -> Drawn:
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
            reason = Reason.RENDERING_REFUSED
            return _for_a_person(delivery, reason, {"reason": reason.value, "code": refused.code.value})
        ways = self._router.ways_of(delivery, provision, papers.documents, opened)
        plan = tuple(name for name in delivery.plan if name in ways.channels)
        if not plan:
            reason = ways.reason_of(delivery.plan)
            return _for_a_person(delivery, reason, {"reason": reason.value})
        ready = replace(delivery, state=next_state(delivery.state, DeliveryEvent.RENDERED), plan=plan)
        return Drawn(before=delivery, after=ready, made=Made(participant=provision.participant, papers=papers))

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


def _for_a_person(delivery: Delivery, reason: Reason, facts: Mapping[str, str]) -> Drawn:
    state = next_state(delivery.state, DeliveryEvent.PERSON_NEEDED)
    return Drawn(before=delivery, after=replace(delivery, state=state, reason=reason, plan=()), facts=facts)
