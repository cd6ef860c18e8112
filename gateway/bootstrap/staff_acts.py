"""Joins what people do with deliveries."""

from gateway.application.acting import Act
from gateway.application.reroute import Reroute
from gateway.application.resolve import Resolve
from gateway.application.router import Router
from gateway.application.service_record import RecordService
from gateway.bootstrap.base import Base


def act(base: Base, router: Router, resolve: Resolve) -> Act:
    database, vault, clock = base.database, base.vault, base.clock
    return Act(
        resolve=resolve,
        reroute=Reroute(database=database, vault=vault, open_case=base.open_case, router=router, clock=clock),
        record_service=RecordService(database=database, vault=vault, clock=clock),
    )
