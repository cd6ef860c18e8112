"""The use cases over the real SQLite store and the real sealing, with a clock that the test moves.

Stand-ins, since their real parts have tests of their own: the verifier trusts what it is given, the renderer draws
nothing, the channel is the scripted fake of `tests/contracts`.
"""

import asyncio
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.application.acts.given_addresses import AddressChanges
from gateway.application.acts.override import OverrideChanges, ProposeOverride
from gateway.application.acts.readdress import Readdress
from gateway.application.acts.reroute import Reroute
from gateway.application.acts.resolve import Resolve
from gateway.application.acts.service_record import RecordService
from gateway.application.acts.told_receipt import RecordReceipt
from gateway.application.casework import OpenCase
from gateway.application.dates.calendar import OfficeCalendar
from gateway.application.dates.clocks import Clocks
from gateway.application.dates.office_dates import office_time
from gateway.application.dates.services import Services
from gateway.application.dates.settle import Settle
from gateway.application.evidence.proof_facts import GatherFacts
from gateway.application.exchange.accounts import ExchangeAccountChanges
from gateway.application.exchange.consents import SaidByRecipients
from gateway.application.feed.compose import owe_outcomes
from gateway.application.files.file_parties import FileParties
from gateway.application.forgotten import CatchForgotten
from gateway.application.intake.decision_json import read_decision
from gateway.application.intake.submit import Submit
from gateway.application.large import LargeGate
from gateway.application.papers.envelopes import Envelopes
from gateway.application.papers.examine import Examine
from gateway.application.papers.keep_papers import KeepPapers
from gateway.application.papers.render import Render
from gateway.application.people.approvals import Approvals, Made
from gateway.application.people.registry import TrustAnchors
from gateway.application.people.staff import AccountChanges, Staff
from gateway.application.planning.plan import Plan
from gateway.application.planning.router import Router, Sending
from gateway.application.planning.turn_times import TurnTimes
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.recipients.recipient_json import recipient_from_json, recipient_to_json
from gateway.application.retention.evidence_expiry import ExpireEvidence
from gateway.application.retention.expiry import Retention
from gateway.application.retention.outlived_keys import OutlivedKeys
from gateway.application.retention.remains import ProofFacts
from gateway.application.retention.shared_expiry import ExpireShared
from gateway.application.returns.prove import Prove
from gateway.application.returns.receive import Close, Keep, Read
from gateway.application.returns.take_back_uploads import TakeBackUploads
from gateway.application.rule_files import RuleFile, read_book
from gateway.application.rules import breaker_policy
from gateway.application.sealed import Vault
from gateway.application.sending.attempt_record import RecordEnd, Timing
from gateway.application.sending.attempts import MakeAttempt
from gateway.application.sending.deliver import ClaimDeliveries
from gateway.application.sending.destinations import Destinations
from gateway.application.sending.move_on import MoveOn
from gateway.application.sending.reach import Reach
from gateway.application.sending.reconcile import Reconcile
from gateway.application.sending.unconfirmed import SettleUnconfirmed
from gateway.application.steps import DispatchSteps, StepTiming
from gateway.application.views import Views
from gateway.domain.breaker import Outage
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.entry_note import EntryNote
from gateway.domain.events import Event, EventName
from gateway.domain.failures import Refused
from gateway.domain.naming import Identity, Naming
from gateway.domain.outcomes import Division
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.package import DocumentKind
from gateway.domain.parties import PreferredLanguage, Protection, Recipient, RecipientChannel, RecipientKind
from gateway.domain.proposals import ChangeKind
from gateway.domain.retention import kind_of
from gateway.domain.retry import RetryPolicy
from gateway.domain.return_code import ReturnCode
from gateway.domain.rules.book import RuleBook
from gateway.domain.trust import Revocation, Signer, TrustedAnchor, VerifiedPackage
from gateway.ports.channels import Channel, ProtectedEntity
from gateway.ports.incoming import ReceiptReader
from gateway.ports.keys import KeyStanding
from gateway.ports.papers import MessageText, Papers, RenderedDocument, RenderedPapers
from gateway.store.engine import SqlDatabase
from gateway.store.objects import FileObjects
from keys.cades import SigningKey
from keys.document_signer import CadesSigner
from keys.sealing import KeyEncryptionKey, StreamSealer
from keys.signed_receipts import SignedReceiptFiles
from tests.application.packages import members_of, minimal
from tests.keys.pki import Authority
from tests.migrated import database_in

START = dt.datetime(2026, 11, 20, 20, 4, tzinfo=dt.UTC)
LEASE = dt.timedelta(minutes=2)
PATIENCE = dt.timedelta(minutes=15)
PAUSE = dt.timedelta(minutes=1)
WAITS = (dt.timedelta(minutes=2), dt.timedelta(minutes=10))


MAX_AGE = dt.timedelta(days=30)
"""Of the Registry's last word on the parties."""


@dataclass
class TestClock:
    """A clock that stands until it is moved."""

    __test__ = False

    at: dt.datetime = START

    def now(self) -> dt.datetime:
        """See `Clock`."""
        return self.at

    def move(self, by: dt.timedelta) -> None:
        """Time passes."""
        self.at += by


class ScriptedScanner:
    """Sees on every page the codes it was given. Stands in for the confined process, which has tests of its own."""

    def __init__(self) -> None:
        self.seen: tuple[ReturnCode, ...] = ()

    def codes(self, content: bytes) -> Sequence[ReturnCode]:
        """See `PageScanner`."""
        return self.seen


class TrustingVerifier:
    """Takes a JSON object of member texts for a package."""

    def verify(self, raw: bytes, *, anchors: Sequence[TrustedAnchor], at: dt.datetime) -> VerifiedPackage:
        """See `PackageVerifier`; trusts everybody for every division."""
        signer = Signer(
            certificate=b"",
            fingerprint="ab" * 32,
            subject="CN=Registry",
            anchor="cd" * 32,
            divisions=frozenset(Division),
            revocation=Revocation.NO_SOURCE,
        )
        return VerifiedPackage(members=self.unpack(raw), signer=signer, digest=sha256(raw), size=len(raw))

    def unpack(self, raw: bytes) -> Mapping[str, bytes]:
        """See `PackageVerifier`."""
        return {name: text.encode() for name, text in json.loads(raw).items()}

    def certificates(self, raw: bytes) -> Sequence[bytes]:
        """See `PackageVerifier`."""
        return [b"a certificate"]


class PlainRenderer:
    """One file a participant; raises what it is told to, and lets happen what is to happen meanwhile."""

    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.meanwhile: Callable[[], None] = lambda: None
        self.note = EntryNote()

    def render(self, papers: Papers) -> RenderedPapers:
        """See `Renderer`."""
        self.meanwhile()
        if self.fails is not None:
            raise self.fails
        content = b"%PDF-stand-in for " + papers.participant.id.encode()
        document = RenderedDocument(
            kind=DocumentKind.REASONS, name="papers.pdf", media_type="application/pdf", content=content, pages=1
        )
        return RenderedPapers(
            message=MessageText(subject="Decision", text="Enclosed."), documents=(document,), note=self.note
        )


class PlainReader:
    """Says of each document, by its path, what it was told to say; of all others that they name their file."""

    def __init__(self) -> None:
        self.says: dict[str, Naming | Exception] = {}
        self.asked: list[Identity] = []

    def naming(self, content: bytes, identity: Identity, where: str) -> Naming:
        """See `PaperReader`."""
        self.asked.append(identity)
        said = self.says.get(where, Naming.OURS)
        if isinstance(said, Exception):
            raise said
        return said


class EverybodysKey:
    """A protector that finds every key good and protects nothing: the channel is scripted."""

    def check(self, address: RecipientChannel, at: dt.datetime) -> Refused | None:
        """See `MessageProtector`."""
        return None

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> ProtectedEntity:
        """See `MessageProtector`."""
        return ProtectedEntity(mime=entity)


def stage_rules(more: str = "") -> RuleBook:
    """The rules of these tests: who is listed gets every document by encrypted e-mail, and nobody else must be told;
    and whatever rules a test adds."""
    text = (Path(__file__).parent / "stage_rules.toml").read_text(encoding="utf-8")
    return read_book([RuleFile(name="stage_rules.toml", text=text + more)])


def _sqlite(folder: Path) -> SqlDatabase:
    return SqlDatabase(database_in(folder))


class Stage:
    """A gateway with one scripted channel."""

    def __init__(
        self,
        folder: Path,
        *channels: Channel,
        rules: RuleBook | None = None,
        database: SqlDatabase | None = None,
    ) -> None:
        self.folder, self.clock = folder, TestClock()
        self.database = database or _sqlite(folder)

        self.vault = Vault(
            sealer=StreamSealer([KeyEncryptionKey(id="k1", key=bytes(32))]), objects=FileObjects(folder / "vault")
        )
        self.rules = rules or stage_rules()
        self.channels = {channel.name: channel for channel in channels}
        self.directory = RecipientDirectory(
            database=self.database,
            vault=self.vault,
            encode=recipient_to_json,
            decode=recipient_from_json,
        )
        self.directory.ensure_key()
        self.approvals = Approvals(
            database=self.database,
            vault=self.vault,
            kinds={
                ChangeKind.RECIPIENT: self.directory,
                ChangeKind.OWN_KEY: self.directory,
                ChangeKind.ANCHOR: TrustAnchors(database=self.database),
                ChangeKind.ACCOUNT: AccountChanges(),
                ChangeKind.EXCHANGE_ACCOUNT: ExchangeAccountChanges(self.vault),
                ChangeKind.OVERRIDE: OverrideChanges(rules=self.rules, vault=self.vault),
                ChangeKind.DELIVERY_ADDRESS: AddressChanges(vault=self.vault, clock=self.clock),
            },
            clock=self.clock,
        )
        self.staff = Staff(database=self.database, approvals=self.approvals, clock=self.clock)
        self.renderer, self.reader = PlainRenderer(), PlainReader()
        self.key_standing: KeyStanding | Refused | None = None
        self.kept: list[bytes] = []
        self.outages: list[tuple[str, Outage]] = []
        self.retry_policy = RetryPolicy(waits=WAITS)
        self.retry_policies: dict[str, RetryPolicy] = {}
        self._join()

    def _join(self) -> None:
        verifier = TrustingVerifier()
        self.calendar = OfficeCalendar(database=self.database, vault=self.vault, clock=self.clock)
        self.authority = Authority.root()
        self.acceptance: SigningKey = self.authority.signer()
        dates = office_time(self.calendar.closed_days)
        self.parties = FileParties(
            database=self.database,
            vault=self.vault,
            today=dates.today,
            max_age=MAX_AGE,
            said=SaidByRecipients(database=self.database, directory=self.directory),
            clock=self.clock,
        )
        open_case = OpenCase(
            database=self.database,
            vault=self.vault,
            verifier=verifier,
            read=read_decision,
            stands=self.parties.as_they_stand,
        )
        self.open_case = open_case
        self.submit = Submit(
            database=self.database,
            vault=self.vault,
            verifier=verifier,
            read=read_decision,
            keep=lambda *_: None,
            signer=CadesSigner(OwnKeyName.PACKAGE_ACCEPTANCE, lambda: self.acceptance),
            clock=self.clock,
            due=dates.due,
            owe=owe_outcomes,
        )
        router = Router(
            self.rules,
            database=self.database,
            directory=self.directory,
            sending=Sending(
                channels=self.channels,
                protector=EverybodysKey(),
                count_pages=lambda *_: 1,
                suspended=self.calendar.suspended_channels,
            ),
            today=dates.today,
            clock=self.clock,
        )
        self.plan = Plan(
            database=self.database,
            open_case=open_case,
            directory=self.directory,
            router=router,
            office_time=dates,
            clock=self.clock,
        )
        self.render = Render(
            database=self.database,
            open_case=open_case,
            directory=self.directory,
            examine=Examine(database=self.database, reader=self.reader, clock=self.clock),
            router=router,
            renderer=self.renderer,
            today=dates.today,
            keep=KeepPapers(
                database=self.database,
                vault=self.vault,
                hold=dt.timedelta(0),
                planned_for=self.parties.planned_for,
                clock=self.clock,
            ),
            clock=self.clock,
        )
        timing = StepTiming(lease=LEASE, wait=dt.timedelta(seconds=10), most_attempts=3)
        self.steps = DispatchSteps(database=self.database, timing=timing, clock=self.clock)
        destinations = Destinations(channels=self.channels, policy=breaker_policy(probe=LEASE))
        self.claim = ClaimDeliveries(
            database=self.database,
            channels=self.channels,
            destinations=destinations,
            lease=LEASE,
            clock=self.clock,
        )
        turn_times = TurnTimes(database=self.database, closed_days=self.calendar.closed_days)

        def policy(channel: str) -> RetryPolicy:
            return self.retry_policies.get(channel, self.retry_policy)

        suspended = self.calendar.suspended_channels
        self.move_on = MoveOn(
            database=self.database, turns=turn_times, policy=policy, suspended=suspended, clock=self.clock
        )
        record = RecordEnd(
            database=self.database,
            vault=self.vault,
            channels=self.channels,
            destinations=destinations,
            policy=policy,
            turn=turn_times,
            timing=Timing(lease=LEASE, pause=PAUSE),
            clock=self.clock,
            announce=lambda name, outage: self.outages.append((name, outage)),
        )
        self.reach = Reach(
            database=self.database,
            directory=self.directory,
            parties=self.parties,
            suspended=self.calendar.suspended_channels,
        )
        self.envelopes = Envelopes(directory=self.directory, parties=self.parties, open_case=open_case)
        self.make = MakeAttempt(
            database=self.database,
            vault=self.vault,
            channels=self.channels,
            record=record,
            lease=LEASE,
            standing=lambda *_: self.key_standing,
            keep=lambda _, responses, __: self.kept.extend(responses),
            reach=self.reach,
            exchange_way=self.reach.exchange_way,
            clock=self.clock,
            large=LargeGate(),
            envelope=self.envelopes,
        )
        self.reconcile = Reconcile(database=self.database, policy=policy, most_lapses=3, clock=self.clock)
        self.unconfirmed = SettleUnconfirmed(
            database=self.database, vault=self.vault, channels=self.channels, clock=self.clock
        )
        self.take_back = TakeBackUploads(
            database=self.database, vault=self.vault, channels=self.channels, clock=self.clock
        )
        self.catch_forgotten = CatchForgotten(database=self.database, clock=self.clock)
        self.keep = Keep(database=self.database, vault=self.vault, clock=self.clock)
        self.keep.ensure_key()
        self.close_incoming = Close(database=self.database, vault=self.vault, clock=self.clock)
        self.resolve = Resolve(database=self.database, vault=self.vault, clock=self.clock)
        self.reroute = Reroute(
            database=self.database, vault=self.vault, open_case=open_case, router=router, clock=self.clock
        )
        self.override = ProposeOverride(reroute=self.reroute, approvals=self.approvals, rules=self.rules)
        self.readdress = Readdress(
            database=self.database,
            vault=self.vault,
            open_case=open_case,
            directory=self.directory,
            approvals=self.approvals,
            changes=AddressChanges(vault=self.vault, clock=self.clock),
            planned_for=self.parties.planned_for,
            suspended=self.calendar.suspended_channels,
            clock=self.clock,
        )
        self.scanner = ScriptedScanner()
        self.record_service = RecordService(
            database=self.database, vault=self.vault, scanner=self.scanner, clock=self.clock
        )
        self.record_receipt = RecordReceipt(database=self.database, vault=self.vault, clock=self.clock)
        self.services = services = Services(calendar=self.calendar, parties=self.parties, iad_rolls=False)
        self.settle = Settle(database=self.database, services=services, clock=self.clock)
        self.clocks = Clocks(database=self.database, open_case=open_case, services=services, calendar=self.calendar)
        self.views = Views(
            database=self.database, vault=self.vault, services=services, today=dates.today, clock=self.clock
        )
        self.facts = GatherFacts(
            database=self.database,
            vault=self.vault,
            open_case=open_case,
            verifier=verifier,
            parties=self.parties,
            directory=self.directory,
            status=self.views.dispatch,
        )

    def retention(self, facts: Callable[[Dispatch], ProofFacts] | None = None) -> Retention:
        """What lets packages expire, and what was said of their files."""
        outlived = OutlivedKeys(database=self.database, clock=self.clock)
        facts = facts or self.facts
        evidence = ExpireEvidence(database=self.database, vault=self.vault, clock=self.clock)
        return Retention(
            database=self.database,
            vault=self.vault,
            facts=facts,
            outlived=outlived,
            evidence=evidence,
            shared=ExpireShared(database=self.database, vault=self.vault, clock=self.clock),
            kind=lambda dispatch: kind_of(self.open_case(dispatch).decision),
            clock=self.clock,
        )

    def recipients(
        self, name: str = "cbsa-hearings-gta", *, way: RecipientChannel | None = None, also: Sequence[str] = ()
    ) -> None:
        """The directory of `minimal` packages: the Minister's counsel alone is reachable unless told otherwise.

        also: further ways to them, by channel.
        """
        key = b"der" if name == "cbsa-hearings-gta" else name.encode()
        way = way or RecipientChannel(
            type="encrypted-email", address="cbsa@gw.test", protection=Protection.SMIME, certificate=key
        )
        entry = Recipient(
            id=name,
            name="Hearings",
            kind=RecipientKind.MINISTER_COUNSEL,
            organization="CBSA",
            language=PreferredLanguage.EN,
            channels=(way, *(RecipientChannel(type=one, address="cbsa") for one in also)),
        )
        self.enter(entry)

    def enter(self, *entries: Recipient, actor: str = "test", reason: str | None = None) -> Sequence[Made]:
        """Enters recipients into the directory, or proposes to once there are two accounts."""
        return self.approvals.make(self.directory.changes(entries), actor=actor, reason=reason)

    def accept(self, **changes: object) -> Dispatch:
        """Submits a package of the Minister's counsel and nobody else; its dispatch."""
        one = [{"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}]
        decision = minimal(**({"participants": one, "minister": {"party": True}} | changes))  # type: ignore[arg-type]
        members = dict.fromkeys(members_of(decision), "text") | {"decision.json": json.dumps(decision)}
        return self.submit.accept(json.dumps(members).encode(), submitted_by="test").dispatch

    def ready(self, **changes: object) -> Delivery:
        """A delivery that is planned and rendered."""
        self.recipients()
        return self.planned_and_rendered(**changes)

    def planned_and_rendered(self, **changes: object) -> Delivery:
        """The same with the directory as it stands."""
        dispatch = self.accept(**changes)
        for step, work in ((Step.PLAN, self.plan), (Step.RENDER, self.render)):
            (claimed,) = self.steps.claim(step, 10)
            work(claimed)
        (delivery,) = self.deliveries(dispatch.id)
        return delivery

    def stuck(self, dispatch_id: str) -> Dispatch:
        """The dispatch, set aside."""
        with self.database.write() as tx:
            dispatch = replace(tx.dispatches.get(dispatch_id), step=Step.STUCK)
            tx.dispatches.save(dispatch)
            facts = {"step": "render", "cause": "ZeroDivisionError"}
            name = EventName.DISPATCH_STUCK
            tx.records.append(Event(name=name, at=self.clock.now(), actor="test", dispatch=dispatch_id, facts=facts))
        return dispatch

    def deliver(self) -> int:
        """Makes every attempt that is due; how many."""
        claimed = self.claim(10)

        async def make() -> None:
            await asyncio.gather(*(self.make(*item) for item in claimed))

        asyncio.run(make())
        return len(claimed)

    def reading(self, reader: ReceiptReader) -> Read:
        """What reads with that reader."""
        return Read(
            database=self.database,
            vault=self.vault,
            readers={"mail": reader},
            prove=Prove(database=self.database, receipts=SignedReceiptFiles(), clock=self.clock),
            patience=PATIENCE,
            clock=self.clock,
        )

    def delivery(self, delivery_id: str) -> Delivery:
        """The delivery as it stands."""
        with self.database.read() as tx:
            return tx.deliveries.get(delivery_id)

    def deliveries(self, dispatch_id: str) -> Sequence[Delivery]:
        """The deliveries of a dispatch."""
        with self.database.read() as tx:
            return tx.deliveries.of_dispatch(dispatch_id)

    def attempts(self, delivery_id: str) -> Sequence[Attempt]:
        """The attempts of a delivery."""
        with self.database.read() as tx:
            return tx.deliveries.attempts(delivery_id)

    def objects(self) -> int:
        """How many sealed objects are kept."""
        return sum(path.is_file() for path in (self.folder / "vault").rglob("*"))

    def close(self) -> None:
        """Lets go of the database."""
        self.database.close()
