"""Settles what may have been sent: a report does, if one comes in its time; else the carrier's answer, where it can be
asked; else a person. Nothing is sent again before one of them has said that it was not."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from gateway.application import contexts
from gateway.application.sealed import Vault, data_key
from gateway.application.sweeps import Found
from gateway.domain.delivery import Attempt, Delivery, HandedOver
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.failures import NotSent
from gateway.domain.progress import after_answer
from gateway.domain.receipt import Receipt
from gateway.ports.channels import Answer, Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord

ASKED = "/asked"
"""After the attempt's id: the receipt of what its carrier said when it was asked."""


class SettleUnconfirmed:
    """Each is given to a person before its carrier is asked, so that a question that breaks off leaves it with one."""

    def __init__(self, *, database: Database, vault: Vault, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._channels = channels
        self._clock = clock

    def __call__(self, limit: int) -> Mapping[Found, int]:
        """Deals with at most `limit` whose time for a report is over."""
        with self._database.look_up() as tx:
            due = tx.deliveries.unconfirmed(now=self._clock.now(), limit=limit)
        found = Counter[Found]()
        for delivery in due:
            found.update(self._settle(delivery))
        return found

    def _settle(self, delivery: Delivery) -> list[Found]:
        called = replace(delivery, next_action_at=None)
        if not self._saved(delivery, called, EventName.PERSON_CALLED, {"reason": str(delivery.reason)}):
            return []
        with self._database.look_up() as tx:
            attempt = tx.deliveries.attempts(delivery.id)[-1]
        channel = self._channels.get(attempt.channel)
        if channel is None or not channel.capabilities.can_look_up:
            return [Found.WAITED, Found.HANDED_TO_PERSON]
        answer = channel.look_up(attempt.reference)
        after = after_answer(called, answer, self._clock.now())
        record = self._receipt(channel, attempt, answer) if isinstance(answer, HandedOver) else None
        self._saved(called, after, EventName.CARRIER_ASKED, {"answer": _named(answer)}, record)
        return [Found.ASKED] if after != called else [Found.ASKED, Found.HANDED_TO_PERSON]

    def _saved(
        self,
        before: Delivery,
        after: Delivery,
        name: EventName,
        facts: Mapping[str, str],
        receipt: ReceiptRecord | None = None,
    ) -> bool:
        """Whether it was as it had been: else a report or a person was quicker, and nothing is written."""
        with self._database.write() as tx:
            if tx.deliveries.get(before.id, lock=True) != before:
                return False
            tx.deliveries.save(after)
            if receipt is not None:
                tx.records.add_receipt(receipt)
            self._tell(tx, before, name, {**facts, "channel": before.channel or "", "to": after.state.value})
        return True

    def _tell(self, tx: Transaction, delivery: Delivery, name: EventName, facts: Mapping[str, str]) -> None:
        event = Event(
            name=name,
            at=self._clock.now(),
            actor="gateway",
            dispatch=delivery.dispatch,
            delivery=delivery.id,
            facts=facts,
        )
        tx.records.append(event)

    def _receipt(self, channel: Channel, attempt: Attempt, answer: HandedOver) -> ReceiptRecord:
        """What the carrier said, kept as what it is: its word that it took the papers."""
        receipt_id, words = str(uuid.uuid4()), answer.words.encode()
        with self._database.look_up() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        able = channel.capabilities
        return ReceiptRecord(
            id=receipt_id,
            delivery=attempt.delivery,
            attempt=attempt.id,
            receipt=Receipt(event=able.receipt, at=self._clock.now(), source=able.source, evidence=sha256(words)),
            external_id=attempt.id + ASKED,
            object_name=self._vault.put(key, contexts.incoming(receipt_id), words),
        )


def _named(answer: Answer) -> str:
    match answer:
        case HandedOver():
            return "sent"
        case NotSent():
            return "not-sent"
        case None:
            return "unknown"
