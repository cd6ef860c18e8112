"""One transaction: the stores over its connection."""

import sqlalchemy as sa

from gateway.store.accounts import SqlAccounts, SqlPins, SqlProposals
from gateway.store.addresses import SqlAddresses
from gateway.store.awaited import SqlAwaitedReceipts
from gateway.store.breaches import SqlBreaches
from gateway.store.calendar import SqlCalendar
from gateway.store.calls import SqlCalls
from gateway.store.carriages import SqlCarriages, SqlTrackedItems
from gateway.store.consents import SqlConsents
from gateway.store.console import SqlConsole
from gateway.store.counts import SqlKeptCounts
from gateway.store.delegates import SqlDelegates
from gateway.store.deliveries import SqlDeliveries
from gateway.store.desk import SqlDesks
from gateway.store.destinations import SqlDestinations
from gateway.store.dispatches import SqlDispatches
from gateway.store.drafts import SqlDrafts
from gateway.store.exchange import SqlExchange
from gateway.store.exchange_tokens import SqlExchangeTokens
from gateway.store.feed import SqlFeed
from gateway.store.figures import SqlFigures
from gateway.store.former_papers import SqlFormerPapers
from gateway.store.held import HeldRows
from gateway.store.incoming import SqlIncoming
from gateway.store.ledger import SqlLedger
from gateway.store.mailboxes import SqlMailboxes
from gateway.store.manifests import SqlManifests
from gateway.store.opened_ways import SqlOpenedWays
from gateway.store.parties import SqlParties
from gateway.store.passkeys import SqlPasskeys, SqlStaffPasskeys
from gateway.store.print_orders import SqlPrintOrders
from gateway.store.proof import SqlProofPapers
from gateway.store.records import SqlRecords
from gateway.store.registry import SqlRegistry
from gateway.store.return_codes import SqlReturnCodes
from gateway.store.scans import SqlScans
from gateway.store.sign_in_tries import SqlSignInTries
from gateway.store.staff_mails import SqlStaffMails
from gateway.store.status import SqlStatusRecords
from gateway.store.unreached import SqlUnreached
from gateway.store.uploads import SqlUploads
from gateway.store.watch import SqlWatch
from gateway.store.work_list import SqlWorkLists
from gateway.store.wrapped_keys import WrappedKeys


class SqlTransaction:
    """`gateway.ports.database.Transaction` over a connection whose transaction somebody else begins and ends."""

    def __init__(self, connection: sa.Connection, keys: WrappedKeys | None = None, *, writes: bool = True) -> None:
        """keys: those read a moment ago. writes: whether it may write; then it believes only what it reads itself."""
        held = HeldRows()
        self.dispatches = SqlDispatches(connection, held)
        self.deliveries = SqlDeliveries(connection, held)
        self.records = SqlRecords(connection, held)
        self.registry = SqlRegistry(connection, keys or WrappedKeys(), writes=writes)
        self.destinations = SqlDestinations(connection)
        self.breaches = SqlBreaches(connection)
        self.drafts = SqlDrafts(connection)
        self.figures = SqlFigures(connection)
        self.kept_counts = SqlKeptCounts(connection)
        self.calendar = SqlCalendar(connection)
        self.accounts = SqlAccounts(connection)
        self.proposals = SqlProposals(connection)
        self.pins = SqlPins(connection)
        self.status = SqlStatusRecords(connection)
        self.watch = SqlWatch(connection)
        self.parties = SqlParties(connection)
        self.opened_ways = SqlOpenedWays(connection)
        self.addresses = SqlAddresses(connection)
        self.former_papers = SqlFormerPapers(connection)
        self.incoming = SqlIncoming(connection)
        self.mailboxes = SqlMailboxes(connection)
        self.awaited = SqlAwaitedReceipts(connection)
        self.return_codes = SqlReturnCodes(connection)
        self.ledger = SqlLedger(connection)
        self.proof = SqlProofPapers(connection)
        self.work_lists = SqlWorkLists(connection)
        self.console = SqlConsole(connection)
        self.sign_in_tries = SqlSignInTries(connection)
        self.desks = SqlDesks(connection)
        self.exchange = SqlExchange(connection)
        self.delegates = SqlDelegates(connection)
        self.consents = SqlConsents(connection)
        self.exchange_tokens = SqlExchangeTokens(connection)
        self.passkeys = SqlPasskeys(connection)
        self.staff_passkeys = SqlStaffPasskeys(connection)
        self.unreached = SqlUnreached(connection)
        self.uploads = SqlUploads(connection)
        self.calls = SqlCalls(connection)
        self.manifests = SqlManifests(connection)
        self.carriages = SqlCarriages(connection)
        self.print_orders = SqlPrintOrders(connection)
        self.tracked = SqlTrackedItems(connection)
        self.scans = SqlScans(connection)
        self.staff_mails = SqlStaffMails(connection)
        self.feed = SqlFeed(connection)

    def close(self) -> None:
        """All is written: what happened to deliveries is now owed to those who want to be told."""
        if self.records.to_be_told:
            self.calls.owe(self.records.to_be_told)
