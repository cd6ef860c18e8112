"""Joins what tells others: systems of what changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.application.endpoints import Endpoints
from gateway.application.make_calls import MakeCalls
from gateway.application.notices import StaffNotices
from gateway.application.rules import call_policy
from gateway.application.views import Views
from gateway.bootstrap.base import Base
from gateway.domain.calls import CallFault
from gateway.ports.calls import Caller, Request


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What tells others."""

    endpoints: Endpoints
    calls: MakeCalls
    notices: StaffNotices


def telling(base: Base, views: Views) -> Telling:
    database, vault, clock, policy = base.database, base.vault, base.clock, call_policy()
    lease = base.settings.work.lease + base.settings.endpoints.time_limit
    return Telling(
        notices=StaffNotices(database=database, owed=views.owed, clock=clock),
        endpoints=Endpoints(database=database, vault=vault, policy=policy, clock=clock),
        calls=MakeCalls(database=database, vault=vault, caller=_caller(base), policy=policy, lease=lease, clock=clock),
    )


def _caller(base: Base) -> Caller:
    settings = base.settings.endpoints

    def call(requests: Sequence[Request]) -> Sequence[CallFault | None]:
        from channels.http.caller import HttpCaller  # with its HTTP client, which only those need who call

        return HttpCaller(time_limit=settings.time_limit, private=settings.private_networks)(requests)

    return call
