"""A delivery as the papers of proof tell of it: what they concern, to whom it went, what was tried and came back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.application.dates.office_dates import today_at, zone_of
from gateway.application.retention.remains import ProofFacts
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.dispatch import Dispatch
from gateway.domain.parties import Language, PreferredLanguage
from gateway.ports.database import Transaction
from gateway.ports.former_papers import FormerPapers
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
    """A delivery with everything that rows hold of it. former: papers that `documents` took the place of."""

    dispatch: Dispatch
    delivery: Delivery
    attempts: Sequence[Attempt]
    receipts: Sequence[ReceiptRecord]
    documents: Sequence[RenderedRecord]
    former: Sequence[FormerPapers] = ()

    def papers_of(self, attempt: Attempt) -> FormerPapers | None:
        """The former papers that the attempt sent; None where it sent those that stand."""
        return next((one for one in self.former if attempt.fence <= one.fence), None)


def read_record(tx: Transaction, dispatch: Dispatch, delivery: Delivery) -> DeliveryRecord:
    """Reads it."""
    return DeliveryRecord(
        dispatch=dispatch,
        delivery=delivery,
        attempts=tx.deliveries.attempts_of([delivery.id]).get(delivery.id, ()),
        receipts=tx.records.receipts_of([delivery.id])[delivery.id],
        documents=tx.records.documents(delivery.id),
        former=tx.former_papers.of_delivery(delivery.id),
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


def provision_of(record: DeliveryRecord, facts: ProofFacts, attempt: Attempt | None = None) -> Provision:
    """To whom, as what, and which documents: those that the attempt sent, or those that stand. Of what expired under an
    earlier release nobody knows to whom."""
    former = record.papers_of(attempt) if attempt is not None else None
    documents = [
        ProvidedDocument(kind=one.kind, language=one.language, pages=one.pages, digest=one.digest)
        for one in (former.documents if former is not None else record.documents)
        if one.kind is not None
    ]
    return Provision(to=_addressee(record, facts, former), role=record.delivery.roles[0], documents=tuple(documents))


def _addressee(record: DeliveryRecord, facts: ProofFacts, former: FormerPapers | None) -> Addressee:
    if former is None:
        return facts.addressees.get(record.delivery.id, Addressee(name=None))
    return facts.former[record.delivery.id][former.turn - 1]


def transmission_record(record: DeliveryRecord, facts: ProofFacts, now: dt.datetime) -> TransmissionRecord:
    """What the gateway alone vouches for."""
    provision = provision_of(record, facts)
    tried = [
        RecordedAttempt(
            channel=one.channel,
            started_at=one.started_at,
            result=one.result,
            reference=one.reference,
            instead=_instead(provision, provision_of(record, facts, one)),
        )
        for one in record.attempts
        if one.started_at is not None and one.result is not None
    ]
    return TransmissionRecord(
        concern=concern_of(record, now),
        provision=provision,
        attempts=tuple(tried),
        receipts=tuple(one.receipt for one in record.receipts),
    )


def _instead(stands: Provision, sent: Provision) -> Addressee | None:
    return sent.to if sent.to != stands.to else None
