"""Closing a manifest: what was gathered until the cut-off is now one carrier's to take, and nobody else's.

Closing hands nothing over. It is one transaction: when the power fails, either the whole manifest stands or nothing of
it, and what a manifest needs on paper is made from it afterwards, as often as it is asked for.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.application.mail_room.numbers import give_numbers
from gateway.application.mail_room.revalidate import Revalidate
from gateway.application.office_dates import known_office, today_at, zone_of
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem, CarriageTerms, Manifest, gathered_until, manifest_number
from gateway.domain.problem import Conflict, InputRefused
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


class CloseManifest:
    """Closes manifests, one for each carrier's service and office. Closers at the same time give one manifest."""

    def __init__(
        self, *, database: Database, terms: Mapping[str, CarriageTerms], revalidate: Revalidate, clock: Clock
    ) -> None:
        """terms: of each channel whose carrier takes many at once."""
        self._database = database
        self._terms = terms
        self._revalidate = revalidate
        self._clock = clock

    def __call__(
        self, channel: str, office: str, *, actor: str, late: bool = False, seen: Callable[[], None] = lambda: None
    ) -> Closing:
        """late: what was gathered after the cut-off goes too. seen: called for each item that was looked at.

        Raises InputRefused (request.invalid: no such channel; decision.unknown-office), Conflict
        (manifest.nothing-gathered, manifest.numbers-exhausted), ServiceDown.
        """
        terms = self._terms_of(channel)
        until = self._until(terms, office, late=late)
        with self._database.look_up() as tx:
            waiting = tx.manifests.waiting(channel=channel, office=office)
        fit, aside = [], []
        for item in waiting:
            if item.gathered_at > until:
                continue
            reason = self._revalidate(item)
            if reason is None:
                fit.append(item)
            elif self._revalidate.set_aside(item, reason):
                aside.append(SetAside(delivery=item.delivery, reason=reason))
            seen()
        manifest, items = self._close(channel, office, terms, fit, actor) if fit else (None, ())
        if manifest is None and not aside:
            raise self.nothing(office, channel)
        return Closing(manifest=manifest, items=items, set_aside=aside)

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
        self, channel: str, office: str, terms: CarriageTerms, fit: Sequence[BatchedItem], actor: str
    ) -> tuple[Manifest | None, Sequence[BatchedItem]]:
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
