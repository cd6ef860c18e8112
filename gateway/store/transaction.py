"""One transaction: the stores over its connection."""

from collections.abc import Callable
from typing import Generic, TypeVar

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

_S = TypeVar("_S")


class _Store(Generic[_S]):
    """One store of a transaction, made when it is first asked for: most transactions ask for two or three of forty,
    and a delivery takes some thirty transactions."""

    def __init__(self, make: Callable[[sa.Connection], _S]) -> None:
        self._make = make

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, transaction: "SqlTransaction", _owner: type) -> _S:
        made = self._make(transaction.connection)
        vars(transaction)[self._name] = made  # found there from now on, before this
        return made


class SqlTransaction:
    """`gateway.ports.database.Transaction` over a connection whose transaction somebody else begins and ends."""

    destinations = _Store(SqlDestinations)
    breaches = _Store(SqlBreaches)
    drafts = _Store(SqlDrafts)
    figures = _Store(SqlFigures)
    kept_counts = _Store(SqlKeptCounts)
    calendar = _Store(SqlCalendar)
    accounts = _Store(SqlAccounts)
    proposals = _Store(SqlProposals)
    pins = _Store(SqlPins)
    status = _Store(SqlStatusRecords)
    watch = _Store(SqlWatch)
    parties = _Store(SqlParties)
    opened_ways = _Store(SqlOpenedWays)
    addresses = _Store(SqlAddresses)
    former_papers = _Store(SqlFormerPapers)
    incoming = _Store(SqlIncoming)
    mailboxes = _Store(SqlMailboxes)
    awaited = _Store(SqlAwaitedReceipts)
    return_codes = _Store(SqlReturnCodes)
    ledger = _Store(SqlLedger)
    proof = _Store(SqlProofPapers)
    work_lists = _Store(SqlWorkLists)
    console = _Store(SqlConsole)
    sign_in_tries = _Store(SqlSignInTries)
    desks = _Store(SqlDesks)
    exchange = _Store(SqlExchange)
    delegates = _Store(SqlDelegates)
    consents = _Store(SqlConsents)
    exchange_tokens = _Store(SqlExchangeTokens)
    passkeys = _Store(SqlPasskeys)
    staff_passkeys = _Store(SqlStaffPasskeys)
    unreached = _Store(SqlUnreached)
    uploads = _Store(SqlUploads)
    calls = _Store(SqlCalls)
    manifests = _Store(SqlManifests)
    carriages = _Store(SqlCarriages)
    print_orders = _Store(SqlPrintOrders)
    tracked = _Store(SqlTrackedItems)
    scans = _Store(SqlScans)
    staff_mails = _Store(SqlStaffMails)
    feed = _Store(SqlFeed)

    def __init__(self, connection: sa.Connection, keys: WrappedKeys | None = None, *, writes: bool = True) -> None:
        """keys: those read a moment ago. writes: whether it may write; then it believes only what it reads itself."""
        held = HeldRows()
        self.connection = connection
        self.dispatches = SqlDispatches(connection, held)
        self.deliveries = SqlDeliveries(connection, held)
        self.records = SqlRecords(connection, held)
        self.registry = SqlRegistry(connection, keys or WrappedKeys(), writes=writes)

    def close(self) -> None:
        """All is written: what happened to deliveries is now owed to those who want to be told."""
        if self.records.to_be_told:
            self.calls.owe(self.records.to_be_told)
