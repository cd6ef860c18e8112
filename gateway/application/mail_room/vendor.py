"""A closed manifest goes to the print and mail vendor: volumes sealed for its key, then the slip that names them.

The vendor takes nothing before the slip is there. What is put is kept as the bytes it is until the vendor accounts for
it; a slip whose putting broke off is looked for, and put again only when nobody fetched anything for an hour.
"""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.mail_room.files import MailFile, ManifestFiles
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.parties import Language
from gateway.domain.print_order import LOOK_AFTER, PrintOrder, PrintState
from gateway.domain.problem import Problem
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.printing import PrintVendor, VendorProtection

ACTOR = "gateway"
LEASE, AGAIN = dt.timedelta(minutes=30), dt.timedelta(minutes=5)
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
        except Problem as problem:
            self._rest(order.manifest)
            return Ordered(stopped=problem)
        return Ordered(done=1)

    def _further(self, order: PrintOrder) -> None:
        if order.state is PrintState.OPEN:
            order = self._make(order)
        if order.state is PrintState.ASKED:
            if not self._look(order):
                return
        else:
            for name, content in self._contents(order, range(len(order.names) - 1)):
                self._vendor.put(name, content)
        asked = self._save(replace(order, state=PrintState.ASKED, asked_at=self._clock.now()))
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
        now = self._clock.now()
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
            items = len(tx.manifests.items(order.manifest))
        names, objects, digests = [], [], []
        with self._vault.keeping() as put:
            for number, volume in enumerate(self._volumes(order.manifest), start=1):
                sealed = self._protection.protect(volume, now)
                names.append(f"{order.manifest}-{number:03d}.p7m")
                objects.append(put(key, contexts.print_volume(names[-1]), sealed))
                digests.append(sha256(sealed))
            slip = _slip(order.manifest, items, names, digests)
            names.append(f"{order.manifest}-slip.json")
            objects.append(put(key, contexts.print_volume(names[-1]), slip))
            digests.append(sha256(slip))
            made = replace(
                order, state=PrintState.MADE, names=tuple(names), objects=tuple(objects), digests=tuple(digests)
            )
            self._save(made)
        return made

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

    def _rest(self, manifest: str) -> None:
        with self._database.write() as tx:
            order = tx.print_orders.get(manifest, lock=True)
            if order is not None and order.state is not PrintState.PUT:
                tx.print_orders.save(replace(order, next_at=self._clock.now() + AGAIN))


def _zipped(files: list[MailFile]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for one in files:
            archive.writestr(one.name, one.content)
    return made.getvalue()


def _slip(manifest: str, items: int, names: list[str], digests: list[str]) -> bytes:
    """The volume slip: what there is to fetch, by name and digest. It names nobody."""
    volumes = [{"name": name, "digest": digest} for name, digest in zip(names, digests, strict=True)]
    told = {"schema": "volume-slip/1", "manifest": manifest, "items": items, "volumes": volumes}
    return (json.dumps(told, indent=1) + "\n").encode()
