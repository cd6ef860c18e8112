"""Joins the outcome feed."""

from dataclasses import dataclass

from gateway.application.dates.office_dates import zone_of
from gateway.application.feed.acknowledge import Acknowledge
from gateway.application.feed.batches import Batches, Patience
from gateway.application.feed.codes import gcms_codes
from gateway.application.feed.compose import Compose, ReleasePolicy
from gateway.application.feed.feed_json import MOST_OCTETS
from gateway.application.feed.morning import MorningReport
from gateway.application.feed.round import RunFeed, Timetable
from gateway.application.feed.standing import FeedStanding
from gateway.application.intake.drop_intake import DropIntake, Kind
from gateway.bootstrap.base import Base
from gateway.bootstrap.dropping import refusal
from gateway.bootstrap.feed_report import morning_report
from gateway.bootstrap.own_keys import acceptance_signer
from gateway.bootstrap.servers import reach
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.ports.drop_folder import DropFolder
from keys.certificate_files import CertificateFiles
from keys.feed_protection import FeedEnvelopes

_ACKNOWLEDGEMENT = ".p7s"


@dataclass(frozen=True, kw_only=True)
class FeedParts:
    """The outcome feed."""

    run: RunFeed
    compose: Compose
    standing: FeedStanding
    morning: MorningReport


def feed(base: Base) -> FeedParts | None:
    """None where neither a folder nor a server is set. Raises SetupWrong (settings.invalid, file.unreadable)."""
    settings, database, vault, clock = base.settings.feed, base.database, base.vault, base.clock
    if not settings.is_on:
        return None
    reached = reach(base, "feed", folder=settings.folder, server=settings.server)
    protection = FeedEnvelopes(
        signer=acceptance_signer(base.own),
        check=base.trust.protector.check,
        receiver=_certificate(base, settings.receiver, "feed.receiver"),
        acknowledger=_certificate(base, settings.acknowledger or settings.receiver, "feed.acknowledger"),
    )
    codes = gcms_codes(base.home, settings.codes)
    compose = Compose(
        database=database,
        vault=vault,
        open_case=base.open_case,
        codes=codes,
        policy=ReleasePolicy(release=settings.release, hold=base.settings.gateway.hold_before_send),
        clock=clock,
    )
    batches = Batches(
        database=database,
        vault=vault,
        protection=protection,
        place=reached.feed_place(),
        most=settings.most,
        patience=Patience(ask_after=settings.ask_after, again_after=settings.again_after),
        clock=clock,
    )
    zone = zone_of(base.settings.gateway.office)
    run = RunFeed(
        database=database,
        vault=vault,
        compose=compose,
        batches=batches,
        answers=_answers(
            reached.drop_folder("feed", [_ACKNOWLEDGEMENT]),
            Acknowledge(database=database, protection=protection, clock=clock),
        ),
        timetable=Timetable(
            zone=zone, hour=settings.hour, near_real_time=settings.near_real_time, gather=settings.gather
        ),
        clock=clock,
    )
    standing = FeedStanding(database=database, vault=vault, codes=codes, clock=clock)
    return FeedParts(run=run, compose=compose, standing=standing, morning=morning_report(base, standing))


def _answers(folder: DropFolder, acknowledge: Acknowledge) -> DropIntake:
    code = Code.FEED_ACKNOWLEDGEMENT_INVALID
    kind = Kind(ending=_ACKNOWLEDGEMENT, limit=MOST_OCTETS, too_large=code, take=acknowledge)
    return DropIntake(folder, (kind,), refusal=refusal)


def _certificate(base: Base, name: str, where: str) -> bytes:
    try:
        raw = (base.home / name).read_bytes()
    except OSError:
        raise SetupWrong(Code.FILE_UNREADABLE, where=where) from None
    return CertificateFiles().to_der(raw)
