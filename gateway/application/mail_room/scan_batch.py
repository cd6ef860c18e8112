"""Some scans of a file, in one transaction: each is matched to its envelope and moves that envelope's delivery."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.acts.calling import tell_if_called
from gateway.application.dates.receipt_rules import closing_rules
from gateway.application.evidence.keys import own_evidence_key
from gateway.application.mail_room.taken import RecordTaken, Taken, is_listed, is_taken
from gateway.application.recipients.addressed import sent_before
from gateway.application.sealed import DataKey, Vault
from gateway.domain.bearing import after_report
from gateway.domain.closing import ClosesOn, find_closing
from gateway.domain.delivery import Delivery
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import MONTHS_BEFORE_REUSE, BatchedItem
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.report import EVENT_OF, Finding
from gateway.domain.scan import HOURS_AHEAD, HOURS_BEFORE_CLOSING, Scan, ScanFault, ScanMeaning, dated
from gateway.ports.database import Transaction
from gateway.ports.records import ReceiptRecord
from gateway.ports.scans import ScanRecord

_AHEAD = dt.timedelta(hours=HOURS_AHEAD)
_BEFORE_CLOSING = dt.timedelta(hours=HOURS_BEFORE_CLOSING)
_REACHED = frozenset({Finding.MAIL_SIGNED, Finding.MAIL_DELIVERED})
"""Findings of an envelope that somebody has."""


@dataclass(frozen=True, kw_only=True)
class ScanFile:
    """The file that scans came in. key: what evidence is sealed under; actor: who took it in."""

    digest: str
    key: DataKey
    actor: str


class ScanBatch:
    """Holds every delivery that the scans are about, in one order for all."""

    def __init__(self, tx: Transaction, file: ScanFile, *, vault: Vault, record: RecordTaken, now: dt.datetime) -> None:
        self._tx = tx
        self._file = file
        self._vault = vault
        self._take = record
        self._now = now

    def record(self, scans: Sequence[Scan]) -> Sequence[ScanRecord]:
        """Those that are new, or that found their item only now, as they are kept from now on."""
        # Whoever takes in scans at the same time waits here: no number is given to two items, no scan counted twice.
        self._tx.manifests.advance("scans")
        by_digest = {one.digest: one for one in scans}
        known = self._tx.scans.known(by_digest)
        # A carrier may tell of an item before the mail room has told us its number.
        again = {digest for digest, fault in known.items() if fault is ScanFault.NO_ITEM}
        self._hold([one for digest, one in by_digest.items() if digest not in known or digest in again])
        made = []
        for digest, scan in by_digest.items():
            if digest in known and digest not in again:
                continue
            kept = self._record(scan)
            if digest not in again:
                made.append(kept)
            elif kept.fault is not ScanFault.NO_ITEM:
                self._tx.scans.save(kept)
                made.append(kept)
        self._tx.scans.add([one for one in made if one.digest not in again])
        return made

    def _hold(self, scans: Sequence[Scan]) -> None:
        tx, codes = self._tx, {one.item for one in scans} | {one.tracking for one in scans} - {""}
        seen = [item for found in tx.manifests.by_codes(codes).values() for item in found]
        for number in sorted({one.manifest for one in seen if one.manifest}):  # a handover holds it first too
            tx.manifests.get(number, lock=True)
        ids = sorted({one.delivery for one in seen})
        self._deliveries = {one: tx.deliveries.get(one, lock=True) for one in ids}
        # A manifest may have been closed over some of them until we held them.
        self._items = {
            code: [one for one in found if one.delivery in self._deliveries]
            for code, found in tx.manifests.by_codes(codes).items()
        }
        listed = {one.manifest for found in self._items.values() for one in found if one.manifest}
        self._manifests = tx.manifests.of_numbers(listed)
        self._attempts = {one: list(found) for one, found in tx.deliveries.attempts_of(ids).items()}
        self._given = tx.addresses.of_deliveries(ids)
        self._tracked: dict[str, str] = {}
        self._keys: dict[str, DataKey] = {}

    def _record(self, scan: Scan) -> ScanRecord:
        item = self._item(scan)
        fault = self._fault(scan, item)
        if fault is None and item is not None:
            fault = self._bear(scan, item)
        key = self._file.key if item is None else self._key_of(item.dispatch)
        return ScanRecord(
            digest=scan.digest,
            file=self._file.digest,
            source=scan.source,
            item=scan.item,
            code=scan.code,
            meaning=scan.meaning,
            at=scan.at,
            recorded_at=self._now,
            extract=self._vault.seal(key, contexts.scan(scan.digest), scan.extract),
            delivery=item.delivery if item else None,
            attempt=item.attempt if item else None,
            fault=fault,
            data_key=key.id,
        )

    def _key_of(self, dispatch_id: str) -> DataKey:
        """That of the dispatch's own evidence; where that is gone already, it is as if the scan had no item."""
        if dispatch_id not in self._keys:
            own = own_evidence_key(self._tx, self._vault, self._tx.dispatches.get(dispatch_id))
            self._keys[dispatch_id] = own or self._file.key
        return self._keys[dispatch_id]

    def _item(self, scan: Scan) -> BatchedItem | None:
        """The newest envelope of that number that was there when it was scanned."""
        found = (one for one in self._items[scan.item] if scan.at >= self._since(one) - _BEFORE_CLOSING)
        return next(found, None)

    def _since(self, item: BatchedItem) -> dt.datetime:
        return self._manifests[item.manifest].closed_at if item.manifest else item.gathered_at

    def _fault(self, scan: Scan, item: BatchedItem | None) -> ScanFault | None:
        if scan.at > self._now + _AHEAD:
            return ScanFault.TOO_LATE
        if item is None:
            return ScanFault.NO_ITEM
        return self._track(item, scan.tracking) if scan.tracking else None

    def _track(self, item: BatchedItem, number: str) -> ScanFault | None:
        """Writes the carrier's number down, unless it is another envelope's or this one has another."""
        own = self._tracked.get(item.attempt) or item.tracking
        others = [one for one in self._items[number] if one.attempt != item.attempt and self._is_lately(one)]
        if others or own not in {None, number}:
            return ScanFault.NUMBER_TAKEN
        if own is None:
            self._tx.manifests.track(item.attempt, number)
            self._tracked[item.attempt] = number
            self._items[number] = [item, *self._items[number]]
        return None

    def _is_lately(self, item: BatchedItem) -> bool:
        """Whether a number that it bears cannot be another item's yet."""
        return self._since(item) > self._now - dt.timedelta(days=31 * MONTHS_BEFORE_REUSE)

    def _bear(self, scan: Scan, item: BatchedItem) -> ScanFault | None:
        """Keeps the scan as evidence of its envelope, and moves the delivery where it is about that one."""
        at = dated(scan.at, since=self._since(item), now=self._now)
        waits = is_listed(item, self._deliveries[item.delivery], self._attempts[item.delivery])
        if scan.meaning is ScanMeaning.NOTED or (waits and not scan.known):
            return None  # nobody has seen it with the carrier
        if item.manifest and waits:
            self._hand_over(scan, item, at)
        before, attempts = self._deliveries[item.delivery], self._attempts[item.delivery]
        own = next(one for one in attempts if one.id == item.attempt)
        finding = self._finding(scan, item)
        former = own is not attempts[-1] or sent_before(own, self._given.get(item.delivery))
        after = before if former else after_report(before, finding)
        if after != before:
            self._tx.deliveries.save(after)
            self._deliveries[item.delivery] = after
        if EVENT_OF.get(finding) is not None:
            self._tx.records.add_receipt(_receipt(scan, item, EVENT_OF[finding], at))
        if EVENT_OF.get(finding) is not None or after != before:  # else its row says all there is
            self._tell(scan, finding, before, after=after, attempt=own.id)
        tell_if_called(self._tx, before, after, self._now)
        if not is_taken(item, attempts):
            return ScanFault.OLD_ENVELOPE
        return ScanFault.OLD_ENVELOPE if former and finding in _REACHED else None

    def _hand_over(self, scan: Scan, item: BatchedItem, at: dt.datetime) -> None:
        manifest, attempts = self._manifests[item.manifest or ""], self._attempts[item.delivery]
        one = Taken(item=item, delivery=self._deliveries[item.delivery], attempt=attempts[-1])
        self._deliveries[item.delivery], attempts[-1] = self._take(
            self._tx, manifest, one, at=at, evidence=sha256(scan.extract), actor=self._file.actor
        )

    def _finding(self, scan: Scan, item: BatchedItem) -> Finding:
        """What is deemed received needs nobody's signature: that it was left says that it went, and no more."""
        if scan.finding is not Finding.MAIL_DELIVERED:
            return scan.finding
        division = self._tx.dispatches.get(item.dispatch).division
        by_evidence = find_closing(closing_rules(), division, item.channel).closes_on is ClosesOn.EVIDENCE
        return scan.finding if by_evidence else Finding.MAIL_IN_TRANSIT

    def _tell(self, scan: Scan, finding: Finding, before: Delivery, *, after: Delivery, attempt: str) -> None:
        facts = {
            "scan": scan.digest,
            "file": self._file.digest,
            "finding": finding.value,
            "evidence": sha256(scan.extract),
            "from": before.state.value,
            "to": after.state.value,
        }
        self._tx.records.append(
            Event(
                name=EventName.RECEIPT_RECORDED,
                at=self._now,
                actor=self._file.actor,
                dispatch=before.dispatch,
                delivery=before.id,
                attempt=attempt,
                facts=facts,
            )
        )


def _receipt(scan: Scan, item: BatchedItem, event: ReceiptEvent, at: dt.datetime) -> ReceiptRecord:
    return ReceiptRecord(
        id=str(uuid.uuid4()),
        delivery=item.delivery,
        attempt=item.attempt,
        receipt=Receipt(event=event, at=at, source=scan.source, evidence=sha256(scan.extract)),
        external_id=scan.digest,
        object_name=None,
    )
