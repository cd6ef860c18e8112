"""Joins what people do with deliveries."""

from collections.abc import Mapping

from gateway.application.acts.acting import Act
from gateway.application.acts.given_addresses import AddressChanges
from gateway.application.acts.override import OverrideChanges, ProposeOverride
from gateway.application.acts.readdress import Readdress
from gateway.application.acts.reroute import Reroute
from gateway.application.acts.resolve import Resolve
from gateway.application.acts.service_record import RecordService
from gateway.application.acts.told_receipt import RecordReceipt
from gateway.application.exchange.accounts import ExchangeAccountChanges
from gateway.application.people.approvals import Applies
from gateway.application.people.own_offices import OwnOffices
from gateway.application.planning.router import Router
from gateway.application.sealed import Vault
from gateway.bootstrap.base import Base
from gateway.bootstrap.clerks_work import confirm_upload
from gateway.domain.proposals import ChangeKind
from gateway.domain.rules.book import RuleBook
from gateway.ports.clock import Clock


def changes(rules: RuleBook, vault: Vault, clock: Clock) -> Mapping[ChangeKind, Applies]:
    """What two people change together, beside what is trusted."""
    return {
        ChangeKind.EXCHANGE_ACCOUNT: ExchangeAccountChanges(vault),
        ChangeKind.OVERRIDE: OverrideChanges(rules=rules, vault=vault),
        ChangeKind.DELIVERY_ADDRESS: AddressChanges(vault=vault, clock=clock),
    }


def act(base: Base, router: Router) -> Act:
    database, vault, clock = base.database, base.vault, base.clock
    reroute = Reroute(database=database, vault=vault, open_case=base.open_case, router=router, clock=clock)
    return Act(
        resolve=Resolve(database=database, vault=vault, clock=clock),
        reroute=reroute,
        override=ProposeOverride(reroute=reroute, approvals=base.trust.approvals, rules=base.rules),
        readdress=Readdress(
            database=database,
            vault=vault,
            open_case=base.open_case,
            directory=base.trust.directory,
            approvals=base.trust.approvals,
            changes=AddressChanges(vault=vault, clock=clock),
            planned_for=base.parties.planned_for,
            suspended=base.calendar.suspended_channels,
            clock=clock,
        ),
        record_service=RecordService(database=database, vault=vault, scanner=base.foreign, clock=clock),
        record_receipt=RecordReceipt(database=database, vault=vault, clock=clock),
        own_offices=OwnOffices(database),
        confirm_upload=confirm_upload(base),
    )
