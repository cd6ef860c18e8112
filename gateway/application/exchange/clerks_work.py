"""What a clerk uploads: confirmed with the conversation and what the exchange showed them, then destroyed here."""

import json
import uuid
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP

from gateway.application import contexts
from gateway.application.acts.person_acts import PersonActs, state_after
from gateway.application.acts.service_record import MOST_OCTETS
from gateway.application.dates.receipt_rules import closing_rules
from gateway.application.sealed import Vault, data_key
from gateway.domain.acts import Action
from gateway.domain.closing import find_closing
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery, DeliveryState, ResultName
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Step
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.receipt import BY_A_PERSON, Receipt, ReceiptEvent
from gateway.domain.settling import first_look
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.exchange import ClerksFolder
from gateway.ports.records import ReceiptRecord

_LAID_OUT = frozenset({DeliveryState.SENDING, DeliveryState.UNCONFIRMED, DeliveryState.AWAITING_PERSON})
"""States in which a clerk may still need what lies there."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What the clerk tells. conversation: as the exchange names it; proof: a screenshot or the receipt it gave."""

    conversation: str
    proof: bytes


class ConfirmUpload:
    """Records that a clerk uploaded a delivery. That it lies there is the handover, and no more than that."""

    def __init__(self, *, database: Database, vault: Vault, folder: ClerksFolder, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._folder = folder
        self._acts = PersonActs(vault=vault, clock=clock)
        self._clock = clock

    def __call__(self, delivery_id: str, upload: Upload, *, actor: str, reason: str) -> Delivery:
        """The delivery, handed over.

        Raises NoSuchThing, Conflict (delivery.action-not-possible: no clerk has it), InputRefused (request.invalid:
        something is missing; receipt.too-large).
        """
        for name, value in (("conversation", upload.conversation), ("file", upload.proof)):
            if not value.strip():
                raise InputRefused(Code.REQUEST_INVALID, where=name, expected="minLength 1")
        if len(upload.proof) > MOST_OCTETS:
            raise InputRefused(Code.RECEIPT_TOO_LARGE, most=MOST_OCTETS)
        with self._database.read() as tx:
            attempt = _in_clerks_hands(tx, tx.deliveries.get(delivery_id))
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        now, receipt_id = self._clock.now(), str(uuid.uuid4())
        raw = _record(attempt, upload, actor, now.isoformat())
        with self._vault.keeping() as put:
            record = ReceiptRecord(
                id=receipt_id,
                delivery=delivery_id,
                attempt=attempt.id,
                receipt=Receipt(
                    event=ReceiptEvent.CONTENT_CONSIGNMENT, at=now, source=BY_A_PERSON, evidence=sha256(raw)
                ),
                external_id=attempt.id,
                object_name=put(key, contexts.service_record(receipt_id), raw),
            )
            with self._database.write() as tx:
                after = self._handed_over(tx, record, actor=actor, reason=reason)
        self._folder.destroy(attempt.reference)
        return after

    def _handed_over(self, tx: Transaction, record: ReceiptRecord, *, actor: str, reason: str) -> Delivery:
        before = tx.deliveries.get(record.delivery, lock=True)
        attempt, at = _in_clerks_hands(tx, before), record.receipt.at
        rule = find_closing(closing_rules(), tx.dispatches.get(before.dispatch).division, attempt.channel)
        state = state_after(before, Action.CONFIRM_SENT)
        after = replace(before, state=state, reason=None, next_action_at=first_look(rule, at))
        tx.deliveries.end_attempt(replace(attempt, finished_at=at, result=ResultName.HANDED_OVER))
        tx.records.add_receipt(record)
        facts = {"channel": attempt.channel, "evidence": record.receipt.evidence}
        self._acts.record(tx, before, after, Action.CONFIRM_SENT, actor=actor, reason=reason, facts=facts)
        return after


class ClearClerksFolder:
    """Destroys what lies there and no clerk needs: confirmed, settled otherwise, recalled, or held back by what was
    said of the parties since. Safe to run anywhere."""

    def __init__(self, *, database: Database, folder: ClerksFolder) -> None:
        self._database = database
        self._folder = folder

    def __call__(self, limit: int) -> int:
        """How many were destroyed, at most `limit`."""
        with self._database.look_up() as tx:
            spent = [one for one in self._folder.all() if not _needed(tx, one)][:limit]
        for reference in spent:
            self._destroy(reference)
        return len(spent)

    def _destroy(self, reference: str) -> None:
        """Asked once more under the delivery's lock: else a try that begins now would find gone what it laid out."""
        with self._database.write() as tx:
            if not _needed(tx, reference, lock=True):
                self._folder.destroy(reference)


def _needed(tx: Transaction, reference: str, *, lock: bool = False) -> bool:
    """Whether it is of its delivery's last attempt, and a clerk may have to upload it."""
    attempts = tx.deliveries.by_tokens([reference])
    if not attempts:
        return False
    delivery = tx.deliveries.get(attempts[-1].delivery, lock=lock)
    is_last = tx.deliveries.attempts(delivery.id)[-1].reference == reference
    recalled = tx.dispatches.get(delivery.dispatch).step is Step.RECALLED
    held_back = delivery.state is DeliveryState.AWAITING_PERSON and delivery.reason is not None
    return is_last and delivery.state in _LAID_OUT and not recalled and not held_back


def _in_clerks_hands(tx: Transaction, delivery: Delivery) -> Attempt:
    """The attempt that a clerk has. Raises Conflict (delivery.action-not-possible)."""
    attempts = tx.deliveries.attempts(delivery.id)
    if delivery.state is not DeliveryState.AWAITING_PERSON or attempts[-1].result is not ResultName.GIVEN_TO_PERSON:
        raise Conflict(Code.DELIVERY_ACTION_NOT_POSSIBLE, state=delivery.state.value, action=Action.CONFIRM_SENT.value)
    return attempts[-1]


def _record(attempt: Attempt, upload: Upload, actor: str, at: str) -> bytes:
    """The confirmation with what was shown as one message (RFC 5322): any mail program shows both."""
    message = EmailMessage(policy=SMTP)
    told = {
        "schema": "upload-record/1",
        "delivery": attempt.delivery,
        "method": attempt.channel,
        "reference": attempt.reference,
        "sent": attempt.sent_digest,
        "conversation": upload.conversation,
        "confirmed_by": actor,
        "at": at,
        "proof": sha256(upload.proof),
    }
    message.set_content(json.dumps(told, ensure_ascii=False, indent=1), subtype="plain", cte="base64")
    message.add_attachment(upload.proof, maintype="application", subtype="octet-stream", filename="proof")
    return message.as_bytes()
