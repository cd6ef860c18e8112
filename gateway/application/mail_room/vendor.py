"""A closed manifest goes to the print and mail vendor: volumes sealed for its key, then the slip that names them.

The vendor takes nothing before the slip is there. What is put is kept as the bytes it is until the vendor accounts for
it; a slip whose putting broke off is looked for, and put again only when nobody fetched anything for an hour. Before a
slip is put nothing may lie in its volumes that was taken out of the manifest since: else they are made anew.
"""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.mail_room.files import MailFile, ManifestFiles
from gateway.application.mail_room.pages import listed
from gateway.application.mail_room.standing import states_of
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import ItemState
from gateway.domain.parties import Language
from gateway.domain.print_order import LOOK_AFTER, TO_PUT, PrintOrder, PrintState
from gateway.domain.problem import Problem
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.printing import PrintVendor, VendorProtection
from gateway.ports.work import LeaseLost

ACTOR = "gateway"
LEASE, AGAIN = dt.timedelta(minutes=30), dt.timedelta(minutes=5)
_UNSEEN = frozenset({PrintState.MADE, PrintState.ASKED})
"""States in which volumes are there that no slip names yet, as far as we know."""
_VOLUME = ".p7m"
IN_A_VOLUME = 20_000_000
"""Bytes before a volume is closed: so much is in memory at a time."""


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """What a round came to. stopped: what kept the vendor from getting it."""

    done: int = 0
    stopped: Problem | None = None


class OrderPrinting:
    """Takes one order on at a time. Safe to run anywhere, any number of times."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        files: ManifestFiles,
        protection: VendorProtection,
        vendor: PrintVendor,
        language: Language,
        clock: Clock,
    ) -> None:
        """language: of the manifest and the labels."""
        self._database = database
        self._vault = vault
        self._files = files
        self._protection = protection
        self._vendor = vendor
        self._language = language
        self._clock = clock

    def __call__(self) -> Ordered:
        """Goes on with the order that is longest due, if one is."""
        with self._database.look_up() as tx:
            if not tx.print_orders.any_due(now=self._clock.now()):
                return Ordered()
        with self._database.write() as tx:
            order = tx.print_orders.claim(now=self._clock.now(), lease=LEASE)
        if order is None:
            return Ordered()
        try:
            self._further(order)
        except LeaseLost:
            return Ordered()  # it took too long, and another goes on with it
        except Problem as problem:
            self._rest(order)
            return Ordered(stopped=problem)
        return Ordered(done=1)

    def _further(self, order: PrintOrder) -> None:
        if order.state is PrintState.OPEN:
            order = self._make(order)
        if order.state is PrintState.ASKED and not self._look(order):
            return
        if order.state in _UNSEEN and self._is_stale(order):
            order = self._make(self._forgotten(order))
        if order.state is PrintState.MADE:
            for name, content in self._contents(order, range(len(order.names) - 1)):
                self._held(order)
                self._vendor.put(name, content)
        if order.state not in _UNSEEN:
            return  # nothing of it is left to be made
        if self._is_stale(order):  # putting takes its time
            self._save(replace(order, next_at=self._clock.now()))
            return
        asked = self._held(replace(order, state=PrintState.ASKED, asked_at=self._clock.now()))
        ((name, slip),) = self._contents(order, [len(order.names) - 1])
        self._vendor.put(name, slip)
        self._done(asked)

    def _look(self, order: PrintOrder) -> bool:
        """Whether the slip is to be put again. If it lies there, or something was fetched, the vendor has it."""
        contents = self._contents(order, range(len(order.names)))
        there = [
            self._vendor.lies(name, digest, len(content))
            for (name, content), digest in zip(contents, order.digests, strict=True)
        ]
        now = self._clock.now()
        if there[-1] or not all(there[:-1]):
            self._done(order)
            return False
        if order.asked_at is not None and now < order.asked_at + LOOK_AFTER:
            self._save(replace(order, next_at=order.asked_at + LOOK_AFTER))
            return False
        return True

    def _make(self, order: PrintOrder) -> PrintOrder:
        """Under names that no volume of it had before."""
        now, key, places = self._clock.now(), self._key(), self._left(order)
        if not places:
            return self._save(replace(order, state=PrintState.ANSWERED, names=(), digests=()))
        names, objects, digests = [], [], []
        with self._vault.keeping() as put:
            for number, volume in enumerate(self._volumes(order.manifest), start=_next(order)):
                self._held(order)
                sealed = self._protection.protect(volume, now)
                names.append(f"{order.manifest}-{number:03d}{_VOLUME}")
                objects.append(put(key, contexts.print_volume(names[-1]), sealed))
                digests.append(sha256(sealed))
            slip = _slip(order.manifest, places, names, digests)
            names.append(f"{order.manifest}-slip.json")
            objects.append(put(key, contexts.print_volume(names[-1]), slip))
            digests.append(sha256(slip))
            made = replace(
                order, state=PrintState.MADE, names=tuple(names), objects=tuple(objects), digests=tuple(digests)
            )
            return self._held(made)

    def _left(self, order: PrintOrder) -> list[int]:
        """The places of its envelopes that are to leave. What was taken out of a manifest never comes back to it."""
        left: list[int] = []
        with self._database.read() as tx:
            for some in listed(tx, order.manifest):
                states = states_of(tx, some)
                left += [one.place or 0 for one in some if states[one.attempt] is not ItemState.WITHDRAWN]
        return left

    def _is_stale(self, order: PrintOrder) -> bool:
        """Whether its volumes hold what was taken out since they were made."""
        ((_, slip),) = self._contents(order, [len(order.names) - 1])
        return bool(set(json.loads(slip)["places"]) - set(self._left(order)))

    def _forgotten(self, order: PrintOrder) -> PrintOrder:
        """To be made anew: what was put of it, which no slip named, lies there no more."""
        for name in order.names:
            self._vendor.take_away(name)
        after = self._held(replace(order, state=PrintState.OPEN, objects=(), digests=()))
        for one in order.objects:  # they hold what must not be printed
            self._vault.delete(one)
        return after

    def _volumes(self, number: str) -> Iterator[bytes]:
        """ZIPs of the manifest's files, each of some megabytes."""
        some: list[MailFile] = []
        for file in self._files(number, self._language):
            if some and sum(len(one.content) for one in some) + len(file.content) > IN_A_VOLUME:
                yield _zipped(some)
                some = []
            some.append(file)
        yield _zipped(some)

    def _contents(self, order: PrintOrder, places: Sequence[int]) -> Iterator[tuple[str, bytes]]:
        key = self._key()
        for place in places:
            name = order.names[place]
            yield name, self._vault.get(key, contexts.print_volume(name), order.objects[place])

    def _key(self) -> DataKey:
        with self._database.look_up() as tx:
            return data_key(tx.registry, contexts.EVIDENCE_KEY)

    def _held(self, order: PrintOrder) -> PrintOrder:
        """The order saved, and ours for as long again. Raises LeaseLost."""
        return self._save(replace(order, next_at=self._clock.now() + LEASE))

    def _save(self, order: PrintOrder) -> PrintOrder:
        with self._database.write() as tx:
            tx.print_orders.save(order)
        return order

    def _done(self, order: PrintOrder) -> None:
        facts: dict[str, str | int | bool] = {
            "manifest": order.manifest,
            "volumes": len(order.names) - 1,
            "sent": order.digests[-1],
        }
        with self._database.write() as tx:
            tx.print_orders.save(replace(order, state=PrintState.PUT))
            tx.records.append(Event(name=EventName.PRINTING_ORDERED, at=self._clock.now(), actor=ACTOR, facts=facts))

    def _rest(self, order: PrintOrder) -> None:
        """For a while, wherever it came to; unless another has it."""
        with self._database.write() as tx:
            stands = tx.print_orders.get(order.manifest, lock=True)
            if stands is not None and stands.state in TO_PUT and stands.fence == order.fence:
                tx.print_orders.save(replace(stands, next_at=self._clock.now() + AGAIN))


def _next(order: PrintOrder) -> int:
    """The number of its next volume."""
    volumes = [name for name in order.names if name.endswith(_VOLUME)]
    return int(volumes[-1].removesuffix(_VOLUME).rpartition("-")[2]) + 1 if volumes else 1


def _zipped(files: list[MailFile]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for one in files:
            archive.writestr(one.name, one.content)
    return made.getvalue()


def _slip(manifest: str, places: list[int], names: list[str], digests: list[str]) -> bytes:
    """The volume slip: what there is to fetch, by name and digest, and the places of the envelopes in it. It names
    nobody, and no code of an envelope."""
    volumes = [{"name": name, "digest": digest} for name, digest in zip(names, digests, strict=True)]
    told = {"schema": "volume-slip/1", "manifest": manifest, "places": places, "volumes": volumes}
    return (json.dumps(told, indent=1) + "\n").encode()
