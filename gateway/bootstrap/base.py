"""What the use cases are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gateway.application.casework import OpenCase
from gateway.application.dates.calendar import OfficeCalendar
from gateway.application.dates.services import Services
from gateway.application.exchange.consents import SaidByRecipients
from gateway.application.files.file_parties import FileParties
from gateway.application.intake.decision_json import read_decision
from gateway.application.large import LargeGate
from gateway.application.planning.plan import OfficeTime
from gateway.application.planning.turn_times import TurnTimes
from gateway.application.rules import breaker_policy
from gateway.application.sealed import Vault
from gateway.application.sending.destinations import Destinations
from gateway.bootstrap.trust import TrustParts
from gateway.domain.rules.book import RuleBook
from gateway.ports.channels import Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.packages import PackageVerifier
from gateway.ports.traces import Traces
from gateway.settings import Settings
from keys.live import LiveOwnKeys
from keys.openpgp_room import OpenPgpRoom
from templates.foreign_papers import ForeignPapers


@dataclass(frozen=True, kw_only=True)
class Base:
    """What the use cases are made of."""

    home: Path
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
    traces: Traces

    @property
    def destinations(self) -> Destinations:
        """What the channels speak to."""
        return Destinations(channels=self.channels, policy=breaker_policy(probe=self.settings.work.lease))

    @property
    def turn_times(self) -> TurnTimes:
        """How a channel's turn at a delivery stands."""
        return TurnTimes(database=self.database, closed_days=self.calendar.closed_days)

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
            said=SaidByRecipients(database=self.database, directory=self.trust.directory),
            clock=self.clock,
        )
