"""Service by hand, recorded by the person who did it: when, where, to whom, and the proof they bring.

Where a packet was printed for it, the service is that attempt's; a proof that bears the code of another is refused.
"""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP

from gateway.application import contexts
from gateway.application.acts.person_acts import PersonActs, state_after
from gateway.application.papers.packets import in_hand
from gateway.application.sealed import Vault, data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery, ResultName
from gateway.domain.digest import sha256
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.receipt import BY_A_PERSON, Receipt, ReceiptEvent
from gateway.domain.reference import SendingToken
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.incoming import PageScanner
from gateway.ports.records import ReceiptRecord

MOST_OCTETS = 20_000_000
"""Of a proof: a scanned acknowledgement has a few pages."""
SERVICE_RECORD = "service-record/1"
"""What a record of a service by hand calls itself: what a person recorded is not always one."""


@dataclass(frozen=True, kw_only=True)
class HandService:
    """What the person tells. place, handed_to: in their own words; proof: a scanned acknowledgement, a photograph."""

    at: dt.datetime
    place: str
    handed_to: str
    proof: bytes


class RecordService:
    """Ends a delivery by a service that a person made and proves."""

    def __init__(self, *, database: Database, vault: Vault, scanner: PageScanner, clock: Clock) -> None:
        self._scanner = scanner
        self._database = database
        self._vault = vault
        self._acts = PersonActs(vault=vault, clock=clock)
        self._clock = clock

    def __call__(self, delivery_id: str, service: HandService, *, actor: str, reason: str) -> Delivery:
        """The delivery, delivered and settled.

        Raises NoSuchThing, Conflict (delivery.action-not-possible; receipt.of-another-delivery: the proof bears its
        code), InputRefused (request.invalid: something is missing, or was before the package or after now;
        receipt.too-large), ServiceDown (reader.unavailable).
        """
        with self._database.read() as tx:
            before = tx.deliveries.get(delivery_id)
            accepted_at = tx.dispatches.get(before.dispatch).accepted_at
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        state_after(before, Action.RECORD_SERVICE)
        self._check(service, accepted_at)
        self._refuse_anothers(delivery_id, service.proof)
        receipt_id = str(uuid.uuid4())
        raw = _record(delivery_id, service, actor)
        with self._vault.keeping() as put:
            record = ReceiptRecord(
                id=receipt_id,
                delivery=delivery_id,
                attempt=str(uuid.uuid4()),
                receipt=Receipt(
                    event=ReceiptEvent.CONTENT_HANDOVER, at=service.at, source=BY_A_PERSON, evidence=sha256(raw)
                ),
                external_id=receipt_id,
                object_name=put(key, contexts.service_record(receipt_id), raw),
            )
            with self._database.write() as tx:
                return self._settle(tx, record, actor=actor, reason=reason)

    def _settle(self, tx: Transaction, record: ReceiptRecord, *, actor: str, reason: str) -> Delivery:
        before = tx.deliveries.get(record.delivery, lock=True)
        state = state_after(before, Action.RECORD_SERVICE)
        after = replace(before, state=state, reason=None, settled=True, next_action_at=None, lease_until=None)
        packet = in_hand(tx, before)
        if packet is None:
            tx.deliveries.add_attempt(_attempt(before, record, len(tx.deliveries.attempts(before.id)) + 1))
        else:
            record = replace(record, attempt=packet.id)
            tx.deliveries.end_attempt(replace(packet, finished_at=record.receipt.at, result=ResultName.HANDED_OVER))
        tx.records.add_receipt(record)
        facts = {"channel": ChannelName.HAND_DELIVERY.value, "evidence": record.receipt.evidence}
        self._acts.record(tx, before, after, Action.RECORD_SERVICE, actor=actor, reason=reason, facts=facts)
        return after

    def _refuse_anothers(self, delivery_id: str, proof: bytes) -> None:
        try:
            codes = self._scanner.codes(proof)
        except InputRefused:
            return  # a proof need not be a page of ours
        with self._database.look_up() as tx:
            tokens = [SendingToken.parse(tx.return_codes.find(code) or "").message for code in codes]
            if any(one.delivery != delivery_id for one in tx.deliveries.by_tokens(tokens)):
                raise Conflict(Code.RECEIPT_OF_ANOTHER_DELIVERY, where=delivery_id)

    def _check(self, service: HandService, accepted_at: dt.datetime) -> None:
        for name, value in (("place", service.place), ("handed-to", service.handed_to), ("file", service.proof)):
            if not value.strip():
                raise InputRefused(Code.REQUEST_INVALID, where=name, expected="minLength 1")
        if not accepted_at <= service.at <= self._clock.now():
            bounds = f"{accepted_at.isoformat(timespec='seconds')} ≤ at ≤ {self._clock.now().isoformat('T', 'seconds')}"
            raise InputRefused(Code.REQUEST_INVALID, where="at", expected=bounds)
        if len(service.proof) > MOST_OCTETS:
            raise InputRefused(Code.RECEIPT_TOO_LARGE, most=MOST_OCTETS)


def _attempt(delivery: Delivery, record: ReceiptRecord, number: int) -> Attempt:
    """The service as an attempt by hand, so that it stands among the ways by which the papers left."""
    at = record.receipt.at
    return Attempt(
        id=record.attempt or record.id,
        delivery=delivery.id,
        number=number,
        channel=ChannelName.HAND_DELIVERY,
        fence=delivery.fence,
        reference=record.id,
        claimed_at=at,
        started_at=at,
        finished_at=at,
        result=ResultName.HANDED_OVER,
    )


def _record(delivery_id: str, service: HandService, actor: str) -> bytes:
    told = {
        "schema": SERVICE_RECORD,
        "delivery": delivery_id,
        "method": ChannelName.HAND_DELIVERY.value,
        "at": service.at.isoformat(),
        "place": service.place,
        "handed_to": service.handed_to,
        "served_by": actor,
        "proof": sha256(service.proof),
    }
    return record_message(told, service.proof)


def record_message(told: Mapping[str, str], proof: bytes) -> bytes:
    """What a person recorded with its proof as one message (RFC 5322): any mail program shows both."""
    message = EmailMessage(policy=SMTP)
    message.set_content(json.dumps(told, ensure_ascii=False, indent=1), subtype="plain", cte="base64")
    message.add_attachment(proof, maintype="application", subtype="octet-stream", filename="proof")
    return message.as_bytes()
