"""Closing a manifest: what was gathered until the cut-off is now one carrier's to take, and nobody else's.

Closing hands nothing over. It is one transaction: when the power fails, either the whole manifest stands or nothing of
it, and what a manifest needs on paper is made from it afterwards, as often as it is asked for. Of a large batch some
items at a time are in memory.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from gateway.application.dates.office_dates import known_office, today_at, zone_of
from gateway.application.mail_room.numbers import give_numbers
from gateway.application.mail_room.pages import SOME, of_attempts, waiting, waiting_by_turns
from gateway.application.mail_room.revalidate import Revalidate
from gateway.application.mail_room.taking_out import TakeOut, Unfit
from gateway.application.people.own_offices import check_office
from gateway.domain.carriage import Carriage, CarriageState
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem, CarriageTerms, EnvelopeCode, Manifest, gathered_until, manifest_number
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
    """What came of closing: the manifest and how many items stand on it, None where nothing was left to take; what was
    set aside."""

    manifest: Manifest | None
    items: int
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
        manifest.numbers-exhausted), NotAllowed (account.other-office), ServiceDown.
        """
        until = self._until(self._terms_of(channel), office, late=late)
        with self._database.look_up() as tx:
            check_office(tx, office, actor)
        taken_out = self._without(channel, office, unfit, actor) if unfit is not None else []
        closing = self.over(Batch(channel=channel, office=office, until=until), actor=actor, seen=seen)
        if closing.manifest is None and not closing.set_aside and not taken_out:
            raise self.nothing(office, channel)
        return replace(closing, set_aside=[*taken_out, *closing.set_aside])

    def over(self, batch: Batch, *, actor: str, seen: Callable[[], None] = lambda: None) -> Closing:
        """Closes over the batch, which may be empty by now. Raises Conflict (manifest.numbers-exhausted)."""
        fit, aside = set[str](), []
        for item in waiting_by_turns(self._database, channel=batch.channel, office=batch.office):
            if item.gathered_at > batch.until:
                continue
            reason = self._revalidate(item)
            if reason is None:
                fit.add(item.attempt)
            elif self._take_out.may_not_go(item, reason):
                aside.append(SetAside(delivery=item.delivery, reason=reason))
            seen()
        manifest, items = self._close(batch, fit, actor) if fit else (None, 0)
        return Closing(manifest=manifest, items=items, set_aside=aside)

    def _without(self, channel: str, office: str, unfit: Unfit, actor: str) -> list[SetAside]:
        asked = dict.fromkeys(EnvelopeCode.parse(code).code for code in unfit.codes)
        lying = waiting_by_turns(self._database, channel=channel, office=office)
        found = {one.reference: one for one in lying if one.reference in asked}
        for code in asked:
            if code not in found:
                raise NoSuchThing(Code.MANIFEST_CODE_UNKNOWN, where=code)
        items = [found[code] for code in asked]
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

    def _close(self, batch: Batch, fit: Set[str], actor: str) -> tuple[Manifest | None, int]:
        """Over those of the attempts that lie in the batch still."""
        channel, office, terms = batch.channel, batch.office, self._terms_of(batch.channel)
        now = self._clock.now()
        with self._database.write() as tx:
            # Held until the manifest is written: who closes the same batch at this moment finds it empty then.
            tx.manifests.advance(f"closing/{office}/{channel}")
            lying = waiting(tx, channel=channel, office=office)
            left = _held(tx, {one.attempt: one.delivery for one in lying if one.attempt in fit})
            if not left:
                return None, 0
            day = today_at(office, now)
            manifest = Manifest(
                number=manifest_number(day, tx.manifests.advance(f"manifest/{day}")),
                channel=channel,
                office=office,
                carrier=terms.carrier,
                closed_at=now,
                closed_by=actor,
            )
            tx.manifests.add(manifest)
            _record_closing(tx, manifest, len(left))
            _list(tx, manifest, left, _numbers(tx, manifest, terms, len(left)))
            if terms.contract_service:
                tx.carriages.open(Carriage(manifest=manifest.number, state=CarriageState.OPEN, next_at=now))
            if terms.printed_by_vendor:
                tx.print_orders.open(PrintOrder(manifest=manifest.number, state=PrintState.OPEN, next_at=now))
        return manifest, len(left)

    def nothing(self, office: str, channel: str | None = None) -> Conflict:
        """That nothing lies ready there, with the manifest closed last: whoever closes twice looks for that one.

        Raises InputRefused (decision.unknown-office).
        """
        known_office(office)
        with self._database.look_up() as tx:
            newest = tx.manifests.newest(_LOOKED_AT)
        last = next((one for one in newest if one.office == office and channel in {None, one.channel}), None)
        return Conflict(Code.MANIFEST_NOTHING_GATHERED, office=office, last=last.number if last else "—")


_LOOKED_AT = 100


def _held(tx: Transaction, lying: Mapping[str, str]) -> list[str]:
    """The attempts that are still in the batch, with their deliveries held: a scan, a person or a strike that acts at
    this moment comes before the manifest, and its envelope is not on it, or after. lying: their deliveries."""
    still, ids = set[str](), sorted(lying.values())
    for some in (ids[start : start + SOME] for start in range(0, len(ids), SOME)):
        held = {one: tx.deliveries.get(one, lock=True).state for one in some}
        last = tx.deliveries.attempts_of(some)
        still |= {last[name][-1].id for name, state in held.items() if state is DeliveryState.BATCHED}
    return [attempt for attempt in lying if attempt in still]


def _numbers(tx: Transaction, manifest: Manifest, terms: CarriageTerms, count: int) -> Sequence[str]:
    """The post's own numbers for so many items; none where the carrier knows them by ours."""
    return give_numbers(tx.manifests, terms.ranges, count, manifest.closed_at) if terms.ranges else ()


def _list(tx: Transaction, manifest: Manifest, attempts: Sequence[str], numbers: Sequence[str]) -> None:
    """Puts the items of those attempts in, each in its place."""
    for place, item in enumerate(of_attempts(tx, attempts), start=1):
        piece = numbers[place - 1] if numbers else item.reference
        listed = replace(item, manifest=manifest.number, place=place, piece=piece)
        tx.manifests.put_in(listed)
        _call_off(tx, listed)
        _record_listing(tx, manifest, listed)


def _call_off(tx: Transaction, item: BatchedItem) -> None:
    """Nobody is called any more for what had not been closed in time."""
    if tx.deliveries.get(item.delivery).reason is not Reason.MAIL_NOT_CLOSED:
        return
    before = tx.deliveries.get(item.delivery, lock=True)
    if before.reason is Reason.MAIL_NOT_CLOSED:  # nobody acted meanwhile
        tx.deliveries.save(replace(before, reason=None))


def _record_closing(tx: Transaction, manifest: Manifest, count: int) -> None:
    facts: dict[str, str | int | bool] = {
        "manifest": manifest.number,
        "channel": manifest.channel,
        "office": manifest.office,
        "items": count,
    }
    tx.records.append(
        Event(name=EventName.MANIFEST_CLOSED, at=manifest.closed_at, actor=manifest.closed_by, facts=facts)
    )


def _record_listing(tx: Transaction, manifest: Manifest, item: BatchedItem) -> None:
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
