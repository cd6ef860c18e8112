"""The mail room as it is shown: what waits in batches, and manifests with their items."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.application.dates.office_dates import zone_of
from gateway.application.mail_room.close import Closing
from gateway.application.mail_room.handover import Handover
from gateway.application.mail_room.pages import listed, waiting
from gateway.application.mail_room.standing import states_of
from gateway.application.mail_room.withdraw import WithdrawnManifest
from gateway.application.people.own_offices import check_office, offices_of
from gateway.domain.carriage import Carriage
from gateway.domain.manifest import BatchedItem, CarriageTerms, ItemState, Manifest, WaitingBatch, gathered_until
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

_NEWEST = 100
View = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Lying:
    """What should have left by now: items in no manifest, and the numbers of manifests, oldest first: those that no
    carrier signed, those that its own service was not told of whole, those that the print vendor has not accounted
    for."""

    items: int
    unsigned: Sequence[str]
    untold: Sequence[str]
    unprinted: Sequence[str]


class MailRoomViews:
    """Ids, codes, figures and dates: no view tells where an envelope goes."""

    def __init__(self, *, database: Database, terms: Mapping[str, CarriageTerms], clock: Clock) -> None:
        self._database = database
        self._terms = terms
        self._clock = clock

    def waiting(self, office: str) -> Mapping[str, int]:
        """By channel how many items wait at that office for a manifest."""
        with self._database.look_up() as tx:
            return {one.channel: one.items for one in tx.manifests.batches() if one.office == office}

    def all(self, *, viewer: str | None) -> View:
        """What waits, by channel and office; the newest manifests; both of the viewer's offices. viewer: None for who
        reads on the machine."""
        with self._database.read() as tx:
            offices = offices_of(tx, viewer)
            batches, late = self._waiting(tx)
            batches = [one for one in batches if offices is None or one.office in offices]
            newest = tx.manifests.newest(_NEWEST, offices=offices)
            counts = tx.manifests.count_items([one.number for one in newest])
        return {
            "waiting": [self._batch(one, late.get((one.channel, one.office), 0)) for one in batches],
            "manifests": [manifest_view(one) | {"items": counts[one.number]} for one in newest],
        }

    def batch(self, channel: str, office: str, *, viewer: str) -> View | None:
        """What waits for that channel's carrier at that office; None where nothing does.

        Raises NotAllowed (account.other-office).
        """
        with self._database.read() as tx:
            check_office(tx, office, viewer)
            batches, late = self._waiting(tx)
        found = next((one for one in batches if (one.channel, one.office) == (channel, office)), None)
        return self._batch(found, late.get((channel, office), 0)) if found else None

    def lying(self, *, since: dt.datetime) -> Lying:
        """What has lain here since before that moment."""
        with self._database.look_up() as tx:
            items = sum(one.gathered_at < since for one in waiting(tx))
            return Lying(
                items=items,
                unsigned=tx.manifests.unsigned(closed_before=since),
                untold=tx.carriages.unfinished(closed_before=since),
                unprinted=tx.print_orders.unfinished(closed_before=since),
            )

    def unsigned(self, channel: str) -> Mapping[str, int]:
        """The channel's closed manifests of which nothing says that the carrier took them, oldest first, with how many
        items lie on each still."""
        with self._database.look_up() as tx:
            numbers = tx.manifests.unsigned(closed_before=self._clock.now())
            manifests = tx.manifests.of_numbers(numbers)
            own = [one for one in numbers if manifests[one].channel == channel]
            return {one: self._lying_on(tx, one) for one in own}

    @staticmethod
    def _lying_on(tx: Transaction, number: str) -> int:
        states = (states_of(tx, some) for some in listed(tx, number))
        return sum(one is ItemState.LISTED for each in states for one in each.values())

    def one(self, number: str, *, viewer: str | None = None) -> View:
        """A manifest with its items. viewer: None for who reads on the machine.

        Raises NoSuchThing (manifest.unknown), NotAllowed (account.other-office).
        """
        with self._database.read() as tx:
            manifest, items = tx.manifests.get(number), tx.manifests.items(number)
            check_office(tx, manifest.office, viewer)
            states = states_of(tx, items)
            carriage, printing = tx.carriages.get(number), tx.print_orders.get(number)
        told: View = {"carrier_service": _carriage_view(carriage)} if carriage is not None else {}
        told |= {"print_vendor": printing.state.value} if printing is not None else {}
        return manifest_view(manifest) | told | {"items": [_item_view(one, states[one.attempt]) for one in items]}

    def _waiting(self, tx: Transaction) -> tuple[Sequence[WaitingBatch], Mapping[tuple[str, str], int]]:
        """The batches, and how much of each lies there since its cut-off."""
        batches = tx.manifests.batches()
        return batches, tx.manifests.gathered_after({(one.channel, one.office): self._until(one) for one in batches})

    def _until(self, batch: WaitingBatch) -> dt.datetime:
        terms, now = self._terms.get(batch.channel), self._clock.now()
        return gathered_until(terms, now, zone_of(batch.office)) if terms else now

    def _batch(self, batch: WaitingBatch, late: int) -> View:
        terms = self._terms.get(batch.channel)
        return {
            "channel": batch.channel,
            "office": batch.office,
            "carrier": terms.carrier if terms else None,
            "cut_off": f"{terms.cut_off:%H:%M}" if terms else None,
            "items": batch.items,
            "after_cut_off": late,
            "since": batch.since.isoformat(),
        }


def manifest_view(manifest: Manifest) -> View:
    """A manifest without its items."""
    handed = manifest.handed_over_at
    return {
        "manifest": manifest.number,
        "channel": manifest.channel,
        "office": manifest.office,
        "carrier": manifest.carrier,
        "closed_at": manifest.closed_at.isoformat(),
        "closed_by": manifest.closed_by,
        "handed_over_at": handed.isoformat() if handed else None,
        "recorded_by": manifest.recorded_by,
        "evidence": manifest.evidence,
    }


def _carriage_view(carriage: Carriage) -> View:
    """How far the carrier's own service was told, and what holds that up."""
    return {
        "state": carriage.state.value,
        "reason": carriage.reason.value if carriage.reason else None,
        "papers": len(carriage.papers),
    }


def closing_view(closing: Closing) -> View:
    """What came of closing."""
    manifest = closing.manifest
    return {
        "manifest": manifest_view(manifest) | {"items": closing.items} if manifest else None,
        "set_aside": [{"delivery": one.delivery, "reason": one.reason.value} for one in closing.set_aside],
    }


def handover_view(handover: Handover) -> View:
    """A handover: how many deliveries left with it, and what had been taken out of it before."""
    left_out = [{"piece": one.piece, "delivery": one.delivery} for one in handover.left_out]
    return manifest_view(handover.manifest) | {"handed_over": len(handover.taken), "left_out": left_out}


def withdrawn_view(withdrawn: WithdrawnManifest) -> View:
    """A manifest that nobody took: what was taken off it, and whether its carrier has to credit that."""
    items = [{"piece": one.piece, "delivery": one.delivery} for one in withdrawn.items]
    return manifest_view(withdrawn.manifest) | {"withdrawn": items, "carrier_told": withdrawn.carrier_told}


def _item_view(item: BatchedItem, state: ItemState) -> View:
    return {
        "place": item.place,
        "piece": item.piece,
        "reference": item.reference,
        "dispatch": item.dispatch,
        "delivery": item.delivery,
        "pages": item.pages,
        "sheets": item.sheets,
        "state": state.value,
    }
