"""The handover of a manifest: the carrier signed for it. Each delivery on it has left us from that moment on."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.receipt_rules import closing_rules
from gateway.application.sealed import Vault, data_key
from gateway.domain.closing import find_closing
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery, DeliveryEvent, DeliveryState, ResultName, next_state
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem, Manifest
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.receipt import Receipt
from gateway.domain.settling import first_look
from gateway.ports.channels import Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord

MOST_OCTETS = 20_000_000
_PICTURES = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")


@dataclass(frozen=True, kw_only=True)
class Handover:
    """The manifest with its handover. `taken`: the deliveries that left with it; `left_out`: what had been taken out of
    it before, and nobody may have given to the driver."""

    manifest: Manifest
    taken: Sequence[str]
    left_out: Sequence[BatchedItem]


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """An item with the delivery and the attempt that it ends."""

    item: BatchedItem
    delivery: Delivery
    attempt: Attempt


class HandOverManifest:
    """Records the carrier's signature, kept as evidence beyond the packages."""

    def __init__(self, *, database: Database, vault: Vault, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._channels = channels
        self._clock = clock

    def __call__(self, number: str, *, at: dt.datetime, signed: bytes, actor: str) -> Handover:
        """at: when the driver took it. signed: the manifest with their signature, scanned or photographed.

        Raises NoSuchThing (manifest.unknown), Conflict (manifest.handed-over), InputRefused (request.invalid: not
        between closing and now, or no picture; receipt.too-large).
        """
        with self._database.read() as tx:
            before = tx.manifests.get(number)
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        _check(before)
        self._check(before, at, signed)
        with self._vault.keeping() as put:
            after = replace(
                before,
                handed_over_at=at,
                recorded_by=actor,
                evidence=sha256(signed),
                object_name=put(key, contexts.manifest(number), signed),
            )
            with self._database.write() as tx:
                _check(tx.manifests.get(number, lock=True))
                return self._record(tx, after, actor)

    def _record(self, tx: Transaction, manifest: Manifest, actor: str) -> Handover:
        taken, left_out = [], []
        for item in tx.manifests.items(manifest.number):
            delivery = tx.deliveries.get(item.delivery, lock=True)
            attempt = tx.deliveries.attempts(item.delivery)[-1]
            if delivery.state is DeliveryState.BATCHED and attempt.id == item.attempt:
                self._end(tx, manifest, _Taken(item=item, delivery=delivery, attempt=attempt), actor)
                taken.append(item.delivery)
            else:
                left_out.append(item)
        tx.manifests.hand_over(manifest)
        facts: dict[str, str | int | bool] = {
            "manifest": manifest.number,
            "evidence": manifest.evidence or "",
            "taken": len(taken),
            "left_out": len(left_out),
        }
        tx.records.append(Event(name=EventName.MANIFEST_HANDED_OVER, at=self._clock.now(), actor=actor, facts=facts))
        return Handover(manifest=manifest, taken=taken, left_out=left_out)

    def _end(self, tx: Transaction, manifest: Manifest, one: _Taken, actor: str) -> None:
        item, attempt = one.item, one.attempt
        dispatch = tx.dispatches.get(item.dispatch)
        at = manifest.handed_over_at or self._clock.now()
        words = f"{manifest.carrier} {manifest.number} {item.piece}"
        sealed = self._vault.seal(data_key(tx.registry, dispatch.data_key), contexts.words(attempt.id), words.encode())
        rule = find_closing(closing_rules(), dispatch.division, item.channel)
        state = next_state(one.delivery.state, DeliveryEvent.HANDED_OVER)
        tx.deliveries.save(replace(one.delivery, state=state, reason=None, next_action_at=first_look(rule, at)))
        ended = replace(attempt, finished_at=at, result=ResultName.HANDED_OVER, reason=None, words=sealed)
        tx.deliveries.end_attempt(ended)
        tx.records.add_receipt(self._receipt(manifest, ended, at))
        facts = {
            "channel": item.channel,
            "result": ResultName.HANDED_OVER.value,
            "manifest": manifest.number,
            "piece": item.piece or "",
            "evidence": manifest.evidence or "",
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

    def _receipt(self, manifest: Manifest, attempt: Attempt, at: dt.datetime) -> ReceiptRecord:
        """The carrier's word that it took the envelope: it bears the attempt's own id, as every acceptance does."""
        able = self._channels[attempt.channel].capabilities
        return ReceiptRecord(
            id=str(uuid.uuid4()),
            delivery=attempt.delivery,
            attempt=attempt.id,
            receipt=Receipt(event=able.receipt, at=at, source=able.source, evidence=manifest.evidence or ""),
            external_id=attempt.id,
            object_name=None,
        )

    def _check(self, manifest: Manifest, at: dt.datetime, signed: bytes) -> None:
        now = self._clock.now()
        if not manifest.closed_at <= at <= now:
            bounds = f"{manifest.closed_at.isoformat(timespec='seconds')} ≤ at ≤ {now.isoformat(timespec='seconds')}"
            raise InputRefused(Code.REQUEST_INVALID, where="at", expected=bounds)
        if len(signed) > MOST_OCTETS:
            raise InputRefused(Code.RECEIPT_TOO_LARGE, most=MOST_OCTETS)
        if not signed.startswith(_PICTURES):
            raise InputRefused(Code.REQUEST_INVALID, where="file", expected="PDF, JPEG, PNG, TIFF")


def _check(manifest: Manifest) -> None:
    if manifest.handed_over_at is not None:
        raise Conflict(Code.MANIFEST_HANDED_OVER, where=manifest.number)
