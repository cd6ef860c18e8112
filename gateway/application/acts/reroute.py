"""A person sends a delivery by another channel: one that the rules leave open, for rules bind people too."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.application.acts.person_acts import PersonActs, state_after
from gateway.application.casework import OpenCase
from gateway.application.papers.examine import HOLDING
from gateway.application.planning.router import Router
from gateway.application.sealed import Vault
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.problem import Conflict
from gateway.domain.reasons import Reason
from gateway.domain.rules.rule import AnyRule
from gateway.domain.ways import Load, Opened, Verdict
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.records import RenderedRecord


@dataclass(frozen=True, kw_only=True)
class _Way:
    """What the rules say of a channel for a delivery now, and the rule behind it. papers: whether they are made."""

    delivery: Delivery
    papers: bool
    verdict: Verdict | None
    rule: AnyRule


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
        way = self._look(delivery_id, channel)
        before = way.delivery
        if not way.papers:
            raise Conflict(Code.DELIVERY_PAPERS_NOT_MADE, where=delivery_id)
        if way.verdict is None or not way.verdict.taken:
            raise _forbidden(channel, way.rule)
        after = rerouted(before, channel, self._clock.now())
        with self._database.write() as tx:
            if tx.deliveries.get(delivery_id, lock=True) != before:
                raise Conflict(Code.DELIVERY_CHANGED_MEANWHILE, where=delivery_id)
            facts = {"channel": channel}
            self._acts.record(tx, before, after, Action.REROUTE, actor=actor, reason=reason, facts=facts)
        return after

    def closed_by(self, delivery_id: str, channel: str) -> tuple[Delivery, tuple[str, ...]]:
        """The delivery, and the ids of the rules that close the channel: where each lets two people set it aside for
        this delivery, and nothing else keeps the channel shut.

        Raises NoSuchThing (delivery.unknown), Conflict: as `state_after`; delivery.channel-forbidden where one of them
        grants nothing, or there is no address or fit key; delivery.channel-open where nothing closes it.
        """
        way = self._look(delivery_id, channel)
        if way.verdict is not None and way.verdict.taken:
            raise Conflict(Code.DELIVERY_CHANNEL_OPEN, where=delivery_id, channel=channel)
        if way.verdict is None or not way.verdict.may_override:
            raise _forbidden(channel, way.rule)
        gates = tuple(gate.id for gate in way.verdict.gates)
        then = self._look(delivery_id, channel, Opened(channel=channel, gates=frozenset(gates)))
        if then.verdict is None or not then.verdict.taken:
            raise _forbidden(channel, then.rule)
        return way.delivery, gates

    def _look(self, delivery_id: str, channel: str, opened: Opened | None = None) -> _Way:
        with self._database.read() as tx:
            delivery = tx.deliveries.get(delivery_id)
            dispatch = tx.dispatches.get(delivery.dispatch)
            documents = tx.records.documents(delivery_id)
            opened = opened or tx.opened_ways.of_dispatch(delivery.dispatch).get(delivery.participant)
        state_after(delivery, Action.REROUTE)
        if delivery.reason in HOLDING:
            raise Conflict(Code.DELIVERY_PAPERS_NOT_MADE, where=delivery_id)
        case = self._open_case(dispatch)
        provision = self._router.provision(case.decision, delivery.participant)
        if provision is None:
            raise LookupError(delivery.id)  # the plan was made from this very package
        papers = bool(documents and delivery.plan)
        if provision.ask is not None:
            return _Way(delivery=delivery, papers=papers, verdict=None, rule=provision.ask)
        load = _load(documents) if papers else self._router.load(case.decision, case.members, provision)
        ways = self._router.ways_under(delivery, provision, load, opened)
        verdict = next((one for one in ways.verdicts if one.channel == channel), None)
        return _Way(delivery=delivery, papers=papers, verdict=verdict, rule=(verdict or ways.verdicts[0]).rule)


def rerouted(delivery: Delivery, channel: str, now: dt.datetime) -> Delivery:
    """The delivery due by that channel; those planned after the one in use stay behind it.

    Raises Conflict: as `state_after`.
    """
    behind = [one for one in delivery.plan[delivery.position + 1 :] if one != channel]
    return replace(
        delivery,
        state=state_after(delivery, Action.REROUTE),
        reason=Reason.REROUTED_BY_PERSON,
        plan=(channel, *behind),
        position=0,
        attempts=0,
        next_action_at=now,
    )


def _load(documents: Sequence[RenderedRecord]) -> Load:
    papers = [one for one in documents if one.kind is not None]
    pages = [one.pages or 0 for one in papers]
    return Load(bytes=sum(one.size for one in papers), pages=max(pages, default=0), all_pages=sum(pages))


def _forbidden(channel: str, rule: AnyRule) -> Conflict:
    source = rule.source
    return Conflict(
        Code.DELIVERY_CHANNEL_FORBIDDEN, channel=channel, rule=rule.id, source=source.en, source_fr=source.fr
    )
