"""A paper of proof as it is drawn: from what rows and package say, and from what the officer said."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import SMTP

from gateway.application.acts.service_record import SERVICE_RECORD
from gateway.application.evidence.records import DeliveryRecord, concern_of, provision_of
from gateway.application.retention.remains import ProofFacts
from gateway.domain.parties import ChannelName
from gateway.domain.proof import STATED, ProofKind
from gateway.domain.receipt import BY_A_PERSON
from gateway.domain.service import Service
from gateway.ports.records import ReceiptRecord
from gateway.ports.registry_papers import (
    NoProofExplanation,
    Officer,
    ReceiptConfirmation,
    ServiceStatement,
)

ProofOf = ServiceStatement | NoProofExplanation | ReceiptConfirmation
OpenRecord = Callable[[ReceiptRecord], bytes]
"""What a person recorded of a service, as it was kept."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the officer said. `name` and `title` as they stand on the paper; `place`: where it was handed over or
    mailed, None meaning of mail the office; `explanation`: why there is no proof."""

    name: str = ""
    title: str | None = None
    place: str | None = None
    explanation: str = ""


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """What was recorded of a service by hand: where, and by whom (an account)."""

    place: str
    served_by: str


@dataclass(frozen=True, kw_only=True)
class Proven:
    """What a paper is to prove: a service of a delivery, told at the moment `at`."""

    record: DeliveryRecord
    facts: ProofFacts
    service: Service
    at: dt.datetime


def by_hand(proven: Proven, open_record: OpenRecord) -> ByHand | None:
    """The record of a service by hand, the last where there are several; None where there is none: of another method,
    or where a signed page or the recipient's word shows it."""
    if proven.service.method != ChannelName.HAND_DELIVERY:
        return None
    own = [one for one in proven.record.receipts if one.attempt == proven.service.attempt and one.object_name]
    kept = [one for one in own if one.receipt.source == BY_A_PERSON]
    told = (_told(open_record(one)) for one in reversed(kept))
    served = next((one for one in told if one.get("schema") == SERVICE_RECORD), None)
    return ByHand(place=served["place"], served_by=served["served_by"]) if served is not None else None


def _told(raw: bytes) -> dict[str, str]:
    body = message_from_bytes(raw, policy=SMTP).get_body(("plain",))
    told: dict[str, str] = json.loads(body.get_content() if body is not None else "{}")
    return told


def drawn_as(kind: ProofKind, proven: Proven, given: Given, signed_at: dt.datetime | None = None) -> ProofOf:
    """The paper as a value. signed_at: when the officer signed; None of a draft and of what no officer signs."""
    service, officer = proven.service, Officer(name=given.name, title=given.title)
    attempt = next(one for one in proven.record.attempts if one.id == service.attempt)
    concern, provision = concern_of(proven.record, proven.at), provision_of(proven.record, proven.facts, attempt)
    method = ChannelName(service.method) if service.method in set(ChannelName) else service.method
    if kind is ProofKind.STATEMENT:
        return ServiceStatement(
            concern=concern,
            provision=provision,
            method=method,
            provided_at=(service.provided_at or service.sent_at) if service.method in STATED else service.sent_at,
            place=given.place,
            officer=officer,
            received_at=None if service.method in STATED else service.received_at,
            signed_at=signed_at,
        )
    if kind is ProofKind.EXPLANATION:
        return NoProofExplanation(
            concern=concern,
            provision=provision,
            method=method,
            provided_at=service.sent_at,
            explanation=given.explanation,
            officer=officer,
            signed_at=signed_at,
        )
    if service.received_at is None:
        raise LookupError(service.attempt)  # nothing shows that it was received: `proof_of` asks for no confirmation
    return ReceiptConfirmation(
        concern=concern,
        provision=provision,
        method=method,
        sent_at=service.sent_at,
        received_at=service.received_at,
        reference=attempt.reference,
        receipts=tuple(one.receipt for one in proven.record.receipts if one.attempt == attempt.id),
    )
