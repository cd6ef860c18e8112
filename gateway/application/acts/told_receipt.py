"""What a recipient says they have: recorded by the person who asked them, for what should have come back and did not.

It is that person's word and what they bring for it, never the carrier's: the service rests on a record (INTERFACE.md,
basis `recorded`), of the very sending that the recipient says they have.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.acts.person_acts import PersonActs, state_after
from gateway.application.acts.service_record import MOST_OCTETS, record_message
from gateway.application.sealed import Vault, data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.digest import sha256
from gateway.domain.problem import InputRefused
from gateway.domain.receipt import BY_A_PERSON, Receipt, ReceiptEvent
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord


@dataclass(frozen=True, kw_only=True)
class ToldReceipt:
    """What the person tells. channel: by which the recipient has it; at: since when, by their word; told_by: who they
    are, and how they showed it; proof: their reply, or the note of the call."""

    channel: str
    at: dt.datetime
    told_by: str
    proof: bytes


class RecordReceipt:
    """Ends a delivery by what its recipient says of it."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._acts = PersonActs(vault=vault, clock=clock)
        self._clock = clock

    def __call__(self, delivery_id: str, told: ToldReceipt, *, actor: str, reason: str) -> Delivery:
        """The delivery, delivered and settled.

        Raises NoSuchThing, Conflict (delivery.action-not-possible), InputRefused (request.invalid: something is
        missing; it never left by that channel; they cannot have had it then; receipt.too-large).
        """
        with self._database.read() as tx:
            before = tx.deliveries.get(delivery_id)
            attempt = _sending(tx.deliveries.attempts(delivery_id), told.channel)
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        state_after(before, Action.RECORD_SERVICE)
        self._check(told, attempt)
        receipt_id = str(uuid.uuid4())
        raw = record_message(
            {
                "schema": "receipt-record/1",
                "delivery": delivery_id,
                "attempt": attempt.id,
                "method": told.channel,
                "received_at": told.at.isoformat(),
                "told_by": told.told_by,
                "recorded_by": actor,
                "proof": sha256(told.proof),
            },
            told.proof,
        )
        with self._vault.keeping() as put:
            record = ReceiptRecord(
                id=receipt_id,
                delivery=delivery_id,
                attempt=attempt.id,
                receipt=Receipt(
                    event=ReceiptEvent.CONTENT_HANDOVER, at=told.at, source=BY_A_PERSON, evidence=sha256(raw)
                ),
                external_id=receipt_id,
                object_name=put(key, contexts.service_record(receipt_id), raw),
            )
            with self._database.write() as tx:
                return self._settle(tx, record, told.channel, actor=actor, reason=reason)

    def _settle(self, tx: Transaction, record: ReceiptRecord, channel: str, *, actor: str, reason: str) -> Delivery:
        before = tx.deliveries.get(record.delivery, lock=True)
        state = state_after(before, Action.RECORD_SERVICE)
        after = replace(before, state=state, reason=None, settled=True, next_action_at=None, lease_until=None)
        tx.records.add_receipt(record)
        facts = {"channel": channel, "evidence": record.receipt.evidence}
        self._acts.record(tx, before, after, Action.RECORD_SERVICE, actor=actor, reason=reason, facts=facts)
        return after

    def _check(self, told: ToldReceipt, attempt: Attempt) -> None:
        for name, value in (("handed-to", told.told_by), ("file", told.proof)):
            if not value.strip():
                raise InputRefused(Code.REQUEST_INVALID, where=name, expected="minLength 1")
        left_at, now = attempt.started_at or attempt.claimed_at, self._clock.now()
        if not left_at <= told.at <= now:
            bounds = f"{left_at.isoformat(timespec='seconds')} ≤ at ≤ {now.isoformat(timespec='seconds')}"
            raise InputRefused(Code.REQUEST_INVALID, where="at", expected=bounds)
        if len(told.proof) > MOST_OCTETS:
            raise InputRefused(Code.RECEIPT_TOO_LARGE, most=MOST_OCTETS)


def _sending(attempts: Sequence[Attempt], channel: str) -> Attempt:
    """The last attempt by which it left by that channel, or may have. Raises InputRefused (request.invalid)."""
    left = [one for one in attempts if one.may_have_left]
    for attempt in reversed(left):
        if attempt.channel == channel:
            return attempt
    ways = " | ".join(dict.fromkeys(one.channel for one in left))
    raise InputRefused(Code.REQUEST_INVALID, where="channel", expected=ways or "hand-delivery")
