"""The composition root: the only place that joins the parts."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil
from pathlib import Path

from channels.encrypted_email.receipts.reader import MailReader
from channels.registry import ChannelRegistry
from gateway import key_parts
from gateway.application.approvals import Approvals
from gateway.application.attempt_record import RecordEnd, Timing
from gateway.application.attempts import MakeAttempt
from gateway.application.calendar import OfficeCalendar
from gateway.application.casework import OpenCase
from gateway.application.clocks import Clocks
from gateway.application.decision_json import read_decision
from gateway.application.deliver import ClaimDeliveries, Deliver
from gateway.application.destinations import Destinations
from gateway.application.directory import RecipientDirectory
from gateway.application.examine import Examine
from gateway.application.file_parties import FileParties
from gateway.application.key_tests import KeyTests
from gateway.application.key_watch import KeyWatch
from gateway.application.keyring import Keyring
from gateway.application.large import LargeGate
from gateway.application.office_dates import office_time
from gateway.application.plan import OfficeTime, Plan
from gateway.application.receive import Receive
from gateway.application.reconcile import Reconcile
from gateway.application.registry import Tokens
from gateway.application.render import Render
from gateway.application.resolve import Resolve
from gateway.application.rotation import RotateKeys
from gateway.application.route import Route
from gateway.application.router import Router, Sending
from gateway.application.rule_files import registry_rules
from gateway.application.rules import breaker_policy, retry_policy
from gateway.application.sealed import Vault
from gateway.application.services import Services
from gateway.application.staff import Staff
from gateway.application.steps import DispatchSteps, StepTiming
from gateway.application.submit import Submit
from gateway.application.views import Views
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.failures import Refused
from gateway.domain.parties import RecipientChannel
from gateway.domain.problem import SetupWrong
from gateway.domain.rules.book import RuleBook
from gateway.parts import document_limits, package_limits
from gateway.places import broker_url, database_url, key_folder, open_database, upgrade_database
from gateway.ports.channels import Channel, ChannelParts
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.packages import PackageVerifier
from gateway.ports.sealing import ObjectStore
from gateway.settings import Settings, read_settings
from gateway.store.objects import FileObjects
from gateway.store.s3 import Bucket, S3Objects
from gateway.system_clock import SystemClock
from gateway.trust_parts import TrustParts, join_trust, joined_protector
from keys.asice import AsicVerifier
from keys.certificate_files import CertificateFiles
from keys.credentials import passphrase
from keys.live import LiveOwnKeys, LiveSealer
from keys.openpgp_room import OpenPgpRoom
from templates.confined.pool import ConfinedPool
from templates.foreign_papers import ForeignPapers
from templates.renderer import PaperRenderer

__all__ = [
    "VAULT_FOLDER",
    "Gateway",
    "SystemClock",
    "broker_url",
    "database_url",
    "key_folder",
    "open_database",
    "open_gateway",
    "upgrade_database",
]

VAULT_FOLDER = "vault"
MAIL = "mail"
"""Whose word a receipt is that came by mail, whichever way it was brought in."""
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
    make_deliver: Callable[[], Deliver]
    reconcile: Reconcile
    receive: Receive
    resolve: Resolve
    views: Views
    calendar: OfficeCalendar
    clocks: Clocks
    parties: FileParties
    directory: RecipientDirectory
    keyring: Keyring
    key_watch: KeyWatch
    check_key: Callable[[RecipientChannel, dt.datetime], Refused | None]
    """Why nothing may be encrypted for a way now, or None: what planning asks, and sending asks again."""
    approvals: Approvals
    staff: Staff
    tokens: Tokens
    rotate: RotateKeys
    key_tests: KeyTests
    large: LargeGate
    foreign: ForeignPapers

    room: OpenPgpRoom

    def close(self) -> None:
        """Lets go of the database, of the processes that read documents, and of GnuPG where it was needed."""
        self.foreign.close()
        self.database.close()
        self.room.close()


@dataclass(frozen=True, kw_only=True)
class _Base:
    """What the use cases are made of."""

    settings: Settings
    clock: Clock
    database: Database
    vault: Vault
    own: LiveOwnKeys
    room: OpenPgpRoom
    rules: RuleBook
    channels: Mapping[str, Channel]
    verifier: PackageVerifier
    trust: TrustParts
    dates: OfficeTime
    calendar: OfficeCalendar
    large: LargeGate
    foreign: ForeignPapers

    @property
    def destinations(self) -> Destinations:
        """What the channels speak to."""
        return Destinations(channels=self.channels, policy=breaker_policy(probe=self.settings.work.lease))

    @property
    def open_case(self) -> OpenCase:
        """Opens accepted packages."""
        return OpenCase(
            database=self.database,
            vault=self.vault,
            verifier=self.verifier,
            read=read_decision,
            stands=self.parties.as_they_stand,
        )

    @property
    def services(self) -> Services:
        """What was provided, when and on which basis."""
        return Services(calendar=self.calendar, parties=self.parties, iad_rolls=self.settings.receipt.iad_rolls)

    @cached_property
    def parties(self) -> FileParties:
        """What the Registry says of files' parties."""
        return FileParties(
            database=self.database,
            vault=self.vault,
            today=self.dates.today,
            max_age=self.settings.parties.max_age,
            clock=self.clock,
        )


def open_gateway(home: Path, *, clock: Clock | None = None) -> Gateway:
    """Joins the parts of a home. Raises SetupWrong, ServiceDown."""
    settings = read_settings(home)
    now = clock or SystemClock()
    database = open_database(home, settings)
    database.check()
    own = LiveOwnKeys(key_folder(home, settings), passphrase(), organization=settings.gateway.organization)
    room = OpenPgpRoom()
    vault = Vault(sealer=LiveSealer(own), objects=_objects(home, settings))
    trust = join_trust(
        settings=settings.trust,
        database=database,
        vault=vault,
        protector=joined_protector(own, room),
        own=lambda: CertificateFiles().own(own.current()),
        clock=now,
    )
    channels = ChannelRegistry().build(settings.channels, ChannelParts(home=home, protector=trust.protector))
    _check_lease(settings, channels.values())
    calendar = OfficeCalendar(database=database, vault=vault, clock=now)
    return _join(
        _Base(
            settings=settings,
            clock=now,
            database=database,
            vault=vault,
            own=own,
            room=room,
            rules=registry_rules(home, settings.rules.overlay),
            channels=channels,
            verifier=AsicVerifier(package_limits(settings), trust.rules),
            trust=trust,
            dates=office_time(calendar.closed_days),
            calendar=calendar,
            large=LargeGate(),
            foreign=ForeignPapers(ConfinedPool(document_limits(settings))),
        )
    )


def _objects(home: Path, settings: Settings) -> ObjectStore:
    """Where sealed objects are kept. Raises SetupWrong (settings.invalid, storage.extra-missing)."""
    vault = settings.vault
    if vault.store == "files":
        return FileObjects(home / VAULT_FOLDER)
    return S3Objects(Bucket(name=vault.bucket, prefix=vault.prefix, endpoint=vault.endpoint, region=vault.region))


def _check_lease(settings: Settings, channels: Iterable[Channel]) -> None:
    """A lease that ends during a send makes two things of one: an end for a person to settle, and the real one.

    Raises SetupWrong (settings.invalid).
    """
    for channel in channels:
        able = channel.capabilities
        # A lease is renewed when the send begins. It must outlast the send, and before it the sends that go first;
        # half as long again to prepare and record.
        sends = max(1, ceil(settings.work.concurrency / able.side_by_side) - 1)
        if settings.work.lease < able.time_limit * (sends + 0.5):
            raise SetupWrong(Code.SETTINGS_INVALID, where="work.lease", channel=channel.name)


def _join(base: _Base) -> Gateway:
    database, vault, clock, work = base.database, base.vault, base.clock, base.settings.work
    router = _router(base)
    submit = _submit(base)
    timing = StepTiming(lease=work.lease, wait=STEP_WAIT, most_attempts=work.most_attempts)
    return Gateway(
        settings=base.settings,
        clock=clock,
        database=database,
        vault=vault,
        channels=base.channels,
        submit=submit,
        router=router,
        route=Route(database, submit=submit, open_case=base.open_case, router=router, office_time=base.dates),
        plan=_plan(base, router),
        render=_render(base, router),
        key_tests=key_parts.key_tests(base.trust.directory, base.channels, database, clock),
        rotate=key_parts.rotation(base.own, database, clock),
        steps=DispatchSteps(database=database, timing=timing, clock=clock),
        claim=ClaimDeliveries(
            database=database,
            channels=base.channels,
            destinations=base.destinations,
            lease=work.lease,
            clock=clock,
        ),
        make_deliver=_make_deliver(base),
        reconcile=Reconcile(database=database, most_lapses=work.most_attempts, clock=clock),
        receive=_receive(base),
        resolve=Resolve(database=database, vault=vault, clock=clock),
        views=Views(database=database, vault=vault, services=base.services, today=base.dates.today, clock=clock),
        calendar=base.calendar,
        directory=base.trust.directory,
        keyring=base.trust.keyring,
        approvals=base.trust.approvals,
        staff=base.trust.staff,
        key_watch=base.trust.key_watch,
        check_key=base.trust.protector.check,
        clocks=Clocks(database=database, open_case=base.open_case, services=base.services, calendar=base.calendar),
        parties=base.parties,
        tokens=Tokens(database=database, clock=clock),
        large=base.large,
        room=base.room,
        foreign=base.foreign,
    )


def _submit(base: _Base) -> Submit:
    return Submit(
        database=base.database,
        vault=base.vault,
        verifier=base.verifier,
        read=read_decision,
        keep=base.trust.status.keep,
        signer=key_parts.acceptance_signer(base.own),
        clock=base.clock,
    )


def _receive(base: _Base) -> Receive:
    return Receive(
        database=base.database,
        vault=base.vault,
        readers={MAIL: MailReader()},
        patience=base.settings.incoming.patience,
        clock=base.clock,
    )


def _router(base: _Base) -> Router:
    able = Sending(channels=base.channels, protector=base.trust.protector, count_pages=base.foreign.page_count)
    directory, today, clock = base.trust.directory, base.dates.today, base.clock
    return Router(base.rules, database=base.database, directory=directory, sending=able, today=today, clock=clock)


def _plan(base: _Base, router: Router) -> Plan:
    return Plan(
        database=base.database,
        open_case=base.open_case,
        router=router,
        office_time=base.dates,
        clock=base.clock,
    )


def _render(base: _Base, router: Router) -> Render:
    return Render(
        database=base.database,
        vault=base.vault,
        open_case=base.open_case,
        directory=base.trust.directory,
        router=router,
        examine=Examine(database=base.database, reader=base.foreign, clock=base.clock),
        renderer=PaperRenderer(base.foreign),
        today=base.dates.today,
        hold=base.settings.gateway.hold_before_send,
        planned_for=base.parties.planned_for,
        clock=base.clock,
    )


def _make_deliver(base: _Base) -> Callable[[], Deliver]:
    work = base.settings.work
    make = MakeAttempt(
        database=base.database,
        vault=base.vault,
        directory=base.trust.directory,
        channels=base.channels,
        record=_record_end(base),
        lease=work.lease,
        standing=base.trust.protector.standing,
        keep=base.trust.status.keep,
        held_back=base.parties.held_back,
        clock=base.clock,
    )
    return partial(
        Deliver, make=make, size=partial(_papers_size, base.database), concurrency=work.concurrency, large=base.large
    )


def _record_end(base: _Base) -> RecordEnd:
    work = base.settings.work
    return RecordEnd(
        database=base.database,
        vault=base.vault,
        channels=base.channels,
        destinations=base.destinations,
        policy=retry_policy,
        timing=Timing(lease=work.lease, pause=work.misconfigured_pause),
        clock=base.clock,
    )


def _papers_size(database: Database, delivery: Delivery) -> int:
    with database.read() as tx:
        return sum(record.size for record in tx.records.documents(delivery.id))
