"""A circuit breaker: a destination that does not answer is left alone, but for one probe at a time.

`TRANSITIONS` is the whole state machine. A breaker delays and never holds for good: an outage that lasts longer than
the policy's `outage` lets deliveries through to their own retry schedules, so that each still comes to an end.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.domain.delivery import AttemptResult, Gathered, GivenToPerson, HandedOver
from gateway.domain.failures import MaybeSent, NotSent
from gateway.domain.reasons import Reason


class BreakerState(StrEnum):
    """How a destination stands."""

    CLOSED = "closed"
    """It answers: all may go."""
    OPEN = "open"
    """It does not: nothing goes before the wait is over."""
    HALF_OPEN = "half-open"
    """One probe is on its way, and nothing else goes."""


class BreakerEvent(StrEnum):
    """What can happen to it."""

    ANSWERED = "answered"
    SILENT = "silent"
    SILENT_TOO_OFTEN = "silent-too-often"
    PROBE_SENT = "probe-sent"
    PROBE_SILENT = "probe-silent"
    PROBE_UNTRIED = "probe-untried"
    """It ended before the network was touched, and tells nothing."""


_S, _E = BreakerState, BreakerEvent

TRANSITIONS: Mapping[BreakerState, Mapping[BreakerEvent, BreakerState]] = {
    _S.CLOSED: {_E.ANSWERED: _S.CLOSED, _E.SILENT: _S.CLOSED, _E.SILENT_TOO_OFTEN: _S.OPEN},
    # What began before it opened ends later: an answer is an answer, silence is no news.
    _S.OPEN: {_E.ANSWERED: _S.CLOSED, _E.SILENT: _S.OPEN, _E.PROBE_SENT: _S.HALF_OPEN},
    _S.HALF_OPEN: {
        _E.ANSWERED: _S.CLOSED,
        _E.SILENT: _S.HALF_OPEN,
        _E.PROBE_SENT: _S.HALF_OPEN,  # the worker of the one before never came back
        _E.PROBE_SILENT: _S.OPEN,
        _E.PROBE_UNTRIED: _S.OPEN,
    },
}

SILENCE = frozenset(
    {
        Reason.SMTP_CONNECT,
        Reason.SMTP_CUT,
        Reason.SMTP_UNCERTAIN,
        Reason.EXCHANGE_UNREACHABLE,
        Reason.EXCHANGE_CUT,
        Reason.EXCHANGE_UNCERTAIN,
    }
)
"""Reasons that tell of the destination, not of this recipient or message: it is not there, or broke off."""


@dataclass(frozen=True, kw_only=True)
class BreakerPolicy:
    """failures: so many silences in a row open it. first_wait: until the first probe; it doubles with each that finds
    silence, up to longest_wait. probe: after that long a probe counts as lost. outage: see the module."""

    failures: int
    first_wait: dt.timedelta
    longest_wait: dt.timedelta
    probe: dt.timedelta
    outage: dt.timedelta


@dataclass(frozen=True, kw_only=True)
class Breaker:
    """failures: silences in a row. openings: how often it opened since it last answered. since: the beginning of the
    outage. until: when the next probe may go. probe: the attempt that is the probe."""

    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    openings: int = 0
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    probe: str | None = None


class Outage(StrEnum):
    """What a person is told of a breaker, each once."""

    BEGAN = "began"
    ENDED = "ended"


def outage_of(before: Breaker, after: Breaker) -> Outage | None:
    """Whether an outage began or ended in between. A probe that finds silence makes no other outage of it."""
    was, is_now = (one.state is BreakerState.CLOSED for one in (before, after))
    if was == is_now:
        return None
    return Outage.BEGAN if was else Outage.ENDED


class Passage(StrEnum):
    """What may go to a destination now."""

    ALL = "all"
    ONE = "one"
    NONE = "none"


def passage(breaker: Breaker, policy: BreakerPolicy, now: dt.datetime) -> Passage:
    """What the breaker lets through now."""
    if breaker.state is BreakerState.CLOSED:
        return Passage.ALL
    if breaker.since is not None and now - breaker.since >= policy.outage:
        return Passage.ALL
    waited = breaker.until is None or now >= breaker.until
    return Passage.ONE if waited else Passage.NONE


def probing(breaker: Breaker, policy: BreakerPolicy, attempt: str, now: dt.datetime) -> Breaker:
    """The breaker once `attempt` was sent ahead as the probe."""
    return replace(breaker, state=_next(breaker, BreakerEvent.PROBE_SENT), until=now + policy.probe, probe=attempt)


def told_by(result: AttemptResult, *, left_us: bool) -> BreakerEvent | None:
    """What the end of an attempt tells of its destination; None: nothing."""
    if not left_us:
        return None
    if isinstance(result, HandedOver | Gathered | GivenToPerson):
        return BreakerEvent.ANSWERED
    silent = isinstance(result, NotSent | MaybeSent) and result.reason in SILENCE
    return BreakerEvent.SILENT if silent else BreakerEvent.ANSWERED


def after_end(
    breaker: Breaker, told: BreakerEvent | None, policy: BreakerPolicy, attempt: str, now: dt.datetime
) -> Breaker:
    """The breaker after `attempt` ended and told that."""
    if told is BreakerEvent.ANSWERED:
        return Breaker(state=_next(breaker, told))
    if told is BreakerEvent.SILENT:
        return _after_silence(breaker, policy, attempt, now)
    if breaker.probe == attempt:
        return replace(breaker, state=_next(breaker, BreakerEvent.PROBE_UNTRIED), until=now, probe=None)
    return breaker


def _after_silence(breaker: Breaker, policy: BreakerPolicy, attempt: str, now: dt.datetime) -> Breaker:
    if breaker.state is BreakerState.CLOSED:
        breaker = replace(breaker, failures=breaker.failures + 1)
        if breaker.failures >= policy.failures:
            return _opened(replace(breaker, since=now), BreakerEvent.SILENT_TOO_OFTEN, policy, now)
    elif breaker.probe == attempt:
        return _opened(breaker, BreakerEvent.PROBE_SILENT, policy, now)
    return replace(breaker, state=_next(breaker, BreakerEvent.SILENT))


def _opened(breaker: Breaker, event: BreakerEvent, policy: BreakerPolicy, now: dt.datetime) -> Breaker:
    doublings = min(breaker.openings, 30)  # beyond that any wait is the longest
    wait = min(policy.first_wait * 2**doublings, policy.longest_wait)
    return replace(breaker, state=_next(breaker, event), openings=breaker.openings + 1, until=now + wait, probe=None)


def _next(breaker: Breaker, event: BreakerEvent) -> BreakerState:
    return TRANSITIONS[breaker.state][event]
