"""The contract suites on what this house ships: SQLite, PostgreSQL and files."""

from pathlib import Path

import pytest

from gateway.store.objects import FileObjects
from tests.contracts.accounts import AccountsContract
from tests.contracts.addresses import AddressesContract
from tests.contracts.agenda import AgendaContract
from tests.contracts.attempts import AttemptsContract
from tests.contracts.breaches import BreachesContract
from tests.contracts.calendar import CalendarContract
from tests.contracts.calls import CallsContract
from tests.contracts.carriages import CarriagesContract
from tests.contracts.consents import ConsentContract
from tests.contracts.console import ConsoleContract
from tests.contracts.counts import KeptCountsContract
from tests.contracts.database import DatabaseContract
from tests.contracts.delegates import DelegateContract
from tests.contracts.deliveries import DeliveriesContract
from tests.contracts.desk import DesksContract
from tests.contracts.destinations import DestinationsContract
from tests.contracts.dispatches import DispatchesContract
from tests.contracts.drafts import DraftsContract
from tests.contracts.exchange import ExchangeContract
from tests.contracts.exchange_tokens import ExchangeTokenContract
from tests.contracts.feed import FeedContract
from tests.contracts.figures import FiguresContract
from tests.contracts.former_papers import FormerPapersContract
from tests.contracts.incoming import AwaitedReceiptsContract, IncomingContract, ReturnCodesContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.mailboxes import MailboxesContract
from tests.contracts.manifests import ManifestsContract
from tests.contracts.objects import ObjectStoreContract
from tests.contracts.opened_ways import OpenedWaysContract
from tests.contracts.parties import PartiesContract
from tests.contracts.passkeys import PasskeyContract
from tests.contracts.print_orders import PrintOrdersContract
from tests.contracts.proof import ProofContract
from tests.contracts.records import RecordsContract
from tests.contracts.registry import RegistryContract
from tests.contracts.revocation import RevocationContract
from tests.contracts.scans import ScansContract
from tests.contracts.staff_mails import StaffMailsContract
from tests.contracts.unreached import UnreachedContract
from tests.contracts.uploads import UploadsContract
from tests.contracts.work_list import WorkListContract
from tests.store.on_postgresql import OnPostgresql
from tests.store.on_sqlite import OnSqlite


class TestDatabaseOnSqlite(OnSqlite, DatabaseContract):
    """`Database` on SQLite."""


class TestDispatchesOnSqlite(OnSqlite, DispatchesContract):
    """`Dispatches` on SQLite."""


class TestDeliveriesOnSqlite(OnSqlite, DeliveriesContract):
    """`Deliveries` on SQLite."""


class TestAgendaOnSqlite(OnSqlite, AgendaContract):
    """`Deliveries.next_action_at` on SQLite."""


class TestAttemptsOnSqlite(OnSqlite, AttemptsContract):
    """Attempts on SQLite."""


class TestRecordsOnSqlite(OnSqlite, RecordsContract):
    """`Records` on SQLite."""


class TestScansOnSqlite(OnSqlite, ScansContract):
    """`Scans` on SQLite."""


class TestIncomingOnSqlite(OnSqlite, IncomingContract):
    """`IncomingStore` on SQLite."""


class TestAwaitedReceiptsOnSqlite(OnSqlite, AwaitedReceiptsContract):
    """`AwaitedReceipts` on SQLite."""


class TestReturnCodesOnSqlite(OnSqlite, ReturnCodesContract):
    """`ReturnCodes` on SQLite."""


class TestMailboxesOnSqlite(OnSqlite, MailboxesContract):
    """`Mailboxes` on SQLite."""


class TestRegistryOnSqlite(OnSqlite, RegistryContract):
    """`Registry` on SQLite."""


@pytest.mark.real
class TestDatabaseOnPostgresql(OnPostgresql, DatabaseContract):
    """`Database` on PostgreSQL."""


@pytest.mark.real
class TestDispatchesOnPostgresql(OnPostgresql, DispatchesContract):
    """`Dispatches` on PostgreSQL."""


@pytest.mark.real
class TestDeliveriesOnPostgresql(OnPostgresql, DeliveriesContract):
    """`Deliveries` on PostgreSQL."""


@pytest.mark.real
class TestAgendaOnPostgresql(OnPostgresql, AgendaContract):
    """`Deliveries.next_action_at` on PostgreSQL."""


@pytest.mark.real
class TestAttemptsOnPostgresql(OnPostgresql, AttemptsContract):
    """Attempts on PostgreSQL."""


@pytest.mark.real
class TestRecordsOnPostgresql(OnPostgresql, RecordsContract):
    """`Records` on PostgreSQL."""


@pytest.mark.real
class TestScansOnPostgresql(OnPostgresql, ScansContract):
    """`Scans` on PostgreSQL."""


class TestIncomingOnPostgresql(OnPostgresql, IncomingContract):
    """`IncomingStore` on PostgreSQL."""


@pytest.mark.real
class TestAwaitedReceiptsOnPostgresql(OnPostgresql, AwaitedReceiptsContract):
    """`AwaitedReceipts` on PostgreSQL."""


class TestReturnCodesOnPostgresql(OnPostgresql, ReturnCodesContract):
    """`ReturnCodes` on PostgreSQL."""


@pytest.mark.real
class TestMailboxesOnPostgresql(OnPostgresql, MailboxesContract):
    """`Mailboxes` on PostgreSQL."""


@pytest.mark.real
class TestRegistryOnPostgresql(OnPostgresql, RegistryContract):
    """`Registry` on PostgreSQL."""


@pytest.mark.real
class TestCalendarOnPostgresql(OnPostgresql, CalendarContract):
    """`Calendar` on PostgreSQL."""


class TestCalendarOnSqlite(OnSqlite, CalendarContract):
    """`Calendar` on SQLite."""


class TestDestinationsOnSqlite(OnSqlite, DestinationsContract):
    """`Destinations` on SQLite."""


@pytest.mark.real
class TestDestinationsOnPostgresql(OnPostgresql, DestinationsContract):
    """`Destinations` on PostgreSQL."""


class TestAccountsOnSqlite(OnSqlite, AccountsContract):
    """Accounts, proposals and pins on SQLite."""


@pytest.mark.real
class TestAccountsOnPostgresql(OnPostgresql, AccountsContract):
    """Accounts, proposals and pins on PostgreSQL."""


class TestRevocationOnSqlite(OnSqlite, RevocationContract):
    """Revocation, the watch and anchors for recipients on SQLite."""


@pytest.mark.real
class TestRevocationOnPostgresql(OnPostgresql, RevocationContract):
    """Revocation, the watch and anchors for recipients on PostgreSQL."""


class TestOpenedWaysOnSqlite(OnSqlite, OpenedWaysContract):
    """Opened ways on SQLite."""


@pytest.mark.real
class TestOpenedWaysOnPostgresql(OnPostgresql, OpenedWaysContract):
    """Opened ways on PostgreSQL."""


class TestStaffMailsOnSqlite(OnSqlite, StaffMailsContract):
    """Mails to staff on SQLite."""


@pytest.mark.real
class TestStaffMailsOnPostgresql(OnPostgresql, StaffMailsContract):
    """Mails to staff on PostgreSQL."""


@pytest.mark.real
class TestAddressesOnPostgresql(OnPostgresql, AddressesContract):
    """The addresses on PostgreSQL."""


class TestAddressesOnSqlite(OnSqlite, AddressesContract):
    """The addresses on SQLite."""


@pytest.mark.real
class TestFormerPapersOnPostgresql(OnPostgresql, FormerPapersContract):
    """Former papers on PostgreSQL."""


class TestFormerPapersOnSqlite(OnSqlite, FormerPapersContract):
    """Former papers on SQLite."""


@pytest.mark.real
class TestFeedOnPostgresql(OnPostgresql, FeedContract):
    """`Feed` on PostgreSQL."""


class TestFeedOnSqlite(OnSqlite, FeedContract):
    """`Feed` on SQLite."""


@pytest.mark.real
class TestPartiesOnPostgresql(OnPostgresql, PartiesContract):
    """`Parties` on PostgreSQL."""


class TestPartiesOnSqlite(OnSqlite, PartiesContract):
    """`Parties` on SQLite."""


class TestLedgerOnSqlite(OnSqlite, LedgerContract):
    """The ledger on SQLite."""


@pytest.mark.real
class TestLedgerOnPostgresql(OnPostgresql, LedgerContract):
    """The ledger on PostgreSQL."""


class TestProofOnSqlite(OnSqlite, ProofContract):
    """The papers of proof on SQLite."""


@pytest.mark.real
class TestProofOnPostgresql(OnPostgresql, ProofContract):
    """The papers of proof on PostgreSQL."""


class TestDelegatesOnSqlite(OnSqlite, DelegateContract):
    """Delegates on SQLite."""


@pytest.mark.real
class TestDelegatesOnPostgresql(OnPostgresql, DelegateContract):
    """Delegates on PostgreSQL."""


class TestConsentsOnSqlite(OnSqlite, ConsentContract):
    """Consents on SQLite."""


@pytest.mark.real
class TestConsentsOnPostgresql(OnPostgresql, ConsentContract):
    """Consents on PostgreSQL."""


class TestExchangeTokensOnSqlite(OnSqlite, ExchangeTokenContract):
    """Tokens of exchange accounts on SQLite."""


@pytest.mark.real
class TestExchangeTokensOnPostgresql(OnPostgresql, ExchangeTokenContract):
    """Tokens of exchange accounts on PostgreSQL."""


class TestPasskeysOnSqlite(OnSqlite, PasskeyContract):
    """Passkeys on SQLite."""


@pytest.mark.real
class TestPasskeysOnPostgresql(OnPostgresql, PasskeyContract):
    """Passkeys on PostgreSQL."""


class TestWorkListsOnSqlite(OnSqlite, WorkListContract):
    """`WorkLists` on SQLite."""


@pytest.mark.real
class TestWorkListsOnPostgresql(OnPostgresql, WorkListContract):
    """`WorkLists` on PostgreSQL."""


class TestDesksOnSqlite(OnSqlite, DesksContract):
    """`Desks` on SQLite."""


@pytest.mark.real
class TestDesksOnPostgresql(OnPostgresql, DesksContract):
    """`Desks` on PostgreSQL."""


class TestConsoleOnSqlite(OnSqlite, ConsoleContract):
    """`ConsoleStore` on SQLite."""


class TestFiguresOnSqlite(OnSqlite, FiguresContract):
    """`SentFigures` on SQLite."""


class TestKeptCountsOnSqlite(OnSqlite, KeptCountsContract):
    """`KeptCounts` on SQLite."""


class TestDraftsOnSqlite(OnSqlite, DraftsContract):
    """`Drafts` on SQLite."""


class TestBreachesOnSqlite(OnSqlite, BreachesContract):
    """`Breaches` on SQLite."""


@pytest.mark.real
class TestConsoleOnPostgresql(OnPostgresql, ConsoleContract):
    """`ConsoleStore` on PostgreSQL."""


class TestFiguresOnPostgresql(OnPostgresql, FiguresContract):
    """`SentFigures` on PostgreSQL."""


class TestKeptCountsOnPostgresql(OnPostgresql, KeptCountsContract):
    """`KeptCounts` on PostgreSQL."""


class TestDraftsOnPostgresql(OnPostgresql, DraftsContract):
    """`Drafts` on PostgreSQL."""


class TestBreachesOnPostgresql(OnPostgresql, BreachesContract):
    """`Breaches` on PostgreSQL."""


class TestExchangeOnSqlite(OnSqlite, ExchangeContract):
    """`ExchangeStore` on SQLite."""


@pytest.mark.real
class TestExchangeOnPostgresql(OnPostgresql, ExchangeContract):
    """`ExchangeStore` on PostgreSQL."""


class TestCallsOnSqlite(OnSqlite, CallsContract):
    """`Calls` on SQLite."""


@pytest.mark.real
class TestCallsOnPostgresql(OnPostgresql, CallsContract):
    """`Calls` on PostgreSQL."""


class TestFileObjects(ObjectStoreContract):
    """`ObjectStore` in a folder."""

    @pytest.fixture
    def objects(self, tmp_path: Path) -> FileObjects:
        """Empty, in a folder that does not exist yet."""
        return FileObjects(tmp_path / "objects")


class TestCarriagesOnSqlite(OnSqlite, CarriagesContract):
    """Carriages and tracked items on SQLite."""


@pytest.mark.real
class TestCarriagesOnPostgresql(OnPostgresql, CarriagesContract):
    """Carriages and tracked items on PostgreSQL."""


class TestPrintOrdersOnSqlite(OnSqlite, PrintOrdersContract):
    """Print orders on SQLite."""


@pytest.mark.real
class TestPrintOrdersOnPostgresql(OnPostgresql, PrintOrdersContract):
    """Print orders on PostgreSQL."""


class TestManifestsOnSqlite(OnSqlite, ManifestsContract):
    """Manifests on SQLite."""


@pytest.mark.real
class TestManifestsOnPostgresql(OnPostgresql, ManifestsContract):
    """Manifests on PostgreSQL."""


class TestUnreachedOnSqlite(OnSqlite, UnreachedContract):
    """What lies with somebody who shall not have it, on SQLite."""


@pytest.mark.real
class TestUnreachedOnPostgresql(OnPostgresql, UnreachedContract):
    """What lies with somebody who shall not have it, on PostgreSQL."""


class TestUploadsOnSqlite(OnSqlite, UploadsContract):
    """Uploads on SQLite."""


@pytest.mark.real
class TestUploadsOnPostgresql(OnPostgresql, UploadsContract):
    """Uploads on PostgreSQL."""
