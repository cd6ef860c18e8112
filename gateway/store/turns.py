"""In what order packages are planned and rendered: by due date; within a day in turns of those who submitted them; and
what is to be tried again behind what was never tried.

What was put off stands in the same order by the time that it waits for, as a turn beyond all others. So neither a claim
nor a new package's turn walks through what waits for later, however much of it; it holds nobody's turns back, and has
none saved up when its time has come.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from gateway.domain.dispatch import Dispatch, Step
from gateway.store.columns import EPOCH, UtcTime
from gateway.store.conditions import waiting
from gateway.store.locking import locked_or_passed_over
from gateway.store.rows import columns_of
from gateway.store.tables.work import dispatches

_BEHIND = 2**60
"""Beyond every turn: what was put off has this and, in microseconds, the moment that it waits for."""
_NOW = sa.bindparam("b_now", type_=UtcTime)
_EVER = sa.literal(EPOCH, UtcTime)
_LATEST = sa.bindparam("b_latest", type_=sa.BigInteger)
_STEP = sa.bindparam("b_step", type_=dispatches.c.step.type)


def behind(until: dt.datetime | None) -> int:
    """The turn of what was put off until then, and the last one that can be claimed at that moment."""
    return _BEHIND + (0 if until is None else UtcTime().written(until))


def _first_turn(step: sa.ColumnElement[Any], day: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
    on_day = (dispatches.c.step == step, dispatches.c.due == day)
    return sa.select(sa.func.min(dispatches.c.turn)).where(*on_day).scalar_subquery()


def _days(step: sa.ColumnElement[Any], name: str, *, until_untried: bool) -> sa.CTE:
    """From one due date to the next through the claims' index, as many looks as there are days."""
    earliest = sa.select(sa.func.min(dispatches.c.due).label("due"))
    days = earliest.where(dispatches.c.step == step).cte(name, recursive=True)
    after = earliest.where(dispatches.c.step == step, dispatches.c.due > days.c.due).scalar_subquery()
    goes_on = _first_turn(step, days.c.due) >= _BEHIND if until_untried else sa.true()
    return days.union_all(sa.select(after).where(days.c.due.is_not(None), goes_on))


def _claimable_days() -> sa.Select[Any]:
    days = _days(_STEP, "days", until_untried=False)
    return sa.select(days.c.due, _first_turn(_STEP, days.c.due).label("turn")).where(days.c.due.is_not(None))


DAYS = _claimable_days()
"""Each due date of what waits at the step, with the lowest turn of that day; in no order. Parameters: b_step."""


def _due(wanted: str) -> sa.Select[Any]:
    due = dispatches.alias("due_now")
    return (
        sa.select(due.c[wanted])
        .where(
            due.c.step == _STEP,
            due.c.due == sa.bindparam("b_day", type_=due.c.due.type),
            due.c.turn <= _LATEST,
            # What an older part put off has no turn of its own. Said so that no index is asked for it: PostgreSQL would
            # gather and sort a whole day's rows where its statistics expect few.
            sa.func.coalesce(due.c.next_action_at, _EVER) <= _NOW,
            sa.func.coalesce(due.c.lease_until, _EVER) <= _NOW,
        )
        .order_by(due.c.turn, due.c.next_action_at.nulls_first())
        .limit(sa.bindparam("b_limit", type_=sa.Integer))
    )


def _claim() -> ReturningUpdate[Any]:
    chosen = locked_or_passed_over(_due("ordinal")).cte("chosen")
    return (
        sa.update(dispatches)
        .where(dispatches.c.ordinal.in_(sa.select(chosen.c.ordinal)))
        .values(
            fence=dispatches.c.fence + 1,
            attempts=dispatches.c.attempts + 1,
            lease_until=sa.bindparam("b_until", type_=UtcTime),
        )
        .returning(*columns_of(dispatches, Dispatch), dispatches.c.turn)
    )


CLAIM, DUE_IDS = _claim(), _due("id")
"""What can be claimed of one day. Parameters: b_step, b_day, b_latest (`behind` of b_now), b_now, b_limit; b_until."""


def _next_turn() -> sa.ColumnElement[int]:
    def served(step: Step) -> sa.ScalarSelect[int]:
        at = sa.literal(step, dispatches.c.step.type)
        days = _days(at, f"{step.value}_days", until_untried=True)
        day = sa.select(sa.func.max(days.c.due)).scalar_subquery()
        first = sa.select(sa.func.min(dispatches.c.turn)).where(
            dispatches.c.step == at, dispatches.c.due == day, dispatches.c.turn < _BEHIND
        )
        return first.scalar_subquery()

    last = (
        sa.select(sa.func.max(dispatches.c.turn))
        .where(
            waiting(dispatches.c.step),
            dispatches.c.submitted_by == sa.bindparam("submitted_by"),
            dispatches.c.turn < _BEHIND,
        )
        .scalar_subquery()
    )
    now = sa.func.coalesce(served(Step.RENDER), served(Step.PLAN), 0)
    return sa.case((last >= now, last + 1), else_=now)


NEXT_TURN = _next_turn()
"""The round after the submitter's last that waits, and none that is over already: who has little waiting is served
among the first of those who have much (start-time fair queueing, Goyal, Vin, Cheng 1996). As many looks through an
index as there are days, however much waits. Parameters: submitted_by."""

KEPT_TURN = sa.case(
    (
        sa.or_(
            dispatches.c.turn >= _BEHIND,
            sa.and_(
                dispatches.c.step == sa.bindparam("step", type_=dispatches.c.step.type),
                dispatches.c.lease_until.is_not(None),
                sa.bindparam("lease_until", type_=UtcTime).is_(None),
            ),
        ),
        sa.bindparam("b_behind", type_=sa.BigInteger),
    ),
    else_=dispatches.c.turn,
)
"""The turn of a package that is saved: behind the others once it was given back with its step undone. Parameters: step,
lease_until, b_behind (`behind` of its next action)."""
