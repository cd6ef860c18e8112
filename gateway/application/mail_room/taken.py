"""That a carrier has an envelope: by its driver's signature on the manifest, or by its own scan."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.dates.receipt_rules import closing_rules
from gateway.application.sealed import Vault, data_key
from gateway.domain.closing import find_closing
from gateway.domain.delivery import Attempt, Delivery, DeliveryEvent, DeliveryState, ResultName, next_state
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem, Manifest
from gateway.domain.receipt import Receipt
from gateway.domain.settling import first_look
from gateway.ports.channels import Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Transaction
from gateway.ports.records import ReceiptRecord


@dataclass(frozen=True, kw_only=True)
class Taken:
    """An item with the delivery and the attempt that it ends."""

    item: BatchedItem
    delivery: Delivery
    attempt: Attempt


class RecordTaken:
    """Ends attempts by their handover."""

    def __init__(self, *, vault: Vault, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._vault = vault
        self._channels = channels
        self._clock = clock

    def __call__(
        self, tx: Transaction, manifest: Manifest, one: Taken, *, at: dt.datetime, evidence: str, actor: str
    ) -> tuple[Delivery, Attempt]:
        """The delivery and the attempt as they stand then. at: when the carrier took it; evidence: digest of what shows
        that."""
        item, attempt = one.item, one.attempt
        dispatch = tx.dispatches.get(item.dispatch)
        words = f"{manifest.carrier} {manifest.number} {item.piece}"
        sealed = self._vault.seal(data_key(tx.registry, dispatch.data_key), contexts.words(attempt.id), words.encode())
        rule = find_closing(closing_rules(), dispatch.division, item.channel)
        state = next_state(one.delivery.state, DeliveryEvent.HANDED_OVER)
        delivery = replace(one.delivery, state=state, reason=None, next_action_at=first_look(rule, at))
        tx.deliveries.save(delivery)
        ended = replace(attempt, finished_at=at, result=ResultName.HANDED_OVER, reason=None, words=sealed)
        tx.deliveries.end_attempt(ended)
        tx.records.add_receipt(self._receipt(ended, at, evidence))
        facts = {
            "channel": item.channel,
            "result": ResultName.HANDED_OVER.value,
            "manifest": manifest.number,
            "piece": item.piece or "",
            "evidence": evidence,
            "sent": attempt.sent_digest or "",
            "handed_over_at": at.isoformat(),
        }
        tx.records.append(
            Event(
                name=EventName.ATTEMPT_ENDED,
                at=self._clock.now(),
                actor=actor,
                dispatch=item.dispatch,
                delivery=item.delivery,
                attempt=attempt.id,
                facts=facts,
            )
        )
        return delivery, ended

    def _receipt(self, attempt: Attempt, at: dt.datetime, evidence: str) -> ReceiptRecord:
        """The carrier's word that it took the envelope: it bears the attempt's own id, as every acceptance does."""
        able = self._channels[attempt.channel].capabilities
        return ReceiptRecord(
            id=str(uuid.uuid4()),
            delivery=attempt.delivery,
            attempt=attempt.id,
            receipt=Receipt(event=able.receipt, at=at, source=able.source, evidence=evidence),
            external_id=attempt.id,
            object_name=None,
        )


def is_listed(item: BatchedItem, delivery: Delivery, attempts: Sequence[Attempt]) -> bool:
    """Whether the item is still in the batch it was gathered into. attempts: of its delivery, oldest first."""
    return delivery.state is DeliveryState.BATCHED and attempts[-1].id == item.attempt


def is_taken(item: BatchedItem, attempts: Sequence[Attempt]) -> bool:
    """Whether it is known that the carrier has, or had, the item."""
    return any(one.id == item.attempt and one.result is ResultName.HANDED_OVER for one in attempts)
