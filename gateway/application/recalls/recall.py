"""Recalling a dispatch: in one transaction nothing more of it leaves, and what lies in the exchange is withdrawn.

Locks are taken in one order, the dispatch, what lies in the exchange, the deliveries by their ids: whoever leaves,
takes or sends at this moment either came before, and is seen, or comes after, and sees the recall.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace

from gateway.application import contexts
from gateway.application.exchange.withdraw import Withdrawal, left_for, withdraw
from gateway.application.people.own_offices import check_dispatch
from gateway.application.recalls.contained import recalled_event
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, ResultName
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import Entry
from gateway.domain.problem import Conflict, InputRefused, ServiceDown
from gateway.domain.reasons import Reason
from gateway.domain.recall import (
    after_recall,
    beyond_the_exchange,
    containment,
    recalled_dispatch,
    unstarted,
    was_taken,
)
from gateway.domain.report import Finding
from gateway.domain.unreached import Unreached
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

_TRIES = 3
"""Of the transaction: a person who recalls is not sent away because another one was quicker by a moment."""


class Recall:
    """Contains a package. One person may, since it takes nothing from anybody and every minute counts."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, dispatch_id: str, *, actor: str, reason: str, seen: int | None = None) -> None:
        """Recalls it. Again: what could not be stopped then and has not left since is stopped now. seen: how many
        recalls of it the person had before their eyes, where that is known.

        Raises NoSuchThing (dispatch.unknown), InputRefused (request.invalid: no reason), SetupWrong (seal.*),
        NotAllowed (account.other-office), Conflict (dispatch.recalled-meanwhile: not by what they had seen).
        """
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        at = self._clock.now()
        statement = _statement(dispatch_id, actor, at)
        with self._database.read() as tx:
            key = data_key(tx.registry, check_dispatch(tx, tx.dispatches.get(dispatch_id), actor).data_key)
            evidence_key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        why = self._vault.seal(key, contexts.reason(dispatch_id), reason.encode())
        with self._vault.keeping() as put:
            kept_as = put(evidence_key, contexts.recalled(dispatch_id), statement)
            act = Withdrawal(actor=actor, at=at, statement=statement, kept_as=kept_as)
            self._at_once(dispatch_id, act, why, seen)

    def _at_once(self, dispatch_id: str, act: Withdrawal, why: bytes, seen: int | None, tries: int = _TRIES) -> None:
        try:
            with self._database.write() as tx:
                if tries == _TRIES or not _stands(tx, dispatch_id, act):
                    self._contain(tx, dispatch_id, act, why, seen)
        except ServiceDown:
            if tries == 1:
                raise
            self._at_once(dispatch_id, act, why, seen, tries - 1)

    def _contain(self, tx: Transaction, dispatch_id: str, act: Withdrawal, why: bytes, seen: int | None) -> None:
        standing = tx.dispatches.get(dispatch_id, lock=True)
        if seen is not None and seen != len(_recalls(tx, dispatch_id)):
            raise Conflict(Code.DISPATCH_RECALLED_MEANWHILE, where=dispatch_id)
        tx.dispatches.save(recalled_dispatch(standing))
        tx.records.append(
            Event(
                name=EventName.DISPATCH_RECALLED,
                at=act.at,
                actor=act.actor,
                dispatch=dispatch_id,
                facts={"evidence": sha256(act.statement)},
                reason=why,
            )
        )
        tx.feed.recall(dispatch_id, act.at)
        ids = sorted(one.id for one in tx.deliveries.of_dispatch(dispatch_id))
        lying = {one: left_for(tx, tx.deliveries.attempts(one), lock=True) for one in ids}
        for delivery_id, left in lying.items():
            self._stop(tx, delivery_id, left, act)
            for entry in left:
                if was_taken(entry):
                    tx.unreached.add(Unreached.at(entry, Finding.RECALL_UNREACHED, act.at, taken=True))
                withdraw(tx, entry, act)

    def _stop(self, tx: Transaction, delivery_id: str, left: Sequence[Entry], act: Withdrawal) -> None:
        before = tx.deliveries.get(delivery_id, lock=True)
        attempts = tx.deliveries.attempts(delivery_id)
        for one in beyond_the_exchange(attempts, left):
            tx.unreached.add(Unreached.of(one, before.dispatch, Finding.RECALL_UNREACHED, act.at))
        after = after_recall(before, attempts, left)
        if after == before:
            return
        tx.deliveries.save(after)
        for attempt in unstarted(before, attempts):
            tx.deliveries.end_attempt(_ended(attempt, act.at))
        came_to = containment(after, attempts, left)
        tx.records.append(recalled_event(before, after, came_to, act.at, actor=act.actor))


def _stands(tx: Transaction, dispatch_id: str, act: Withdrawal) -> bool:
    """Whether a try before was committed and only the answer to it was lost: then it is recalled, by them."""
    tx.dispatches.get(dispatch_id, lock=True)
    return sha256(act.statement) in _recalls(tx, dispatch_id)


def _recalls(tx: Transaction, dispatch_id: str) -> Sequence[object]:
    """What is kept as evidence of each, by its digest."""
    events = tx.records.events(dispatch_id)
    return [one.facts.get("evidence") for one in events if one.name is EventName.DISPATCH_RECALLED]


def _ended(attempt: Attempt, at: dt.datetime) -> Attempt:
    return replace(attempt, finished_at=at, result=ResultName.NOT_SENT, reason=Reason.RECALLED_BY_PERSON)


def _statement(dispatch_id: str, actor: str, at: dt.datetime) -> bytes:
    """What is kept as evidence: who recalled what and when, nothing of why."""
    said = {"schema": "recall/1", "dispatch": dispatch_id, "recalled_by": actor, "at": at.isoformat()}
    return json.dumps(said, sort_keys=True).encode()
