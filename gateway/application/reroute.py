"""A person sends a delivery by another channel: one that the rules leave open, for rules bind people too."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.application.casework import OpenCase
from gateway.application.examine import HOLDING
from gateway.application.person_acts import PersonActs, state_after
from gateway.application.router import Router
from gateway.application.sealed import Vault
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.dispatch import Dispatch
from gateway.domain.problem import Conflict
from gateway.domain.reasons import Reason
from gateway.domain.rules.rule import AnyRule
from gateway.domain.ways import Load
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.records import RenderedRecord


class Reroute:
    """Puts a channel first. Those that were planned after the one in use stay behind it."""

    def __init__(self, *, database: Database, vault: Vault, open_case: OpenCase, router: Router, clock: Clock) -> None:
        self._database = database
        self._acts = PersonActs(vault=vault, clock=clock)
        self._open_case = open_case
        self._router = router
        self._clock = clock

    def __call__(self, delivery_id: str, channel: str, *, actor: str, reason: str) -> Delivery:
        """The delivery, due by that channel.

        Raises NoSuchThing (delivery.unknown), InputRefused (request.invalid: no reason), Conflict: as `state_after`;
        delivery.papers-not-made (it is planned anew by a retry); delivery.channel-forbidden, with the rule that
        closes the channel; delivery.changed-meanwhile (somebody or something acted first).
        """
        with self._database.read() as tx:
            before = tx.deliveries.get(delivery_id)
            dispatch = tx.dispatches.get(before.dispatch)
            documents = tx.records.documents(delivery_id)
        state = state_after(before, Action.REROUTE)
        if not documents or not before.plan or before.reason in HOLDING:
            raise Conflict(Code.DELIVERY_PAPERS_NOT_MADE, where=delivery_id)
        self._check_open(dispatch, before, channel, documents)
        behind = [one for one in before.plan[before.position + 1 :] if one != channel]
        after = replace(
            before,
            state=state,
            reason=Reason.REROUTED_BY_PERSON,
            plan=(channel, *behind),
            position=0,
            attempts=0,
            next_action_at=self._clock.now(),
        )
        with self._database.write() as tx:
            if tx.deliveries.get(delivery_id, lock=True) != before:
                raise Conflict(Code.DELIVERY_CHANGED_MEANWHILE, where=delivery_id)
            facts = {"channel": channel}
            self._acts.record(tx, before, after, Action.REROUTE, actor=actor, reason=reason, facts=facts)
        return after

    def _check_open(
        self, dispatch: Dispatch, delivery: Delivery, channel: str, documents: Sequence[RenderedRecord]
    ) -> None:
        """Raises Conflict (delivery.channel-forbidden) with the rule that closes the channel."""
        provision = self._router.provision(self._open_case(dispatch).decision, delivery.participant)
        if provision is None:
            raise LookupError(delivery.id)  # the plan was made from this very package
        if provision.ask is not None:
            raise _forbidden(channel, provision.ask)
        papers = [one for one in documents if one.kind is not None]
        pages = [one.pages or 0 for one in papers]
        load = Load(bytes=sum(one.size for one in papers), pages=max(pages, default=0), all_pages=sum(pages))
        ways = self._router.ways_under(delivery, provision, load)
        verdict = next((one for one in ways.verdicts if one.channel == channel), None)
        if verdict is None or not verdict.taken:
            raise _forbidden(channel, verdict.rule if verdict else ways.verdicts[0].rule)


def _forbidden(channel: str, rule: AnyRule) -> Conflict:
    source = rule.source
    return Conflict(
        Code.DELIVERY_CHANNEL_FORBIDDEN, channel=channel, rule=rule.id, source=source.en, source_fr=source.fr
    )
