"""The mail room before a person: a manifest page by page, what is printed of it, and pages that came back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from gateway.application.mail_room.files import MailFile, ManifestFiles
from gateway.application.mail_room.standing import states_of
from gateway.application.people.own_offices import check_delivery, check_office, offices_of
from gateway.application.returns.returned_pages import DrawPage, RawOf
from gateway.domain.carriage import Carriage
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem, ItemState, Manifest
from gateway.domain.parties import Language
from gateway.domain.print_order import PrintOrder
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.incoming import Handling, Incoming, Picture
from gateway.ports.scans import ScanRecord

PAGE = 100
"""Items on one page."""
_MOST_SHOWN = 100
_LOOKED_AT = 100
"""Manifests among which the newest of a batch is looked for."""


class Printed(StrEnum):
    """What is printed of a manifest."""

    MANIFEST = "manifest"
    """What the driver signs."""
    LABELS = "labels"
    ALL = "all"
    """These, the lists for the carrier, and what goes into each envelope."""


@dataclass(frozen=True, kw_only=True)
class ManifestLook:
    """A manifest as it stands. items: one page of them; count: of all; next: the place behind which the next page
    begins, if there is one. carriage, printing: how far the carrier's own service and the vendor are, if asked."""

    manifest: Manifest
    items: Sequence[tuple[BatchedItem, ItemState]]
    count: int
    next: int | None
    carriage: Carriage | None
    printing: PrintOrder | None


class MailDesk:
    """Reads for the mail room's pages, and records who printed or opened what."""

    def __init__(self, *, database: Database, files: ManifestFiles, draw: DrawPage, raw: RawOf, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._draw = draw
        self._raw = raw
        self._clock = clock

    def look(self, number: str, *, after: int, viewer: str) -> ManifestLook:
        """A manifest with the items behind that place.

        Raises NoSuchThing (manifest.unknown), NotAllowed (account.other-office).
        """
        with self._database.read() as tx:
            manifest = tx.manifests.get(number)
            check_office(tx, manifest.office, viewer)
            found = tx.manifests.items(number, after=after, limit=PAGE + 1)
            items = found[:PAGE]
            states = states_of(tx, items)
            return ManifestLook(
                manifest=manifest,
                items=[(one, states[one.attempt]) for one in items],
                count=tx.manifests.count_items([number])[number],
                next=items[-1].place if len(found) > PAGE else None,
                carriage=tx.carriages.get(number),
                printing=tx.print_orders.get(number),
            )

    def last_closed(self, channel: str, office: str, *, viewer: str) -> Manifest | None:
        """The manifest that was closed last over that batch. Raises NotAllowed (account.other-office)."""
        with self._database.look_up() as tx:
            check_office(tx, office, viewer)
            newest = tx.manifests.newest(_LOOKED_AT)
        return next((one for one in newest if (one.channel, one.office) == (channel, office)), None)

    def printed(self, number: str, what: Printed, language: Language, *, actor: str) -> Iterator[MailFile]:
        """The files, one after the other. That they were asked for is recorded.

        Raises as `ManifestFiles` does, and NotAllowed (account.other-office), before anything is given.
        """
        with self._database.look_up() as tx:
            check_office(tx, tx.manifests.get(number).office, actor)
        files = self._made(number, what, language)
        first = next(files, None)
        with self._database.write() as tx:
            facts: dict[str, str | int | bool] = {"manifest": number, "what": what.value}
            tx.records.append(
                Event(name=EventName.MANIFEST_PRINTED, at=self._clock.now(), actor=actor, facts=facts),
            )
        return chain([first], files) if first is not None else files

    def _made(self, number: str, what: Printed, language: Language) -> Iterator[MailFile]:
        match what:
            case Printed.MANIFEST:
                return self._files.paper(number, language)
            case Printed.LABELS:
                return self._files.labels(number, language)
            case Printed.ALL:
                return self._files(number, language)

    def receipts(self, *, viewer: str) -> Sequence[Incoming]:
        """What came back and waits for a person, the newest first. What is known to be another office's is left out;
        whose the rest is, somebody has yet to say."""
        with self._database.look_up() as tx:
            return tx.incoming.find(handling=Handling.FOR_PERSON, limit=_MOST_SHOWN, offices=offices_of(tx, viewer))

    def receipt(self, incoming_id: str, *, viewer: str) -> Incoming:
        """Raises NoSuchThing (receipt.unknown), NotAllowed (account.other-office)."""
        with self._database.look_up() as tx:
            return _theirs(tx, incoming_id, viewer)

    def faulty_scans(self, file: str | None = None, *, viewer: str) -> Sequence[ScanRecord]:
        """Scans that moved nothing and wait for a person, of one file if it is given, the newest first; of those that
        belong to an envelope, the viewer's."""
        with self._database.look_up() as tx:
            return tx.scans.faulty(limit=_MOST_SHOWN, file=file, offices=offices_of(tx, viewer))

    def has_more(self, incoming_id: str, number: int, *, viewer: str) -> bool:
        """Whether pages come after that one. Raises as `DrawPage` does, and NotAllowed (account.other-office)."""
        self.receipt(incoming_id, viewer=viewer)
        return self._draw(incoming_id, number).more

    def picture(self, incoming_id: str, number: int, *, actor: str) -> Picture:
        """A page that came back, drawn. That it was opened is recorded.

        Raises as `DrawPage` does, and NotAllowed (account.other-office).
        """
        self.receipt(incoming_id, viewer=actor)
        picture = self._draw(incoming_id, number)
        self._opened(incoming_id, actor, {"page": number})
        return picture

    def raw(self, incoming_id: str, *, actor: str) -> bytes:
        """What came, as it came. That it was opened is recorded.

        Raises NoSuchThing (receipt.unknown), NotAllowed (account.other-office), SetupWrong.
        """
        self.receipt(incoming_id, viewer=actor)
        _, raw = self._raw(incoming_id)
        self._opened(incoming_id, actor, {})
        return raw

    def _opened(self, incoming_id: str, actor: str, facts: dict[str, str | int | bool]) -> None:
        with self._database.write() as tx:
            delivery = _theirs(tx, incoming_id, actor).delivery
            tx.records.append(
                Event(
                    name=EventName.RECEIPT_OPENED,
                    at=self._clock.now(),
                    actor=actor,
                    dispatch=tx.deliveries.get(delivery).dispatch if delivery else None,
                    delivery=delivery,
                    facts={"incoming": incoming_id, **facts},
                )
            )


def _theirs(tx: Transaction, incoming_id: str, viewer: str) -> Incoming:
    """What came back, unless it is another office's. Raises NoSuchThing (receipt.unknown), NotAllowed."""
    incoming = tx.incoming.get(incoming_id)
    if incoming.delivery is not None:
        check_delivery(tx, incoming.delivery, viewer)
    return incoming
