"""A destination: a far end that a channel speaks to, and how much may go there now.

For encrypted e-mail that is the mail server we hand over to. A recipient's dead domain is no destination of ours: the
mail server takes the message, tries for days, and reports (docs/adr/0010). Which one it is: `gateway.domain.far_end`.
"""

import datetime as dt
from dataclasses import dataclass, field, replace

from gateway.domain.breaker import Breaker, BreakerPolicy, Passage, passage, probing
from gateway.domain.rate import Rate, after_granting, grantable


@dataclass(frozen=True, kw_only=True)
class Destination:
    """As it stands for all workers together. digested_at: see `gateway.domain.rate`."""

    name: str
    digested_at: dt.datetime | None = None
    breaker: Breaker = field(default_factory=Breaker)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """at_once: the most attempts in flight, of all workers together. rate: None where nobody asked for one."""

    at_once: int
    rate: Rate | None
    breaker: BreakerPolicy


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """How many attempts may begin now; `probe`: the one that may is a probe."""

    count: int
    probe: bool = False


def allowance(destination: Destination, limits: Limits, *, in_flight: int, now: dt.datetime) -> Allowance:
    """What may begin now. in_flight: attempts that some worker holds."""
    passes = passage(destination.breaker, limits.breaker, now)
    if passes is Passage.NONE:
        return Allowance(count=0)
    count = max(limits.at_once - in_flight, 0)
    if limits.rate is not None:
        count = min(count, grantable(limits.rate, destination.digested_at, now))
    if passes is Passage.ONE:
        return Allowance(count=min(count, 1), probe=count > 0)
    return Allowance(count=count)


def after_taking(
    destination: Destination, limits: Limits, allowed: Allowance, attempts: tuple[str, ...], now: dt.datetime
) -> Destination:
    """The destination once these attempts were begun within the allowance."""
    if not attempts:
        return destination
    if allowed.probe:
        breaker = probing(destination.breaker, limits.breaker, attempts[0], now)
        destination = replace(destination, breaker=breaker)
    if limits.rate is None:
        return destination
    digested_at = after_granting(limits.rate, destination.digested_at, now, len(attempts))
    return replace(destination, digested_at=digested_at)
