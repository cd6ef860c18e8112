"""GCRA: never more than a burst beyond the pace, in any stretch of time; and never less than the pace allows."""

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.rate import Rate, after_granting, grantable

NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
RATES = st.builds(
    Rate,
    interval=st.integers(1, 5_000).map(lambda ms: dt.timedelta(milliseconds=ms)),
    burst=st.integers(1, 20),
)
WAITS = st.lists(st.integers(0, 10_000).map(lambda ms: dt.timedelta(milliseconds=ms)), min_size=1, max_size=60)


def granted(rate: Rate, waits: list[dt.timedelta], wanted: int) -> list[dt.datetime]:
    """When each grant was given to somebody who asks for `wanted` after each of these waits."""
    now, digested_at, grants = NOW, None, []
    for wait in waits:
        now += wait
        count = min(grantable(rate, digested_at, now), wanted)
        digested_at = after_granting(rate, digested_at, now, count) if count else digested_at
        grants += [now] * count
    return grants


@given(rate=RATES, waits=WAITS, wanted=st.integers(1, 30))
def test_no_stretch_of_time_holds_more_than_its_pace_and_one_burst(
    rate: Rate, waits: list[dt.timedelta], wanted: int
) -> None:
    grants = granted(rate, waits, wanted)
    for first, begin in enumerate(grants):
        for last in range(first, len(grants)):
            stretch = grants[last] - begin
            assert last - first + 1 <= rate.burst + stretch // rate.interval


@given(rate=RATES, digested=st.integers(-10_000, 100_000))
def test_what_may_begin_is_a_burst_at_most_and_something_once_the_pace_allows(rate: Rate, digested: int) -> None:
    digested_at = NOW + dt.timedelta(milliseconds=digested)
    count = grantable(rate, digested_at, NOW)
    assert 0 <= count <= rate.burst
    assert (count > 0) == (digested_at - NOW <= (rate.burst - 1) * rate.interval)


@given(rate=RATES)
def test_a_destination_never_spoken_to_takes_a_whole_burst_and_then_nothing(rate: Rate) -> None:
    assert grantable(rate, None, NOW) == rate.burst
    spent = after_granting(rate, None, NOW, rate.burst)
    assert grantable(rate, spent, NOW) == 0
    assert grantable(rate, spent, NOW + rate.interval) == 1


@given(rate=RATES, count=st.integers(1, 100))
def test_whoever_asks_each_interval_always_gets_one(rate: Rate, count: int) -> None:
    grants = granted(rate, [rate.interval] * count, 1)
    assert len(grants) == count
    assert all(later - earlier == rate.interval for earlier, later in pairwise(grants))
