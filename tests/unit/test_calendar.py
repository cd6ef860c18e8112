import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.calendar import DayKind, count_working_days, is_working_day, working_day_from

FRIDAY = dt.date(2026, 11, 20)
HOLIDAY = dt.date(2026, 11, 23)


def holiday(day: dt.date) -> bool:
    return day == HOLIDAY


def never(day: dt.date) -> bool:
    return False


@pytest.mark.parametrize(
    ("day", "works"), [("2026-11-20", True), ("2026-11-21", False), ("2026-11-22", False), ("2026-11-23", False)]
)
def test_weekends_and_closures_are_no_working_days(day: str, works: bool) -> None:
    assert is_working_day(dt.date.fromisoformat(day), holiday) is works


def test_a_count_shows_each_day_and_why_it_counts() -> None:
    steps = count_working_days(FRIDAY, 2, holiday)
    assert [(step.date.day, step.why, step.counts) for step in steps] == [
        (20, DayKind.START, False),
        (21, DayKind.WEEKEND, False),
        (22, DayKind.WEEKEND, False),
        (23, DayKind.CLOSED, False),
        (24, DayKind.WORKING, True),
        (25, DayKind.WORKING, True),
    ]


def test_a_closure_on_a_weekend_is_a_weekend() -> None:
    assert count_working_days(FRIDAY, 1, lambda _: False)[1].why is DayKind.WEEKEND


@pytest.mark.parametrize(("days", "date"), [(0, "2026-11-20"), (1, "2026-11-23"), (5, "2026-11-27"), (6, "2026-11-30")])
def test_working_days_are_counted_after_the_day_of_the_event(days: int, date: str) -> None:
    assert count_working_days(FRIDAY, days, never)[-1].date == dt.date.fromisoformat(date)


def test_no_days_after_a_weekend_is_that_very_day() -> None:
    saturday = dt.date(2026, 11, 21)
    assert [step.date for step in count_working_days(saturday, 0, never)] == [saturday]


def test_the_next_working_day_may_be_the_day_itself() -> None:
    assert working_day_from(FRIDAY, holiday) == FRIDAY
    assert working_day_from(FRIDAY + dt.timedelta(days=1), holiday) == dt.date(2026, 11, 24)


def test_an_office_that_never_opens_is_a_mistake_and_no_endless_loop() -> None:
    with pytest.raises(ValueError, match="never opens"):
        working_day_from(FRIDAY, lambda _: True)
    with pytest.raises(ValueError, match="never opens"):
        count_working_days(FRIDAY, 1, lambda _: True)


DAYS = st.dates(min_value=dt.date(2015, 1, 1), max_value=dt.date(2045, 12, 31))
CLOSURES = st.sets(st.integers(0, 60), max_size=20)


def closed_on(start: dt.date, offsets: set[int]) -> frozenset[dt.date]:
    return frozenset(start + dt.timedelta(days=ahead) for ahead in offsets)


@given(start=DAYS, days=st.integers(0, 20), offsets=CLOSURES)
def test_a_count_holds_each_day_once_and_as_many_working_days_as_asked(
    start: dt.date, days: int, offsets: set[int]
) -> None:
    closed = closed_on(start, offsets)
    steps = count_working_days(start, days, closed.__contains__)
    assert [step.date for step in steps] == [start + dt.timedelta(days=ahead) for ahead in range(len(steps))]
    assert sum(step.counts for step in steps) == days
    assert steps[-1].counts or days == 0
    assert all(is_working_day(step.date, closed.__contains__) for step in steps if step.counts)
    assert all(not is_working_day(step.date, closed.__contains__) for step in steps[1:] if not step.counts)


@given(start=DAYS, days=st.integers(0, 20), offsets=CLOSURES, also=st.integers(0, 60))
def test_one_closure_more_never_makes_a_date_earlier(start: dt.date, days: int, offsets: set[int], also: int) -> None:
    before = count_working_days(start, days, closed_on(start, offsets).__contains__)[-1].date
    after = count_working_days(start, days, closed_on(start, offsets | {also}).__contains__)[-1].date
    assert before <= after


@given(day=DAYS, offsets=CLOSURES)
def test_the_next_working_day_is_the_first_there_is(day: dt.date, offsets: set[int]) -> None:
    closed = closed_on(day, offsets).__contains__
    found = working_day_from(day, closed)
    assert is_working_day(found, closed)
    assert not any(is_working_day(day + dt.timedelta(days=ahead), closed) for ahead in range((found - day).days))
