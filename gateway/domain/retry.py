"""When to try again: a pure function of policy, history, due date and now.

A channel's turn at a delivery ends with its schedule, and before that where what comes after it needs the time: the
next channel of the plan, or a person where there is none. Schedules are data (`gateway/rules/retry.toml`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.delivery import Attempt, Delivery, ResultName
from gateway.domain.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """waits: the longest before the second, third, … try. grace: for how long a channel is tried all the same where its
    time was over before its turn began, as of what is due today. report: for how long what may have been sent waits for
    a report that settles it, before its carrier is asked or a person called."""

    waits: tuple[dt.timedelta, ...]
    grace: dt.timedelta = dt.timedelta(0)
    report: dt.timedelta = dt.timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A channel's turn at one delivery. tries: made so far, at least 1. since: when it began. until: the latest at
    which what comes after it must begin; None where nothing is due. last: whether no channel comes after it."""

    tries: int
    since: dt.datetime
    until: dt.datetime | None
    last: bool


def next_attempt_at(policy: RetryPolicy, turn: Turn, now: dt.datetime, jitter: float) -> dt.datetime | Reason:
    """When the next try is due, or why the turn is over.

    jitter: in [0, 1); the wait is anything up to its whole length, so that what failed together does not come back
    together. The last wait is repeated where no channel comes after this one: until a person must be called.
    """
    repeats = turn.last and turn.until is not None
    if turn.tries > len(policy.waits) and not repeats:
        return Reason.ATTEMPTS_EXHAUSTED
    wait = policy.waits[min(turn.tries, len(policy.waits)) - 1]
    at = now + wait * (1 - jitter)
    ends = turn_ends(policy, turn)
    return at if ends is None or at <= ends else Reason.TIME_OVER


def turn_ends(policy: RetryPolicy, turn: Turn) -> dt.datetime | None:
    """The moment after which the channel is not tried any more; None where its schedule alone ends the turn."""
    if turn.until is None or turn.until > turn.since:
        return turn.until
    return turn.since + policy.grace


def attempts_of_turn(delivery: Delivery, attempts: Sequence[Attempt]) -> Sequence[Attempt]:
    """Those of the channel in use since it came into use, or since a person asked for it again: as many as are spent,
    and those between them that spent nothing. attempts: all of the delivery, oldest first."""
    turn: list[Attempt] = []
    left = delivery.attempts
    for attempt in reversed(attempts):
        if attempt.channel != delivery.channel or (_spent(attempt) and left == 0):
            break
        left -= _spent(attempt)
        turn.insert(0, attempt)
    return turn


def _spent(attempt: Attempt) -> bool:
    return attempt.result is not ResultName.MISCONFIGURED and attempt.reason is not Reason.LEASE_LAPSED
