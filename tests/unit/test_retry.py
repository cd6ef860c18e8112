"""Trying again is a pure decision: waits that grow, spread, and end early enough for what comes after them."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.application.rules import retry_policy
from gateway.domain.delivery import Attempt, ResultName
from gateway.domain.reasons import Reason
from gateway.domain.retry import RetryPolicy, Turn, attempts_of_turn, next_attempt_at, turn_ends
from tests.unit.test_progress import sending

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
POLICY = RetryPolicy(waits=(2 * MINUTE, HOUR), grace=30 * MINUTE)
ALMOST_ONE = 1 - 2**-53


def turn(tries: int = 1, *, until: dt.timedelta | None = None, since: dt.timedelta = -HOUR, last: bool = False) -> Turn:
    """A turn, its moments counted from now."""
    return Turn(tries=tries, since=NOW + since, until=None if until is None else NOW + until, last=last)


@pytest.mark.parametrize(
    ("stands", "jitter", "then"),
    [
        (turn(1), 0.0, 2 * MINUTE),
        (turn(1), 0.5, MINUTE),
        (turn(2), 0.0, HOUR),
        (turn(3), 0.0, Reason.ATTEMPTS_EXHAUSTED),
        (turn(3, last=True), 0.0, Reason.ATTEMPTS_EXHAUSTED),
        (turn(2, until=HOUR), 0.0, HOUR),
        (turn(2, until=HOUR - MINUTE), 0.0, Reason.TIME_OVER),
        (turn(2, until=HOUR - MINUTE), 0.5, HOUR / 2),
        (turn(1, until=-MINUTE), 0.0, Reason.TIME_OVER),
        (turn(3, until=100 * HOUR), 0.0, Reason.ATTEMPTS_EXHAUSTED),
        (turn(3, until=100 * HOUR, last=True), 0.0, HOUR),
        (turn(9, until=100 * HOUR, last=True), 0.5, HOUR / 2),
        (turn(9, until=MINUTE, last=True), 0.0, Reason.TIME_OVER),
        # Due before its turn began: it has its grace.
        (turn(1, until=-2 * HOUR, since=-MINUTE), 0.0, 2 * MINUTE),
        (turn(1, until=-2 * HOUR, since=-29 * MINUTE), 0.0, Reason.TIME_OVER),
    ],
)
def test_the_next_try(stands: Turn, jitter: float, then: dt.timedelta | Reason) -> None:
    due = next_attempt_at(POLICY, stands, NOW, jitter)
    assert due == (then if isinstance(then, Reason) else NOW + then)


minutes = st.integers(-20_000, 20_000).map(lambda one: one * MINUTE)


@given(
    policy=st.builds(
        RetryPolicy,
        waits=st.lists(st.integers(1, 10_000), min_size=1, max_size=8).map(
            lambda waits: tuple(dt.timedelta(seconds=wait) for wait in waits)
        ),
        grace=st.integers(0, 120).map(lambda one: one * MINUTE),
    ),
    stands=st.builds(
        turn,
        st.integers(1, 30),
        until=st.none() | minutes,
        since=minutes.map(lambda one: -abs(one)),
        last=st.booleans(),
    ),
    jitter=st.floats(0, 1, exclude_max=True) | st.just(ALMOST_ONE),
)
def test_no_try_is_planned_in_the_past_or_after_the_turn_and_no_wait_is_longer_than_the_schedule_says(
    policy: RetryPolicy, stands: Turn, jitter: float
) -> None:
    due = next_attempt_at(policy, stands, NOW, jitter)
    ends = turn_ends(policy, stands)
    whole = policy.waits[min(stands.tries, len(policy.waits)) - 1]
    if isinstance(due, dt.datetime):
        assert NOW <= due <= NOW + whole
        assert ends is None or due <= ends
        assert stands.tries <= len(policy.waits) or (stands.last and ends is not None)
    elif due is Reason.ATTEMPTS_EXHAUSTED:
        assert stands.tries > len(policy.waits)
    else:
        assert ends is not None
        assert ends < NOW + whole
    if ends is not None and stands.until is not None:
        assert ends == stands.until or ends == stands.since + policy.grace
        assert ends >= stands.until, "what comes after never begins before it must"


def attempt(channel: str, result: ResultName | None, reason: Reason | None = None, number: int = 1) -> Attempt:
    return Attempt(
        id=f"a{number}",
        delivery="d1",
        number=number,
        channel=channel,
        fence=number,
        reference="r",
        claimed_at=NOW + number * MINUTE,
        result=result,
        reason=reason,
    )


def test_a_turn_is_what_was_tried_of_the_channel_since_it_came_into_use() -> None:
    ends = [
        ("fax", ResultName.NOT_SENT, Reason.SMTP_CONNECT),
        ("encrypted-email", ResultName.NOT_SENT, Reason.SMTP_CONNECT),  # before a person asked for it again
        ("encrypted-email", ResultName.MISCONFIGURED, Reason.SMTP_TLS),
        ("encrypted-email", ResultName.NOT_SENT, Reason.SMTP_CONNECT),
        ("encrypted-email", ResultName.NOT_SENT, Reason.LEASE_LAPSED),
        ("encrypted-email", None, None),
    ]
    attempts = [attempt(*one, number=number) for number, one in enumerate(ends)]
    assert attempts_of_turn(sending(attempts=2), attempts) == attempts[2:]
    assert attempts_of_turn(sending(attempts=3), attempts) == attempts[1:]
    assert attempts_of_turn(sending(attempts=9), attempts) == attempts[1:]
    assert attempts_of_turn(replace(sending(attempts=0), plan=("courier",)), attempts) == []


def test_the_schedule_of_encrypted_email_starts_with_minutes_and_ends_within_the_service_standard() -> None:
    waits = retry_policy("encrypted-email").waits
    assert waits[0] <= 5 * MINUTE
    assert list(waits) == sorted(waits)
    assert sum(waits, dt.timedelta()) < dt.timedelta(days=2)


@pytest.mark.parametrize("channel", ["encrypted-email", "fax", "somebody-elses"])
def test_a_grace_lets_a_channel_be_tried_again_at_least_once(channel: str) -> None:
    policy = retry_policy(channel)
    assert policy.grace > policy.waits[0]


def test_a_channel_without_a_schedule_of_its_own_has_one_all_the_same() -> None:
    waits = retry_policy("somebody-elses").waits
    assert waits
    assert waits != retry_policy("encrypted-email").waits
