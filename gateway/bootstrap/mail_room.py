"""Joins the mail room, for the channels whose carrier takes many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from channels.courier.scan_files.canada_post import SOURCE as CANADA_POST
from channels.courier.scan_files.canada_post import TrackingDetail
from channels.courier.scan_files.carrier_list import CarrierList
from channels.courier.scan_files.mail_room_list import MailRoomList
from channels.courier.settings import settings_of
from gateway.application.mail_room.at_cut_off import AtCutOffs
from gateway.application.mail_room.check import CheckEnvelope
from gateway.application.mail_room.close import CloseManifest
from gateway.application.mail_room.files import ManifestFiles
from gateway.application.mail_room.handover import HandOverManifest
from gateway.application.mail_room.revalidate import Revalidate
from gateway.application.mail_room.scan_codes import carrier_codes
from gateway.application.mail_room.scans import ImportScans, MatchLateScans
from gateway.application.mail_room.taken import RecordTaken
from gateway.application.mail_room.taking_out import TakeOut
from gateway.application.mail_room.telling_carrier import TellCarrier
from gateway.application.mail_room.telling_envelopes import TellOfEnvelopes, Weights
from gateway.application.mail_room.tracking import TrackItems
from gateway.application.mail_room.views import MailRoomViews
from gateway.application.mail_room.withdraw import WithdrawManifest
from gateway.application.papers.envelopes import Envelopes
from gateway.application.papers.packets import PrintPacket
from gateway.application.rules import tracking_schedule
from gateway.application.sending.reach import Reach
from gateway.bootstrap.base import Base
from gateway.bootstrap.canada_post import canada_post_place
from gateway.bootstrap.print_vendor import Printing, printing, with_vendor
from gateway.domain.codes import Code
from gateway.domain.manifest import CarriageTerms
from gateway.domain.problem import SetupWrong
from gateway.domain.scan import CarrierCodes
from gateway.domain.ways import MAIL
from gateway.ports.scans import ScanReader
from templates.printer import PaperPrinter


@dataclass(frozen=True, kw_only=True)
class MailRoom:
    """What `gateway manifest`, `gateway scans` and `gateway packet` do."""

    close: CloseManifest
    tell: TellCarrier | None
    """Tells the carrier's own service of closed manifests, if there is an account."""
    track: TrackItems | None
    """Asks the carrier's own service where envelopes are, if there is an account and the settings say so."""
    at_cut_offs: AtCutOffs
    hand_over: HandOverManifest
    withdraw: WithdrawManifest
    views: MailRoomViews
    files: ManifestFiles
    printing: Printing | None
    """What a print and mail vendor makes, if there is one."""
    check: CheckEnvelope
    scans: ImportScans
    late_scans: MatchLateScans
    packet: PrintPacket


def mail_room(base: Base) -> MailRoom:
    """Joins it. Raises SetupWrong (settings.invalid)."""
    terms = with_vendor(base, _terms(base))
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
    tell = _tell(base, terms, take_out)
    record = RecordTaken(vault=base.vault, channels=base.channels, clock=base.clock)
    scans = ImportScans(
        database=base.database, vault=base.vault, readers=scan_readers(base), record=record, clock=base.clock
    )
    files = ManifestFiles(database=base.database, vault=base.vault, terms=terms, printer=PaperPrinter())
    return MailRoom(
        close=close,
        tell=tell,
        track=_track(base, terms, scans),
        at_cut_offs=AtCutOffs(
            database=base.database,
            terms=terms,
            close=close,
            take_out=take_out,
            suspended=base.calendar.suspended_channels,
            closed_days=base.calendar.closed_days,
            clock=base.clock,
        ),
        hand_over=HandOverManifest(
            database=base.database, vault=base.vault, record=record, scanner=base.foreign, clock=base.clock
        ),
        withdraw=WithdrawManifest(
            database=base.database, take_out=take_out, suspended=base.calendar.suspended_channels
        ),
        scans=scans,
        late_scans=MatchLateScans(database=base.database, scans=scans, clock=base.clock),
        files=files,
        printing=printing(base, files, take_out),
        check=CheckEnvelope(database=base.database, clock=base.clock),
        packet=PrintPacket(database=base.database, vault=base.vault, clock=base.clock),
        views=MailRoomViews(database=base.database, terms=terms, clock=base.clock),
    )


def _tell(base: Base, terms: Mapping[str, CarriageTerms], take_out: TakeOut) -> TellCarrier | None:
    place = canada_post_place(base)
    asked = sorted(name for name, one in terms.items() if one.contract_service)
    if place is None:
        if asked:  # what is closed would be owed to nobody
            raise SetupWrong(Code.SETTINGS_INVALID, where=f"channels.{asked[0]}.contract_service")
        return None
    from channels.canada_post.shipping import ContractShipping  # with its HTTP client, for those who have an account

    service = ContractShipping(place)
    weights = Weights(sheet=base.settings.canada_post.sheet_grams, envelope=base.settings.canada_post.envelope_grams)
    envelopes = TellOfEnvelopes(
        database=base.database,
        vault=base.vault,
        service=service,
        terms=terms,
        take_out=take_out,
        weights=weights,
        clock=base.clock,
    )
    return TellCarrier(
        database=base.database,
        vault=base.vault,
        service=service,
        envelopes=envelopes,
        suspended=base.calendar.suspended_channels,
        clock=base.clock,
    )


def _track(base: Base, terms: Mapping[str, CarriageTerms], scans: ImportScans) -> TrackItems | None:
    """What goes by Canada Post: registered mail, and what is told to its own service."""
    place = canada_post_place(base)
    if place is None or not base.settings.canada_post.track:
        return None
    from channels.canada_post.tracking import Tracking

    return TrackItems(
        database=base.database,
        vault=base.vault,
        service=Tracking(place),
        take_in=scans,
        channels=[name for name, one in terms.items() if one.contract_service or one.ranges],
        schedule=tracking_schedule(),
        clock=base.clock,
    )


def scan_readers(base: Base) -> Sequence[ScanReader]:
    """Of each form of file that scans come in. Raises SetupWrong (settings.invalid, file.unreadable)."""
    return readers_of(carrier_codes(base.home, base.settings.scans.codes))


def readers_of(codes: Mapping[str, CarrierCodes]) -> Sequence[ScanReader]:
    """The same by what the codes mean."""
    return [MailRoomList(), CarrierList(codes), TrackingDetail(codes[CANADA_POST])]


def reach(base: Base) -> Reach:
    """How a delivery reaches its recipient at this moment."""
    return Reach(
        database=base.database,
        directory=base.trust.directory,
        parties=base.parties,
        suspended=base.calendar.suspended_channels,
    )


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
