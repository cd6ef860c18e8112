"""When to try again: a pure function of policy and history. Schedules are data (`gateway/rules/retry.toml`)."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Waits before the second, third, … try; after the last wait there is no further try."""

    waits: tuple[dt.timedelta, ...]

    @property
    def most_attempts(self) -> int:
        """How many tries the policy allows in all."""
        return len(self.waits) + 1


def next_attempt_at(policy: RetryPolicy, attempts: int, now: dt.datetime, jitter: float) -> dt.datetime | None:
    """When try number `attempts` + 1 is due, or None when the policy is spent.

    attempts: tries made so far, at least 1. jitter: in [0, 1); the wait is spread between half and whole of its
    length, so that what failed together does not come back together.
    """
    if attempts > len(policy.waits):
        return None
    wait = policy.waits[attempts - 1]
    return now + wait / 2 + (wait / 2) * jitter
