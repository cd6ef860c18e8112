"""Joins what prepares and signs packages in the console."""

from dataclasses import dataclass

from gateway.application.intake.submit import Submit
from gateway.application.new_dispatch.drafts import Drafts
from gateway.application.new_dispatch.sign import SignDraft
from gateway.application.planning.router import Router
from gateway.bootstrap import intake
from gateway.bootstrap.base import Base
from keys.dispatch_seal import AsicSealer


@dataclass(frozen=True, kw_only=True)
class NewDispatch:
    """What an officer without a case system works with."""

    drafts: Drafts
    sign: SignDraft


def new_dispatch(base: Base, submit: Submit, router: Router) -> NewDispatch:
    """Under the home's own seal."""
    drafts = Drafts(
        database=base.database,
        vault=base.vault,
        parties=base.parties,
        open_case=base.open_case,
        count_pages=base.foreign.page_count,
        today=base.dates.today,
        clock=base.clock,
    )
    sign = SignDraft(
        database=base.database,
        drafts=drafts,
        submit=submit,
        router=router,
        office_time=base.dates,
        preview=intake.render(base, router).preview,
        reader=base.foreign,
        sealer=AsicSealer(base.own.current),
        clock=base.clock,
    )
    return NewDispatch(drafts=drafts, sign=sign)
