"""A mail room over the real store: the real channels, a printer that draws nothing."""

import datetime as dt
import uuid
from collections.abc import Sequence
from pathlib import Path

from channels.courier.settings import settings_of
from gateway.application.mail_room.at_cut_off import AtCutOffs
from gateway.application.mail_room.close import CloseManifest, Closing
from gateway.application.mail_room.files import ManifestFiles
from gateway.application.mail_room.handover import Handover, HandOverManifest
from gateway.application.mail_room.revalidate import Revalidate
from gateway.application.mail_room.scan_codes import carrier_codes
from gateway.application.mail_room.scans import ImportScans
from gateway.application.mail_room.standing import states_of
from gateway.application.mail_room.taken import RecordTaken
from gateway.application.mail_room.taking_out import TakeOut, Unfit
from gateway.application.mail_room.telling_carrier import TellCarrier
from gateway.application.mail_room.telling_envelopes import TellOfEnvelopes, Weights
from gateway.application.mail_room.tracking import TrackItems
from gateway.application.mail_room.views import MailRoomViews
from gateway.application.mail_room.withdraw import WithdrawManifest
from gateway.application.rules import tracking_schedule
from gateway.bootstrap.mail_room import readers_of
from gateway.domain.delivery import Delivery
from gateway.domain.manifest import BatchedItem, CarriageTerms, ItemState
from gateway.domain.parties import (
    ChannelName,
    PostalAddress,
    PreferredLanguage,
    Recipient,
    RecipientChannel,
    RecipientKind,
)
from gateway.ports.carriage import CarrierService, TrackingService
from gateway.ports.channels import Channel
from gateway.ports.mail import PacketMaker
from gateway.store.engine import SqlDatabase
from templates.printer import PaperPrinter
from tests.application.stage import Stage
from tests.channels.mailing import POSTAL, TABLE, StandInPackets, mail

OFFICE = "toronto"
SIGNED = b"%PDF-1.7 signed by the driver"


class ScriptedManifests:
    """Sees on every page the numbers it was given. Stands in for the confined process, which has tests of its own."""

    def __init__(self, seen: Sequence[str]) -> None:
        self._seen = seen

    def manifests(self, content: bytes) -> Sequence[str]:
        """See `ManifestScanner`."""
        return self._seen


class MailRoomStage(Stage):
    """A stage whose Minister's counsel is reached by one service of a carrier, before its cut-off."""

    def __init__(
        self,
        folder: Path,
        service: ChannelName = ChannelName.COURIER,
        *ranges: str,
        printing: PacketMaker | None = None,
        database: SqlDatabase | None = None,
        also: Sequence[Channel] = (),
    ) -> None:
        """database: an empty one; by default SQLite in the folder. also: further channels by which they are reached at
        their postal address."""
        self._also = tuple(one.name for one in also)
        self.packets = StandInPackets()
        changes: dict[str, object] = {"ranges": list(ranges)} if ranges else {}
        super().__init__(folder, mail(service, printing or self.packets, **changes), *also, database=database)
        self.service = service.value
        table = TABLE | ({"ranges": list(ranges)} if ranges else {})
        self.terms: dict[str, CarriageTerms] = {self.service: settings_of(service).read_for(service, table).terms}
        self.clock.at = self.clock.at.replace(hour=18)  # one o'clock in Toronto
        self.live_at(POSTAL)

    def live_at(self, postal: PostalAddress, service: str | None = None) -> None:
        """Where the directory has the recipient now."""
        ways = tuple(RecipientChannel(type=one, postal=postal) for one in (service or self.service, *self._also))
        self.enter(
            Recipient(
                id="cbsa-hearings-gta",
                name="Hearings",
                kind=RecipientKind.MINISTER_COUNSEL,
                organization="CBSA",
                language=PreferredLanguage.EN,
                channels=ways,
            )
        )

    def gather(self, count: int = 1) -> list[Delivery]:
        """So many deliveries that lie in the batch."""
        made = []
        for _ in range(count):
            made.append(self.planned_and_rendered(package_id=str(uuid.uuid4())).id)
            self.deliver()
        return [self.delivery(one) for one in made]

    @property
    def closer(self) -> CloseManifest:
        """A closer of its own, as a process has one."""
        revalidate = Revalidate(
            database=self.database,
            vault=self.vault,
            reach=self.reach,
            envelopes=self.envelopes,
        )
        take_out = TakeOut(database=self.database, vault=self.vault, clock=self.clock)
        return CloseManifest(
            database=self.database, terms=self.terms, revalidate=revalidate, take_out=take_out, clock=self.clock
        )

    def close_manifest(self, *, late: bool = False, unfit: Unfit | None = None) -> Closing:
        """Closes what lies in the batch."""
        return self.closer(self.service, OFFICE, actor="clerk", late=late, unfit=unfit)

    def close_items(self, *, late: bool = False) -> Sequence[BatchedItem]:
        """The same; what stands on the manifest."""
        return self.items_of(self.close_manifest(late=late))

    def items_of(self, closing: Closing) -> Sequence[BatchedItem]:
        """What stands on the manifest that came of it."""
        assert closing.manifest is not None
        with self.database.read() as tx:
            items = tx.manifests.items(closing.manifest.number)
        assert len(items) == closing.items
        return items

    @property
    def at_cut_offs(self) -> AtCutOffs:
        """Looks at what nobody closed."""
        return AtCutOffs(
            database=self.database,
            terms=self.terms,
            close=self.closer,
            take_out=TakeOut(database=self.database, vault=self.vault, clock=self.clock),
            suspended=self.calendar.suspended_channels,
            closed_days=self.calendar.closed_days,
            clock=self.clock,
        )

    @property
    def withdraw(self) -> WithdrawManifest:
        """Takes off a manifest what nobody took."""
        take_out = TakeOut(database=self.database, vault=self.vault, clock=self.clock)
        return WithdrawManifest(database=self.database, take_out=take_out, suspended=self.calendar.suspended_channels)

    def told_by(self, service: CarrierService) -> TellCarrier:
        """Tells the carrier's own service of closed manifests."""
        envelopes = TellOfEnvelopes(
            database=self.database,
            vault=self.vault,
            service=service,
            terms=self.terms,
            take_out=TakeOut(database=self.database, vault=self.vault, clock=self.clock),
            weights=Weights(sheet=5, envelope=30),
            clock=self.clock,
        )
        return TellCarrier(
            database=self.database,
            vault=self.vault,
            service=service,
            envelopes=envelopes,
            suspended=self.calendar.suspended_channels,
            clock=self.clock,
        )

    def hand_over(
        self,
        number: str,
        *,
        at: dt.datetime,
        signed: bytes,
        actor: str,
        counted: int | None = None,
        stated: str = "",
        seen: Sequence[str] | None = None,
    ) -> Handover:
        """Records a handover. seen: the numbers on the page, by default the manifest's own; counted: by default what is
        to be taken."""
        act = HandOverManifest(
            database=self.database,
            vault=self.vault,
            record=self._record,
            scanner=ScriptedManifests((number,) if seen is None else seen),
            clock=self.clock,
        )
        if counted is None and not stated:
            counted = self._to_be_taken(number)
        return act(number, at=at, signed=signed, actor=actor, counted=counted, stated=stated)

    def _to_be_taken(self, number: str) -> int:
        with self.database.read() as tx:
            states = states_of(tx, tx.manifests.items(number))
        return sum(one is not ItemState.WITHDRAWN for one in states.values())

    @property
    def import_scans(self) -> ImportScans:
        """Takes in files of scans."""
        return ImportScans(
            database=self.database,
            vault=self.vault,
            readers=readers_of(carrier_codes(self.folder)),
            record=self._record,
            clock=self.clock,
        )

    def tracked_by(self, service: TrackingService) -> TrackItems:
        """Asks the carrier's own service where envelopes are."""
        return TrackItems(
            database=self.database,
            vault=self.vault,
            service=service,
            take_in=self.import_scans,
            channels=[self.service],
            schedule=tracking_schedule(),
            clock=self.clock,
        )

    @property
    def _record(self) -> RecordTaken:
        return RecordTaken(vault=self.vault, channels=self.channels, clock=self.clock)

    @property
    def files(self) -> ManifestFiles:
        """Makes files, with papers really drawn."""
        return ManifestFiles(database=self.database, vault=self.vault, terms=self.terms, printer=PaperPrinter())

    @property
    def room(self) -> MailRoomViews:
        """What is shown."""
        return MailRoomViews(database=self.database, terms=self.terms, clock=self.clock)

    def waiting(self) -> Sequence[BatchedItem]:
        """What lies in a batch and in no manifest."""
        with self.database.read() as tx:
            return tx.manifests.waiting()
