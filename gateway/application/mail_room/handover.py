"""The handover of a manifest: the carrier signed for it. Each delivery on it has left us from that moment on.

The page proves that of no other manifest, so it must bear this one's number; and as many pieces must have been counted
as there are to take. Where a machine cannot read the page, or the count was wrong, a person says so on record.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.evidence.handovers import PICTURES
from gateway.application.mail_room.pages import listed
from gateway.application.mail_room.taken import RecordTaken, Taken, is_listed, is_taken
from gateway.application.people.own_offices import check_office
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem, Manifest
from gateway.domain.problem import Conflict, InputRefused
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.manifests import ManifestScanner

MOST_OCTETS = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Handover:
    """The manifest with its handover. `taken`: the deliveries that left with it; `left_out`: what had been taken out of
    it before, and nobody may have given to the driver."""

    manifest: Manifest
    taken: Sequence[str]
    left_out: Sequence[BatchedItem]


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What the driver left. at: when they took it; page: the manifest with their signature, scanned or photographed;
    counted: how many pieces they counted, as stands on it; stated: why a page that no machine reads is this manifest's,
    or why another count is right."""

    at: dt.datetime
    page: bytes
    counted: int | None = None
    stated: str = ""


class HandOverManifest:
    """Records the carrier's signature, kept as evidence beyond the packages."""

    def __init__(
        self, *, database: Database, vault: Vault, record: RecordTaken, scanner: ManifestScanner, clock: Clock
    ) -> None:
        self._database = database
        self._vault = vault
        self._take = record
        self._scanner = scanner
        self._clock = clock

    def __call__(
        self,
        number: str,
        *,
        at: dt.datetime,
        signed: bytes,
        actor: str,
        counted: int | None = None,
        stated: str = "",
    ) -> Handover:
        """See `Signature`; signed: its page.

        Raises NoSuchThing (manifest.unknown), Conflict (manifest.handed-over; manifest.page-of-another, whatever is
        stated; manifest.page-unread, manifest.count-differs, unless something is stated), InputRefused
        (request.invalid: not between closing and now, or no picture; receipt.too-large), NotAllowed
        (account.other-office), ServiceDown (reader.unavailable).
        """
        signature = Signature(at=at, page=signed, counted=counted, stated=stated.strip())
        with self._database.read() as tx:
            before = tx.manifests.get(number)
            check_office(tx, before.office, actor)
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        _check(before)
        self._check(before, at, signed)
        read = self._look(before, signature)
        why = self._vault.seal(key, contexts.reason(number), signature.stated.encode()) if signature.stated else None
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
                done = self._record(tx, after, actor)
                if signature.counted != len(done.taken) and why is None:
                    raise _miscounted(number, signature.counted, len(done.taken))
                facts: dict[str, str | int | bool] = {
                    "manifest": number,
                    "evidence": after.evidence or "",
                    "taken": len(done.taken),
                    "left_out": len(done.left_out),
                    "counted": "" if signature.counted is None else signature.counted,
                    "page_read": read,
                }
                event = Event(name=EventName.MANIFEST_HANDED_OVER, at=self._clock.now(), actor=actor, facts=facts)
                tx.records.append(replace(event, reason=why))
                return done

    def _record(self, tx: Transaction, manifest: Manifest, actor: str) -> Handover:
        taken, left_out = [], []
        at = manifest.handed_over_at or self._clock.now()
        # Held by their ids, as by whoever else holds several: two that hold them in other orders wait for each other.
        for delivery_id in sorted({one.delivery for some in listed(tx, manifest.number) for one in some}):
            tx.deliveries.get(delivery_id, lock=True)
        for item in (one for some in listed(tx, manifest.number) for one in some):
            delivery = tx.deliveries.get(item.delivery)
            attempts = tx.deliveries.attempts(item.delivery)
            if is_listed(item, delivery, attempts):
                one = Taken(item=item, delivery=delivery, attempt=attempts[-1])
                self._take(tx, manifest, one, at=at, evidence=manifest.evidence or "", actor=actor)
                taken.append(item.delivery)
            elif is_taken(item, attempts):  # the carrier's scan was quicker
                taken.append(item.delivery)
            else:
                left_out.append(item)
        tx.manifests.hand_over(manifest)
        return Handover(manifest=manifest, taken=taken, left_out=left_out)

    def _look(self, manifest: Manifest, signature: Signature) -> bool:
        """Whether a machine read this manifest's number on the page."""
        try:
            found = set(self._scanner.manifests(signature.page))
        except InputRefused:
            found = set()
        others = sorted(found - {manifest.number})
        if others:
            raise Conflict(Code.MANIFEST_PAGE_OF_ANOTHER, where=manifest.number, found=", ".join(others))
        if not found and not signature.stated:
            raise Conflict(Code.MANIFEST_PAGE_UNREAD, where=manifest.number)
        return bool(found)

    def _check(self, manifest: Manifest, at: dt.datetime, signed: bytes) -> None:
        now = self._clock.now()
        if not manifest.closed_at <= at <= now:
            bounds = f"{manifest.closed_at.isoformat(timespec='seconds')} ≤ at ≤ {now.isoformat(timespec='seconds')}"
            raise InputRefused(Code.REQUEST_INVALID, where="at", expected=bounds)
        if len(signed) > MOST_OCTETS:
            raise InputRefused(Code.RECEIPT_TOO_LARGE, most=MOST_OCTETS)
        if not signed.startswith(PICTURES):
            raise InputRefused(Code.REQUEST_INVALID, where="file", expected="PDF, JPEG, PNG, TIFF")


def _miscounted(number: str, counted: int | None, pieces: int) -> Conflict:
    told = "–" if counted is None else str(counted)
    return Conflict(Code.MANIFEST_COUNT_DIFFERS, where=number, counted=told, pieces=pieces)


def _check(manifest: Manifest) -> None:
    if manifest.handed_over_at is not None:
        raise Conflict(Code.MANIFEST_HANDED_OVER, where=manifest.number)
