"""Recalling a dispatch: in one transaction nothing more of it leaves, and what lies in the exchange is withdrawn.

Locks are taken in one order, the dispatch, what lies in the exchange, the deliveries: whoever leaves, takes or sends at
this moment either came before, and is seen, or comes after, and sees the recall.
"""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.contained import recalled_event
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, ResultName
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import Entry
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.recall import after_recall, containment, recalled_dispatch, unstarted
from gateway.domain.receipt import EXCHANGE, Receipt, ReceiptEvent
from gateway.domain.reference import token_of
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord


@dataclass(frozen=True, kw_only=True)
class _Act:
    """Who recalls, and when. statement: says so, kept as evidence under that name."""

    actor: str
    at: dt.datetime
    statement: bytes
    kept_as: str


class Recall:
    """Contains a package. One person may, since it takes nothing from anybody and every minute counts."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, dispatch_id: str, *, actor: str, reason: str) -> None:
        """Recalls it. Again: what could not be stopped then and has not left since is stopped now.

        Raises NoSuchThing (dispatch.unknown), InputRefused (request.invalid: no reason), SetupWrong (seal.*).
        """
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        at = self._clock.now()
        statement = _statement(dispatch_id, actor, at)
        with self._database.read() as tx:
            key = data_key(tx.registry, tx.dispatches.get(dispatch_id).data_key)
            evidence_key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        why = self._vault.seal(key, contexts.reason(dispatch_id), reason.encode())
        with self._vault.keeping() as put:
            kept_as = put(evidence_key, contexts.recalled(dispatch_id), statement)
            act = _Act(actor=actor, at=at, statement=statement, kept_as=kept_as)
            with self._database.write() as tx:
                self._contain(tx, dispatch_id, act, why)

    def _contain(self, tx: Transaction, dispatch_id: str, act: _Act, why: bytes) -> None:
        tx.dispatches.save(recalled_dispatch(tx.dispatches.get(dispatch_id, lock=True)))
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
        for delivery in tx.deliveries.of_dispatch(dispatch_id):
            left = left_for(tx, tx.deliveries.attempts(delivery.id), lock=True)
            self._stop(tx, delivery.id, left, act)
            for entry in left:
                _retract(tx, entry, act)

    def _stop(self, tx: Transaction, delivery_id: str, left: Sequence[Entry], act: _Act) -> None:
        before = tx.deliveries.get(delivery_id, lock=True)
        attempts = tx.deliveries.attempts(delivery_id)
        after = after_recall(before, attempts, left)
        if after == before:
            return
        tx.deliveries.save(after)
        for attempt in unstarted(before, attempts):
            tx.deliveries.end_attempt(_ended(attempt, act.at))
        came_to = containment(after, attempts, left)
        tx.records.append(recalled_event(before, after, came_to, act.at, actor=act.actor))


def left_for(tx: Transaction, attempts: Sequence[Attempt], *, lock: bool = False) -> list[Entry]:
    """What those attempts left in our exchange."""
    tokens = dict.fromkeys(token_of(one.reference) for one in attempts)
    entries = (tx.exchange.entry(token, lock=lock) for token in tokens)
    return [one for one in entries if one is not None]


def _retract(tx: Transaction, entry: Entry, act: _Act) -> None:
    """What was taken stays taken; that the rest was not is evidence of its own."""
    if entry.retracted_at is not None:
        return
    tx.exchange.save_entry(replace(entry, retracted_at=act.at, collect_by=None))
    tx.exchange.end_notice(entry.id)
    if not entry.collected:
        evidence = sha256(act.statement)
        event = ReceiptEvent.CONTENT_HANDOVER_FAILURE
        tx.records.add_receipt(
            ReceiptRecord(
                id=str(uuid.uuid4()),
                delivery=entry.delivery,
                attempt=entry.attempt,
                receipt=Receipt(event=event, at=act.at, source=EXCHANGE, evidence=evidence),
                external_id=f"{entry.id}/retracted",
                object_name=act.kept_as,
            )
        )
    tx.records.append(
        Event(
            name=EventName.EXCHANGE_RETRACTED,
            at=act.at,
            actor=act.actor,
            dispatch=entry.dispatch,
            delivery=entry.delivery,
            attempt=entry.attempt,
            facts={"account": entry.account, "taken": len(entry.taken), "of": len(entry.documents)},
        )
    )


def _ended(attempt: Attempt, at: dt.datetime) -> Attempt:
    return replace(attempt, finished_at=at, result=ResultName.NOT_SENT, reason=Reason.RECALLED_BY_PERSON)


def _statement(dispatch_id: str, actor: str, at: dt.datetime) -> bytes:
    """What is kept as evidence: who recalled what and when, nothing of why."""
    said = {"schema": "recall/1", "dispatch": dispatch_id, "recalled_by": actor, "at": at.isoformat()}
    return json.dumps(said, sort_keys=True).encode()
