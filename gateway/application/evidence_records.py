"""A delivery as the papers of proof tell of it: what they concern, to whom it went, what was tried and came back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.application.addressed import went_elsewhere
from gateway.application.office_dates import today_at, zone_of
from gateway.application.remains import ProofFacts
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.dispatch import Dispatch
from gateway.domain.parties import Language, PreferredLanguage
from gateway.ports.database import Transaction
from gateway.ports.papers import Addressee
from gateway.ports.records import ReceiptRecord, RenderedRecord
from gateway.ports.registry_papers import (
    Concern,
    ProvidedDocument,
    Provision,
    RecordedAttempt,
    TransmissionRecord,
)


@dataclass(frozen=True, kw_only=True)
class DeliveryRecord:
    """A delivery with everything that rows hold of it. elsewhere: attempts that went to an address it no longer
    has."""

    dispatch: Dispatch
    delivery: Delivery
    attempts: Sequence[Attempt]
    receipts: Sequence[ReceiptRecord]
    documents: Sequence[RenderedRecord]
    elsewhere: frozenset[str] = frozenset()


def read_record(tx: Transaction, dispatch: Dispatch, delivery: Delivery) -> DeliveryRecord:
    """Reads it."""
    attempts = tx.deliveries.attempts_of([delivery.id]).get(delivery.id, ())
    return DeliveryRecord(
        dispatch=dispatch,
        delivery=delivery,
        attempts=attempts,
        receipts=tx.records.receipts_of([delivery.id])[delivery.id],
        documents=tx.records.documents(delivery.id),
        elsewhere=frozenset(one.id for one in attempts if went_elsewhere(tx, one)),
    )


def paper_language(delivery: Delivery) -> Language:
    """The language of the papers about a delivery: its recipient's."""
    return Language.FR if delivery.language is PreferredLanguage.FR else Language.EN


def concern_of(record: DeliveryRecord, now: dt.datetime) -> Concern:
    """What a paper made now about the delivery concerns."""
    dispatch = record.dispatch
    return Concern(
        division=dispatch.division,
        office=dispatch.office,
        zone=zone_of(dispatch.office),
        files=dispatch.files,
        delivery=record.delivery.id,
        language=paper_language(record.delivery),
        made_on=today_at(dispatch.office, now),
    )


def provision_of(record: DeliveryRecord, facts: ProofFacts) -> Provision:
    """To whom, as what, and which documents. Of what expired under an earlier release nobody knows to whom."""
    documents = [
        ProvidedDocument(kind=one.kind, language=one.language, pages=one.pages, digest=one.digest)
        for one in record.documents
        if one.kind is not None
    ]
    to = facts.addressees.get(record.delivery.id, Addressee(name=None))
    return Provision(to=to, role=record.delivery.roles[0], documents=tuple(documents))


def transmission_record(record: DeliveryRecord, facts: ProofFacts, now: dt.datetime) -> TransmissionRecord:
    """What the gateway alone vouches for."""
    tried = [
        RecordedAttempt(
            channel=one.channel,
            started_at=one.started_at,
            result=one.result,
            reference=one.reference,
            elsewhere=one.id in record.elsewhere,
        )
        for one in record.attempts
        if one.started_at is not None and one.result is not None
    ]
    return TransmissionRecord(
        concern=concern_of(record, now),
        provision=provision_of(record, facts),
        attempts=tuple(tried),
        receipts=tuple(one.receipt for one in record.receipts),
    )
