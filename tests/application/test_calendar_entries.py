"""What staff enter about days: closures that move due dates at once, carriers that stand still."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import OWED, DeliveryState
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import EventName
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.suspension import Suspension
from gateway.domain.urgency import Urgency, urgency, urgency_of
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel

MONDAY = dt.date(2026, 11, 23)
DUE = dt.date(2026, 11, 27)
"""Of what was signed on Friday, 20 November 2026, at the RPD."""


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    yield stage
    stage.close()


def planned(on: Stage, **changes: object) -> Dispatch:
    dispatch = on.accept(**changes)
    for claimed in on.steps.claim(Step.PLAN, 10):
        on.plan(claimed)
    return dispatch


def due(on: Stage, dispatch: Dispatch) -> tuple[dt.date | None, ...]:
    """The date wherever it stands: the dispatch, its deliveries, its count."""
    with on.database.read() as tx:
        counted = tx.calendar.due_of([dispatch.id])[dispatch.id].due
        return (
            tx.dispatches.get(dispatch.id).due,
            *(one.due for one in tx.deliveries.of_dispatch(dispatch.id)),
            counted,
        )


def close(on: Stage, day: dt.date, office: str | None = "toronto") -> str:
    return on.calendar.close(day, office, actor="clerk", reason="Storm").id


class TestClosures:
    def test_a_closure_moves_what_is_owed_at_once(self, on: Stage) -> None:
        on.recipients()
        dispatch = planned(on)
        assert set(due(on, dispatch)) == {DUE}
        close(on, MONDAY)
        assert set(due(on, dispatch)) == {dt.date(2026, 11, 30)}
        with on.database.read() as tx:
            (moved,) = [one for one in tx.records.events(dispatch.id) if one.name is EventName.DUE_DATE_MOVED]
        assert (moved.actor, moved.facts["from"], moved.facts["to"]) == ("clerk", "2026-11-27", "2026-11-30")

    def test_what_is_planned_afterwards_counts_with_it(self, on: Stage) -> None:
        close(on, MONDAY, None)
        assert set(due(on, planned(on))) == {dt.date(2026, 11, 30)}

    def test_the_warning_moves_with_the_date(self, on: Stage) -> None:
        dispatch = planned(on)
        close(on, MONDAY)
        with on.database.read() as tx:
            assert tx.calendar.due_of([dispatch.id])[dispatch.id].warn_on == dt.date(2026, 11, 27)

    @pytest.mark.parametrize(
        ("day", "office"),
        [
            (MONDAY, "ottawa"),
            (dt.date(2026, 11, 20), "toronto"),
            (dt.date(2026, 11, 22), "toronto"),
            (dt.date(2026, 11, 30), "toronto"),
        ],
    )
    def test_a_closure_elsewhere_or_at_another_time_moves_nothing(self, on: Stage, day: dt.date, office: str) -> None:
        dispatch = planned(on)
        close(on, day, office)
        assert set(due(on, dispatch)) == {DUE}

    def test_what_was_sent_keeps_the_date_it_was_sent_by(self, on: Stage) -> None:
        delivery = on.ready()
        on.deliver()
        close(on, MONDAY)
        assert on.delivery(delivery.id).due == DUE

    def test_a_closure_entered_by_mistake_is_withdrawn_and_the_date_is_what_it_was(self, on: Stage) -> None:
        dispatch = planned(on)
        closure = close(on, MONDAY)
        on.calendar.withdraw(closure, actor="clerk", reason="Wrong week")
        assert set(due(on, dispatch)) == {DUE}
        (kept,) = on.calendar.closures()
        assert (kept.withdrawn_by, on.calendar.reason(kept.id, kept.reason)) == ("clerk", "Storm")
        assert on.calendar.closed_days("toronto") == frozenset()

    def test_two_closures_count_together(self, on: Stage) -> None:
        dispatch = planned(on)
        close(on, MONDAY)
        close(on, dt.date(2026, 11, 30), None)
        assert set(due(on, dispatch)) == {dt.date(2026, 12, 1)}

    def test_no_closure_goes_without_a_reason_a_known_office_or_a_known_closure(self, on: Stage) -> None:
        with pytest.raises(InputRefused) as unexplained:
            on.calendar.close(MONDAY, "toronto", actor="clerk", reason=" ")
        with pytest.raises(InputRefused) as elsewhere:
            close(on, MONDAY, "atlantis")
        with pytest.raises(NoSuchThing) as unknown:
            on.calendar.withdraw("nothing", actor="clerk", reason="Mistake")
        codes = [caught.value.code for caught in (unexplained, elsewhere, unknown)]
        assert codes == [Code.REQUEST_INVALID, Code.DECISION_UNKNOWN_OFFICE, Code.CLOSURE_UNKNOWN]
        assert on.calendar.closures() == []

    def test_the_reason_is_sealed(self, on: Stage) -> None:
        close(on, MONDAY)
        (closure,) = on.calendar.closures()
        assert b"Storm" not in closure.reason


class TestSuspensions:
    def test_a_strike_has_its_days_at_the_office(self, on: Stage) -> None:
        late = dt.datetime.fromisoformat("2026-09-26T04:30:00+00:00")
        on.calendar.suspend("regular-mail", late, actor="clerk", reason="Strike")
        assert on.calendar.suspensions("toronto") == (Suspension(channel="regular-mail", since=dt.date(2026, 9, 26)),)
        assert on.calendar.suspensions("vancouver")[0].since == dt.date(2026, 9, 25)
        on.calendar.restore("regular-mail", actor="clerk", reason="It ended")
        (ended,) = on.calendar.suspensions("toronto")
        assert ended.until == on.clock.now().date()

    def test_a_carrier_is_suspended_once_and_restored_once(self, on: Stage) -> None:
        on.calendar.suspend("regular-mail", None, actor="clerk", reason="Strike")
        with pytest.raises(Conflict) as again:
            on.calendar.suspend("regular-mail", None, actor="clerk", reason="Strike")
        on.calendar.restore("regular-mail", actor="clerk", reason="It ended")
        with pytest.raises(Conflict) as not_suspended:
            on.calendar.restore("regular-mail", actor="clerk", reason="It ended")
        assert [again.value.code, not_suspended.value.code] == [Code.CHANNEL_SUSPENDED, Code.CHANNEL_NOT_SUSPENDED]
        on.calendar.suspend("regular-mail", None, actor="clerk", reason="Another")
        assert len(on.calendar.carrier_suspensions()) == 2

    def test_nobody_knows_of_a_strike_before_it_begins(self, on: Stage) -> None:
        with pytest.raises(InputRefused):
            on.calendar.suspend(
                "regular-mail", on.clock.now() + dt.timedelta(hours=1), actor="clerk", reason="Announced"
            )


class TestUrgency:
    @pytest.mark.parametrize(
        ("today", "warn_on", "stands"),
        [
            (25, 26, Urgency.ON_TIME),
            (26, 26, Urgency.AT_RISK),
            (27, 26, Urgency.AT_RISK),
            (28, 26, Urgency.LATE),
            (26, None, Urgency.ON_TIME),
            (27, None, Urgency.AT_RISK),
            (28, None, Urgency.LATE),
        ],
    )
    def test_it_presses_from_the_warning_on_and_is_late_the_day_after(
        self, today: int, warn_on: int | None, stands: Urgency
    ) -> None:
        november = dt.date(2026, 11, 1).replace
        assert urgency(DUE, november(day=warn_on) if warn_on else None, november(day=today)) is stands

    @pytest.mark.parametrize("state", DeliveryState)
    def test_only_what_is_owed_can_be_late(self, state: DeliveryState) -> None:
        stands = urgency_of(state, DUE, None, dt.date(2026, 12, 24))
        assert stands is (Urgency.LATE if state in OWED else None)

    def test_the_views_and_the_figures_say_it(self, on: Stage) -> None:
        on.recipients()
        dispatch = planned(on)
        on.clock.move(dt.datetime(2026, 11, 26, 15, tzinfo=dt.UTC) - on.clock.now())
        view = on.views.dispatch(dispatch.id)
        assert (view["due"], view["warn_on"], view["due_rule"]) == ("2026-11-27", "2026-11-26", "rpd")
        assert [
            view["urgency"],
            *(one["urgency"] for one in on.views.deliveries(state=None, channel=None, limit=9)),
        ] == [
            "at-risk",
            "at-risk",
        ]
        assert on.views.owed() == {Urgency.ON_TIME: 0, Urgency.AT_RISK: 1, Urgency.LATE: 0}
        on.clock.move(dt.timedelta(days=2))
        assert on.views.owed()[Urgency.LATE] == 1
        assert on.views.dispatches(1)[0]["urgency"] == "late"

    def test_what_was_sent_is_not_owed(self, on: Stage) -> None:
        delivery = on.ready()
        on.deliver()
        on.clock.move(dt.timedelta(days=30))
        assert sum(on.views.owed().values()) == 0
        assert on.views.dispatch(delivery.dispatch)["urgency"] is None
