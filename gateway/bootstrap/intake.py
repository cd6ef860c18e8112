"""Joins what brings a package to the point where it can be sent: submit, plan, render."""

from gateway.application.feed.compose import owe_outcomes
from gateway.application.intake.admit import Admit, intake_rule
from gateway.application.intake.decision_json import read_decision
from gateway.application.intake.submit import Submit, nothing_owed
from gateway.application.papers.examine import Examine
from gateway.application.papers.keep_papers import KeepPapers
from gateway.application.papers.render import Render
from gateway.application.planning.plan import Plan
from gateway.application.planning.route import Route
from gateway.application.planning.router import Router, Sending
from gateway.application.views import Views
from gateway.bootstrap.base import Base
from gateway.bootstrap.own_keys import acceptance_signer
from templates.renderer import PaperRenderer


def submit(base: Base) -> Submit:
    return Submit(
        database=base.database,
        vault=base.vault,
        verifier=base.verifier,
        read=read_decision,
        keep=base.trust.status.keep,
        signer=acceptance_signer(base.own),
        clock=base.clock,
        due=base.dates.due,
        owe=owe_outcomes if base.settings.feed.is_on else nothing_owed,
        admit=Admit(database=base.database, rule=intake_rule(), clock=base.clock),
        traces=base.traces,
    )


def router(base: Base) -> Router:
    able = Sending(
        channels=base.channels,
        protector=base.trust.protector,
        count_pages=base.foreign.page_count,
        suspended=base.calendar.suspended_channels,
    )
    directory, today, clock = base.trust.directory, base.dates.today, base.clock
    return Router(base.rules, database=base.database, directory=directory, sending=able, today=today, clock=clock)


def plan(base: Base, router: Router) -> Plan:
    return Plan(
        database=base.database,
        open_case=base.open_case,
        directory=base.trust.directory,
        router=router,
        office_time=base.dates,
        clock=base.clock,
    )


def render(base: Base, router: Router) -> Render:
    return Render(
        database=base.database,
        open_case=base.open_case,
        directory=base.trust.directory,
        router=router,
        examine=Examine(database=base.database, reader=base.foreign, clock=base.clock),
        renderer=PaperRenderer(base.foreign),
        today=base.dates.today,
        keep=KeepPapers(
            database=base.database,
            vault=base.vault,
            hold=base.settings.gateway.hold_before_send,
            planned_for=base.parties.planned_for,
            clock=base.clock,
        ),
        clock=base.clock,
    )


def views(base: Base) -> Views:
    """What stands."""
    return Views(
        database=base.database,
        vault=base.vault,
        services=base.services,
        today=base.dates.today,
        clock=base.clock,
    )


def route(base: Base, submit: Submit, router: Router) -> Route:
    """Who would get what, and why."""
    return Route(base.database, submit=submit, open_case=base.open_case, router=router, office_time=base.dates)
