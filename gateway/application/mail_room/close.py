"""Closing a manifest: what was gathered until the cut-off is now one carrier's to take, and nobody else's.

Closing hands nothing over. It is one transaction: when the power fails, either the whole manifest stands or nothing of
it, and what a manifest needs on paper is made from it afterwards, as often as it is asked for.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.application.mail_room.numbers import give_numbers
from gateway.application.mail_room.revalidate import Revalidate
from gateway.application.mail_room.taking_out import TakeOut, Unfit
from gateway.application.office_dates import known_office, today_at, zone_of
from gateway.domain.carriage import Carriage, CarriageState
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem, CarriageTerms, Manifest, gathered_until, manifest_number
from gateway.domain.print_order import PrintOrder, PrintState
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """A delivery that may not go with the batch it lay in, and why."""

    delivery: str
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What came of closing: the manifest with its items, None where nothing was left to take; what was set aside."""

    manifest: Manifest | None
    items: Sequence[BatchedItem]
    set_aside: Sequence[SetAside]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What was gathered for a channel at an office until a moment."""

    channel: str
    office: str
    until: dt.datetime


class CloseManifest:
    """Closes manifests, one for each carrier's service and office. Closers at the same time give one manifest."""

    def __init__(
        self,
        *,
        database: Database,
        terms: Mapping[str, CarriageTerms],
        revalidate: Revalidate,
        take_out: TakeOut,
        clock: Clock,
    ) -> None:
        """terms: of each channel whose carrier takes many at once."""
        self._database = database
        self._terms = terms
        self._revalidate = revalidate
        self._take_out = take_out
        self._clock = clock

    def __call__(
        self,
        channel: str,
        office: str,
        *,
        actor: str,
        late: bool = False,
        unfit: Unfit | None = None,
        seen: Callable[[], None] = lambda: None,
    ) -> Closing:
        """late: what was gathered after the cut-off goes too. unfit: what is taken out first. seen: called for each
        item that was looked at.

        Raises InputRefused (request.invalid: no such channel, or no reason; decision.unknown-office), NoSuchThing
        (manifest.code-unknown: then nothing was taken out), Conflict (manifest.nothing-gathered,
        manifest.numbers-exhausted), ServiceDown.
        """
        until = self._until(self._terms_of(channel), office, late=late)
        taken_out = self._without(channel, office, unfit, actor) if unfit is not None else []
        closing = self.over(Batch(channel=channel, office=office, until=until), actor=actor, seen=seen)
        if closing.manifest is None and not closing.set_aside and not taken_out:
            raise self.nothing(office, channel)
        return replace(closing, set_aside=[*taken_out, *closing.set_aside])

    def over(self, batch: Batch, *, actor: str, seen: Callable[[], None] = lambda: None) -> Closing:
        """Closes over the batch, which may be empty by now. Raises Conflict (manifest.numbers-exhausted)."""
        fit, aside = [], []
        for item in self._waiting(batch.channel, batch.office):
            if item.gathered_at > batch.until:
                continue
            reason = self._revalidate(item)
            if reason is None:
                fit.append(item)
            elif self._take_out.may_not_go(item, reason):
                aside.append(SetAside(delivery=item.delivery, reason=reason))
            seen()
        manifest, items = self._close(batch, fit, actor) if fit else (None, ())
        return Closing(manifest=manifest, items=items, set_aside=aside)

    def _waiting(self, channel: str, office: str) -> Sequence[BatchedItem]:
        with self._database.look_up() as tx:
            return tx.manifests.waiting(channel=channel, office=office)

    def _without(self, channel: str, office: str, unfit: Unfit, actor: str) -> list[SetAside]:
        waiting = {one.reference: one for one in self._waiting(channel, office)}
        asked = ["".join(code.split()) for code in unfit.codes]
        for code in asked:
            if code not in waiting:
                raise NoSuchThing(Code.MANIFEST_CODE_UNKNOWN, where=code)
        items = [waiting[code] for code in dict.fromkeys(asked)]
        gone = [one for one in items if self._take_out.unfit(one, unfit, actor=actor)]
        return [SetAside(delivery=one.delivery, reason=Reason.MAIL_UNFIT) for one in gone]

    def _terms_of(self, channel: str) -> CarriageTerms:
        terms = self._terms.get(channel)
        if terms is None:
            raise InputRefused(Code.REQUEST_INVALID, where="channel", expected=", ".join(sorted(self._terms)))
        return terms

    def _until(self, terms: CarriageTerms, office: str, *, late: bool) -> dt.datetime:
        now = self._clock.now()
        known_office(office)
        return now if late else gathered_until(terms, now, zone_of(office))

    def _close(
        self, batch: Batch, fit: Sequence[BatchedItem], actor: str
    ) -> tuple[Manifest | None, Sequence[BatchedItem]]:
        channel, office, terms = batch.channel, batch.office, self._terms_of(batch.channel)
        now = self._clock.now()
        with self._database.write() as tx:
            # Held until the manifest is written: who closes the same batch at this moment finds it empty then.
            tx.manifests.advance(f"closing/{office}/{channel}")
            standing = {one.attempt for one in tx.manifests.waiting(channel=channel, office=office)}
            items = [one for one in fit if one.attempt in standing]
            if not items:
                return None, ()
            day = today_at(office, now)
            manifest = Manifest(
                number=manifest_number(day, tx.manifests.advance(f"manifest/{day}")),
                channel=channel,
                office=office,
                carrier=terms.carrier,
                closed_at=now,
                closed_by=actor,
            )
            listed = _listed(tx, manifest, terms, items)
            tx.manifests.add(manifest, listed)
            _call_off(tx, listed)
            if terms.contract_service:
                tx.carriages.open(Carriage(manifest=manifest.number, state=CarriageState.OPEN, next_at=now))
            if terms.printed_by_vendor:
                tx.print_orders.open(PrintOrder(manifest=manifest.number, state=PrintState.OPEN, next_at=now))
            _record(tx, manifest, listed)
        return manifest, listed

    def nothing(self, office: str, channel: str | None = None) -> Conflict:
        """That nothing lies ready there, with the manifest closed last: whoever closes twice looks for that one."""
        with self._database.look_up() as tx:
            newest = tx.manifests.newest(_LOOKED_AT)
        last = next((one for one in newest if one.office == office and channel in {None, one.channel}), None)
        return Conflict(Code.MANIFEST_NOTHING_GATHERED, office=office, last=last.number if last else "—")


_LOOKED_AT = 100


def _listed(
    tx: Transaction, manifest: Manifest, terms: CarriageTerms, items: Sequence[BatchedItem]
) -> Sequence[BatchedItem]:
    if terms.ranges:
        pieces: Sequence[str] = give_numbers(tx.manifests, terms.ranges, len(items), manifest.closed_at)
    else:
        pieces = [one.reference for one in items]
    return [
        replace(item, manifest=manifest.number, place=place, piece=piece)
        for place, (item, piece) in enumerate(zip(items, pieces, strict=True), start=1)
    ]


def _call_off(tx: Transaction, items: Sequence[BatchedItem]) -> None:
    """Nobody is called any more for what had not been closed in time."""
    for item in items:
        before = tx.deliveries.get(item.delivery)
        if before.reason is Reason.MAIL_NOT_CLOSED:
            tx.deliveries.save(replace(tx.deliveries.get(item.delivery, lock=True), reason=None))


def _record(tx: Transaction, manifest: Manifest, items: Sequence[BatchedItem]) -> None:
    facts: dict[str, str | int | bool] = {
        "manifest": manifest.number,
        "channel": manifest.channel,
        "office": manifest.office,
        "items": len(items),
    }
    tx.records.append(
        Event(name=EventName.MANIFEST_CLOSED, at=manifest.closed_at, actor=manifest.closed_by, facts=facts)
    )
    for item in items:
        tx.records.append(
            Event(
                name=EventName.ITEM_LISTED,
                at=manifest.closed_at,
                actor=manifest.closed_by,
                dispatch=item.dispatch,
                delivery=item.delivery,
                attempt=item.attempt,
                facts={"manifest": manifest.number, "piece": item.piece or ""},
            )
        )
