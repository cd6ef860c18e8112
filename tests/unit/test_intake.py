"""How much may wait, and who is asked to come back: a flood keeps nobody else out."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.application.intake.admit import intake_rule
from gateway.domain.intake import IntakeRule, Load, Worked, come_back_after, may_be_felt, rate_of

NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
RULE = IntakeRule(
    at_least=100,
    longest_wait=60,
    measured_over=600,
    fewest_measured=20,
    fair_from_percent=50,
    at_most_percent=200,
    soonest_again=30,
    latest_again=900,
)


@pytest.mark.parametrize(
    ("waiting", "rate", "who", "after"),
    [
        ({}, None, "a", None),
        ({"a": 99}, None, "a", None),  # alone, all of it is theirs
        ({"a": 100}, None, "a", 900),
        ({"a": 100}, 10.0, "a", None),  # 600 are worked off within the time
        ({"a": 600}, 10.0, "a", 30),
        ({"a": 3000}, 10.0, "a", 240),  # until 2,400 of them are
        ({"a": 100}, None, "b", None),  # who has nothing waiting is let in
        ({"a": 100, "b": 49}, None, "b", None),
        ({"a": 100, "b": 50}, None, "b", 900),
        ({"a": 60, "b": 1}, None, "a", 900),  # more than their share of two
        ({"a": 48, "b": 1}, None, "a", None),  # as long as half of it is free nobody is counted
        ({"a": 199}, None, "b", None),
        ({"a": 200}, None, "b", 900),  # the whole is twice what may wait
    ],
)
def test_who_is_asked_to_come_back(waiting: dict[str, int], rate: float | None, who: str, after: int | None) -> None:
    assert come_back_after(RULE, Load(waiting=waiting, rate=rate), who) == after


@given(waiting=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 400)), rate=st.none() | st.floats(0.01, 1000))
def test_never_more_waits_than_twice_what_may_and_the_answer_is_within_its_bounds(
    waiting: dict[str, int], rate: float | None
) -> None:
    load = Load(waiting=waiting, rate=rate)
    for who in "abcdefg":
        after = come_back_after(RULE, load, who)
        may_wait = max(RULE.at_least, int((rate or 0) * RULE.longest_wait))
        if load.whole >= 2 * may_wait:
            assert after is not None
        if load.whole * 2 < may_wait:
            assert after is None
        assert after is None or RULE.soonest_again <= after <= RULE.latest_again


def test_a_rate_is_told_of_enough_packages_alone() -> None:
    since = NOW - dt.timedelta(seconds=100)
    assert rate_of(RULE, Worked(packages=50, since=since), NOW) == 0.5
    assert rate_of(RULE, Worked(packages=19, since=since), NOW) is None
    assert rate_of(RULE, Worked(packages=50, since=NOW), NOW) is None
    assert rate_of(RULE, None, NOW) is None
    assert [may_be_felt(RULE, count) for count in (49, 50)] == [False, True]


def test_what_is_shipped_leaves_the_shortest_standard_whole() -> None:
    """The same day, of the ID."""
    rule = intake_rule()
    assert rule.longest_wait <= 2 * 3600
    assert rule.at_least >= 1_000
