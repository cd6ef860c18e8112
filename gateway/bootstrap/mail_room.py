"""Joins the mail room, for the channels whose carrier takes many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from channels.courier.scan_files.canada_post import SOURCE as CANADA_POST
from channels.courier.scan_files.canada_post import TrackingDetail
from channels.courier.scan_files.carrier_list import CarrierList
from channels.courier.scan_files.mail_room_list import MailRoomList
from channels.courier.settings import settings_of
from gateway.application.envelopes import Envelopes
from gateway.application.mail_room.at_cut_off import AtCutOffs
from gateway.application.mail_room.check import CheckEnvelope
from gateway.application.mail_room.close import CloseManifest
from gateway.application.mail_room.files import ManifestFiles
from gateway.application.mail_room.handover import HandOverManifest
from gateway.application.mail_room.revalidate import Revalidate
from gateway.application.mail_room.scans import ImportScans
from gateway.application.mail_room.taken import RecordTaken
from gateway.application.mail_room.taking_out import TakeOut
from gateway.application.mail_room.views import MailRoomViews
from gateway.application.reach import Reach
from gateway.application.rules import carrier_codes
from gateway.bootstrap.base import Base
from gateway.domain.manifest import CarriageTerms
from gateway.domain.ways import MAIL
from gateway.ports.scans import ScanReader
from templates.printer import PaperPrinter


@dataclass(frozen=True, kw_only=True)
class MailRoom:
    """What `gateway manifest` and `gateway scans` do."""

    close: CloseManifest
    at_cut_offs: AtCutOffs
    hand_over: HandOverManifest
    views: MailRoomViews
    files: ManifestFiles
    check: CheckEnvelope
    scans: ImportScans


def mail_room(base: Base) -> MailRoom:
    """Joins it. Raises SetupWrong (settings.invalid)."""
    terms = _terms(base)
    revalidate = Revalidate(
        database=base.database,
        vault=base.vault,
        reach=reach(base),
        envelopes=envelopes(base),
    )
    take_out = TakeOut(database=base.database, vault=base.vault, clock=base.clock)
    close = CloseManifest(
        database=base.database, terms=terms, revalidate=revalidate, take_out=take_out, clock=base.clock
    )
    record = RecordTaken(vault=base.vault, channels=base.channels, clock=base.clock)
    return MailRoom(
        close=close,
        at_cut_offs=AtCutOffs(
            database=base.database,
            terms=terms,
            close=close,
            closed_days=base.calendar.closed_days,
            clock=base.clock,
        ),
        hand_over=HandOverManifest(database=base.database, vault=base.vault, record=record, clock=base.clock),
        scans=ImportScans(
            database=base.database, vault=base.vault, readers=scan_readers(), record=record, clock=base.clock
        ),
        files=ManifestFiles(database=base.database, vault=base.vault, terms=terms, printer=PaperPrinter()),
        check=CheckEnvelope(database=base.database, clock=base.clock),
        views=MailRoomViews(database=base.database, terms=terms, clock=base.clock),
    )


def scan_readers() -> Sequence[ScanReader]:
    """Of each form of file that scans come in."""
    codes = carrier_codes()
    return [MailRoomList(), CarrierList(codes), TrackingDetail(codes[CANADA_POST])]


def reach(base: Base) -> Reach:
    """How a delivery reaches its recipient at this moment."""
    return Reach(directory=base.trust.directory, parties=base.parties, suspended=base.calendar.suspended_channels)


def envelopes(base: Base) -> Envelopes:
    """What stands on envelopes."""
    return Envelopes(directory=base.trust.directory, parties=base.parties, open_case=base.open_case)


def _terms(base: Base) -> Mapping[str, CarriageTerms]:
    tables = base.settings.channels
    return {
        name.value: settings_of(name).read_for(name, tables[name.value]).terms
        for name in sorted(MAIL)
        if name.value in tables
    }
