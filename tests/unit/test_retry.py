"""Trying again is a pure decision: waits that grow, spread, and end."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from gateway.application.rules import retry_policy
from gateway.domain.retry import RetryPolicy, next_attempt_at

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


@given(
    waits=st.lists(st.integers(1, 10_000), min_size=1, max_size=8),
    attempts=st.integers(1, 12),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_a_wait_is_between_half_and_whole_of_its_length_and_the_policy_ends(
    waits: list[int], attempts: int, jitter: float
) -> None:
    policy = RetryPolicy(waits=tuple(dt.timedelta(seconds=wait) for wait in waits))
    due = next_attempt_at(policy, attempts, NOW, jitter)
    if attempts >= policy.most_attempts:
        assert due is None
    else:
        whole = policy.waits[attempts - 1]
        assert due is not None
        assert NOW + whole / 2 <= due <= NOW + whole


def test_the_schedule_of_encrypted_email_starts_with_minutes_and_ends_within_the_service_standard() -> None:
    waits = retry_policy("encrypted-email").waits
    assert waits[0] <= dt.timedelta(minutes=5)
    assert list(waits) == sorted(waits)
    assert sum(waits, dt.timedelta()) < dt.timedelta(days=2)


def test_a_channel_without_a_schedule_of_its_own_has_one_all_the_same() -> None:
    waits = retry_policy("somebody-elses").waits
    assert waits
    assert waits != retry_policy("encrypted-email").waits
