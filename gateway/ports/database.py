"""The database as the truth: transactions over everything that is kept."""

from contextlib import AbstractContextManager
from typing import Protocol

from gateway.domain.console import StaffPasskey
from gateway.domain.passkeys import Passkey
from gateway.ports.accounts import Accounts, Pins, Proposals
from gateway.ports.addresses import Addresses
from gateway.ports.breaches import Breaches
from gateway.ports.calendar import Calendar
from gateway.ports.calls import Calls
from gateway.ports.carriage import Carriages, TrackedItems
from gateway.ports.consents import ConsentStore
from gateway.ports.console import ConsoleStore
from gateway.ports.counts import KeptCounts
from gateway.ports.delegates import DelegateStore
from gateway.ports.desk import Desks
from gateway.ports.destinations import Destinations
from gateway.ports.drafts import Drafts
from gateway.ports.exchange import ExchangeStore
from gateway.ports.exchange_tokens import ExchangeTokenStore
from gateway.ports.feed import Feed
from gateway.ports.figures import SentFigures
from gateway.ports.former_papers import FormerPapersStore
from gateway.ports.incoming import AwaitedReceipts, IncomingStore, ReturnCodes
from gateway.ports.ledger import Ledger
from gateway.ports.mailboxes import Mailboxes
from gateway.ports.manifests import Manifests
from gateway.ports.opened_ways import OpenedWays
from gateway.ports.parties import Parties
from gateway.ports.passkeys import PasskeyStore
from gateway.ports.printing import PrintOrders
from gateway.ports.proof import ProofPapers
from gateway.ports.records import Records
from gateway.ports.registry import Registry
from gateway.ports.revocation import StatusRecords
from gateway.ports.scans import Scans
from gateway.ports.sign_in_tries import SignInTriesStore
from gateway.ports.staff_mails import StaffMails
from gateway.ports.unreached import UnreachedStore
from gateway.ports.uploads import Uploads
from gateway.ports.watch import Watch
from gateway.ports.work import Deliveries, Dispatches
from gateway.ports.work_list import WorkLists


class Transaction(Protocol):
    """One transaction: everything in it is written, or nothing."""

    @property
    def dispatches(self) -> Dispatches:
        """Accepted packages."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """Deliveries and attempts."""
        ...

    @property
    def destinations(self) -> Destinations:
        """How each destination stands."""
        ...

    @property
    def records(self) -> Records:
        """Documents, receipts, events."""
        ...

    @property
    def kept_counts(self) -> KeptCounts:
        """What takes long to count."""
        ...

    @property
    def figures(self) -> SentFigures:
        """Counts over what was due."""
        ...

    @property
    def breaches(self) -> Breaches:
        """Reports on privacy breaches."""
        ...

    @property
    def drafts(self) -> Drafts:
        """Packages that officers prepare."""
        ...

    @property
    def proof(self) -> ProofPapers:
        """The papers of proof."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The chains of events, and the checkpoints over them."""
        ...

    @property
    def incoming(self) -> IncomingStore:
        """What came back, as it came."""
        ...

    @property
    def unreached(self) -> UnreachedStore:
        """What lies with somebody who shall not have it."""
        ...

    @property
    def awaited(self) -> AwaitedReceipts:
        """Signed receipts that are awaited."""
        ...

    @property
    def return_codes(self) -> ReturnCodes:
        """Codes on pages that come back."""
        ...

    @property
    def mailboxes(self) -> Mailboxes:
        """How each mailbox stands that is looked into."""
        ...

    @property
    def registry(self) -> Registry:
        """Recipients, anchors, tokens, data keys, pauses."""
        ...

    @property
    def parties(self) -> Parties:
        """What was said of files' parties, and whom deliveries were planned for."""
        ...

    @property
    def former_papers(self) -> FormerPapersStore:
        """Papers that others took the place of."""
        ...

    @property
    def opened_ways(self) -> OpenedWays:
        """Closed ways that two people opened for single deliveries."""
        ...

    @property
    def addresses(self) -> Addresses:
        """Addresses that two people gave single deliveries."""
        ...

    @property
    def calendar(self) -> Calendar:
        """Closures, suspensions, counted due dates."""
        ...

    @property
    def accounts(self) -> Accounts:
        """People."""
        ...

    @property
    def proposals(self) -> Proposals:
        """What waits for a second person, and what was decided."""
        ...

    @property
    def status(self) -> StatusRecords:
        """Revocation lists and responses."""
        ...

    @property
    def watch(self) -> Watch:
        """What the watch over keys found."""
        ...

    @property
    def work_lists(self) -> WorkLists:
        """What waits for a person."""
        ...

    @property
    def console(self) -> ConsoleStore:
        """What signs staff in."""
        ...

    @property
    def desks(self) -> Desks:
        """How each person of staff has set up the console."""
        ...

    @property
    def exchange(self) -> ExchangeStore:
        """Accounts of recipients, and what was left for them."""
        ...

    @property
    def delegates(self) -> DelegateStore:
        """Who collects for whom in the exchange."""
        ...

    @property
    def consents(self) -> ConsentStore:
        """What recipients said of electronic delivery."""
        ...

    @property
    def exchange_tokens(self) -> ExchangeTokenStore:
        """By what systems of recipients collect."""
        ...

    @property
    def passkeys(self) -> PasskeyStore[Passkey]:
        """What recipients sign in with."""
        ...

    @property
    def staff_passkeys(self) -> PasskeyStore[StaffPasskey]:
        """What staff sign in with."""
        ...

    @property
    def sign_in_tries(self) -> SignInTriesStore:
        """How often each address tried to sign in."""
        ...

    @property
    def uploads(self) -> Uploads:
        """What was uploaded to exchanges of others."""
        ...

    @property
    def calls(self) -> Calls:
        """What systems outside are told."""
        ...

    @property
    def manifests(self) -> Manifests:
        """What is gathered for carriers, and the manifests closed over it."""
        ...

    @property
    def carriages(self) -> Carriages:
        """What carriers' own services were told of manifests."""
        ...

    @property
    def print_orders(self) -> PrintOrders:
        """What a print and mail vendor makes."""
        ...

    @property
    def tracked(self) -> TrackedItems:
        """Envelopes that carriers are asked about."""
        ...

    @property
    def scans(self) -> Scans:
        """Scans of envelopes."""
        ...

    @property
    def staff_mails(self) -> StaffMails:
        """What staff are told by mail."""
        ...

    @property
    def feed(self) -> Feed:
        """The ledger of the outcome feed."""
        ...

    @property
    def pins(self) -> Pins:
        """Keys pinned to recipients."""
        ...


class Database(Protocol):
    """The truth. No network call is made inside a transaction."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A writing transaction: commits at the end, rolls back when an exception leaves it.

        Raises ServiceDown (database.unavailable, storage.full)."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """A reading transaction over one consistent state."""
        ...

    def look_up(self) -> AbstractContextManager[Transaction]:
        """For what one statement answers, or for several that need not be of one state: each sees the state of its
        moment. A third of the round trips of `read`. Nothing is written in it."""
        ...

    def check(self) -> None:
        """Raises ServiceDown when it does not answer, SetupWrong (home.upgrade-needed) when its shape is not ours."""
        ...

    def close(self) -> None:
        """Lets go of connections."""
        ...
