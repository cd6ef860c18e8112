"""The joined parts of one home, and how they are opened."""

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from channels.registry import ChannelRegistry
from gateway.application.acts.acting import Act
from gateway.application.acts.resolve import Resolve
from gateway.application.dates.calendar import OfficeCalendar
from gateway.application.dates.clocks import Clocks
from gateway.application.dates.office_dates import office_time
from gateway.application.exchange.leave import LeaveInExchange
from gateway.application.exchange.uploads import KeptUploads
from gateway.application.files.file_parties import FileParties
from gateway.application.intake.submit import Submit
from gateway.application.keys_at_hand import KeysAtHand
from gateway.application.large import LargeGate
from gateway.application.papers.render import Render
from gateway.application.pauses import Pauses
from gateway.application.people.approvals import Approvals
from gateway.application.people.registry import Tokens
from gateway.application.people.staff import Staff
from gateway.application.planning.plan import Plan
from gateway.application.planning.route import Route
from gateway.application.planning.router import Router
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.recipients.key_lookup import KeyLookup
from gateway.application.recipients.key_tests import KeyTests
from gateway.application.recipients.key_watch import KeyWatch
from gateway.application.recipients.keyring import Keyring
from gateway.application.retention.expiry import Retention
from gateway.application.returns.callbacks import Callbacks
from gateway.application.returns.collect import Collect
from gateway.application.returns.receive import Receive
from gateway.application.rotation import RotateKeys
from gateway.application.rule_files import registry_rules
from gateway.application.sealed import Vault
from gateway.application.sending.attempt_record import Announce
from gateway.application.sending.attempts import MakeAttempt
from gateway.application.sending.deliver import ClaimDeliveries
from gateway.application.steps import DispatchSteps, StepTiming
from gateway.application.sweeps import Run
from gateway.application.views import Views
from gateway.bootstrap import intake, own_keys, receiving, sending, staff_acts, sweeping
from gateway.bootstrap.base import Base
from gateway.bootstrap.case_systems import CaseSystems, case_systems
from gateway.bootstrap.console import Console, console
from gateway.bootstrap.evidence import Evidence, evidence, retention
from gateway.bootstrap.exchange import ExchangeParts, exchange
from gateway.bootstrap.key_directory import key_directory
from gateway.bootstrap.limits import document_limits, package_limits
from gateway.bootstrap.mail_room import MailRoom, mail_room
from gateway.bootstrap.places import object_store, open_database
from gateway.bootstrap.recalls import Recalls, recalls
from gateway.bootstrap.system_clock import SystemClock
from gateway.bootstrap.telling import Telling, telling
from gateway.bootstrap.trust import join_trust, joined_protector
from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.parties import ChannelName, RecipientChannel
from gateway.domain.problem import InputRefused
from gateway.ports.channels import Channel, ChannelParts, MessageProtector
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.exchange import Exchange
from gateway.ports.traces import Traces
from gateway.ports.uploads import Uploads
from gateway.settings import Settings, read_settings
from gateway.traces import open_traces
from keys.asice import AsicVerifier
from keys.live import LiveSealer
from keys.openpgp_keys import OpenPgpKeyReader
from keys.openpgp_room import OpenPgpRoom
from keys.own_facts import own_facts
from templates.clerks_texts import ClerksTextsFromCatalogue
from templates.confined.pool import ConfinedPool
from templates.foreign_papers import ForeignPapers
from templates.packets import Packets

STEP_WAIT = dt.timedelta(seconds=10)
"""Before a failed step is tried again; it grows with each try."""


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """The joined parts of one home."""

    settings: Settings
    clock: Clock
    database: Database
    vault: Vault
    channels: Mapping[str, Channel]
    submit: Submit
    router: Router
    route: Route
    plan: Plan
    render: Render
    steps: DispatchSteps
    claim: ClaimDeliveries
    make_deliver: Callable[[Announce], MakeAttempt]
    sweeps: Sequence[Run]
    """What looks after deliveries of its own accord, in order."""
    case_systems: CaseSystems
    receive: Receive
    callbacks: Callbacks
    collects: Sequence[Collect]
    """What looks into each mailbox that is set up."""
    exchange: ExchangeParts | None
    """Where recipients collect, if it is set up."""
    console: Console
    mail_room: MailRoom
    resolve: Resolve
    act: Act
    recalls: Recalls
    retention: Retention
    views: Views
    calendar: OfficeCalendar
    clocks: Clocks
    parties: FileParties
    directory: RecipientDirectory
    keyring: Keyring
    key_watch: KeyWatch
    lookup: KeyLookup
    check_key: Callable[[RecipientChannel, dt.datetime], Refused | None]
    """Why nothing may be encrypted for a way now, or None: what planning asks, and sending asks again."""
    approvals: Approvals
    staff: Staff
    rotate: RotateKeys
    key_tests: KeyTests
    evidence: Evidence
    telling: Telling
    large: LargeGate
    foreign: ForeignPapers
    traces: Traces
    """Who hears of steps, where that is asked for."""

    room: OpenPgpRoom

    @property
    def channel_names(self) -> Sequence[str]:
        """Every channel that a person may name: those of the house, and others that this home has."""
        return list(dict.fromkeys([*(one.value for one in ChannelName), *sorted(self.channels)]))

    def known_channel(self, name: str, *, where: str) -> str:
        """The name of a channel. Raises InputRefused (request.invalid) for any other."""
        if name not in self.channel_names:
            raise InputRefused(Code.REQUEST_INVALID, where=where, expected=" | ".join(self.channel_names))
        return name

    @property
    def keys_at_hand(self) -> KeysAtHand:
        """Whether each own key that is in use is on this machine."""
        return self.rotate.at_hand

    @property
    def pauses(self) -> Pauses:
        """What stops a channel at a person's word."""
        return Pauses(database=self.database, vault=self.vault, clock=self.clock)

    @property
    def tokens(self) -> Tokens:
        """What lets other systems in."""
        return Tokens(database=self.database, clock=self.clock)

    def close(self) -> None:
        """Lets go of the database, of the processes that read documents, and of GnuPG where it was needed."""
        self.foreign.close()
        self.database.close()
        self.room.close()
        self.traces.close()


def open_gateway(home: Path, *, clock: Clock | None = None) -> Gateway:
    """Joins the parts of a home. Raises SetupWrong, ServiceDown."""
    settings = read_settings(home)
    now = clock or SystemClock()
    database = open_database(home, settings)
    database.check()
    own = own_keys.live_keys(home, settings)
    room = OpenPgpRoom()
    openpgp = OpenPgpKeyReader(lambda: room.gpg)
    vault = Vault(sealer=LiveSealer(own), objects=object_store(home, settings))
    rules = registry_rules(home, settings.rules.overlay)
    trust = join_trust(
        settings=settings.trust,
        source=key_directory(home, settings.directory),
        database=database,
        vault=vault,
        protector=joined_protector(own, room, openpgp),
        openpgp=openpgp,
        own=lambda: own_facts(own.current()),
        others=staff_acts.changes(rules, vault, now),
        clock=now,
    )
    foreign = ForeignPapers(ConfinedPool(document_limits(settings)))
    leave = LeaveInExchange(database=database, vault=vault, clock=now)
    channels = _channels(settings, _parts(home, trust.protector, foreign, leave, KeptUploads(database)))
    calendar = OfficeCalendar(database=database, vault=vault, clock=now)
    return _join(
        Base(
            home=home,
            settings=settings,
            clock=now,
            database=database,
            vault=vault,
            own=own,
            room=room,
            rules=rules,
            channels=channels,
            verifier=AsicVerifier(package_limits(settings), trust.rules),
            trust=trust,
            dates=office_time(calendar.closed_days),
            calendar=calendar,
            large=LargeGate(),
            foreign=foreign,
            traces=open_traces(os.environ),
        )
    )


def _parts(
    home: Path, protector: MessageProtector, foreign: ForeignPapers, exchange: Exchange, uploads: Uploads
) -> ChannelParts:
    return ChannelParts(
        home=home,
        protector=protector,
        rasterizer=foreign,
        exchange=exchange,
        clerks_texts=ClerksTextsFromCatalogue(),
        packets=Packets(foreign),
        uploads=uploads,
    )


def _channels(settings: Settings, parts: ChannelParts) -> Mapping[str, Channel]:
    """The channels that are set up. Raises SetupWrong (settings.invalid)."""
    channels = ChannelRegistry().build(settings.channels, parts)
    sending.check_lease(settings, channels.values())
    return channels


def _join(base: Base) -> Gateway:
    database, vault, clock, room = base.database, base.vault, base.clock, mail_room(base)
    router, submit, receive = intake.router(base), intake.submit(base), receiving.receive(base)
    act, route, views = staff_acts.act(base, router), intake.route(base, submit, router), intake.views(base)
    return Gateway(
        settings=base.settings,
        clock=clock,
        database=database,
        vault=vault,
        channels=base.channels,
        submit=submit,
        case_systems=case_systems(base, submit, views),
        router=router,
        route=route,
        plan=intake.plan(base, router),
        render=intake.render(base, router),
        key_tests=own_keys.key_tests(base.trust.directory, base.channels, database, clock),
        rotate=own_keys.rotation(base.own, database, clock),
        steps=_steps(base),
        claim=sending.claim(base),
        make_deliver=sending.make_deliver(base),
        sweeps=sweeping.sweeps(base, room.at_cut_offs, room.late_scans),
        receive=receive,
        callbacks=receiving.callbacks(base, receive),
        collects=receiving.collects(base, receive),
        resolve=Resolve(database=database, vault=vault, clock=clock),
        act=act,
        recalls=recalls(base),
        views=views,
        retention=retention(base, views),
        exchange=exchange(base),
        console=console(base, act, route=route, room=room, receive=receive, submit=submit, router=router),
        mail_room=room,
        calendar=base.calendar,
        directory=base.trust.directory,
        keyring=base.trust.keyring,
        approvals=base.trust.approvals,
        staff=base.trust.staff,
        key_watch=base.trust.key_watch,
        lookup=base.trust.lookup,
        check_key=base.trust.protector.check,
        clocks=Clocks(database=database, open_case=base.open_case, services=base.services, calendar=base.calendar),
        parties=base.parties,
        evidence=evidence(base, views, receive.read),
        telling=telling(base),
        large=base.large,
        room=base.room,
        foreign=base.foreign,
        traces=base.traces,
    )


def _steps(base: Base) -> DispatchSteps:
    work = base.settings.work
    timing = StepTiming(lease=work.lease, wait=STEP_WAIT, most_attempts=work.most_attempts)
    return DispatchSteps(database=base.database, timing=timing, clock=base.clock)
