"""The Board's rules as data: the TOML files of `gateway/rules`, read as strictly as what comes from outside."""

import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from gateway.application.strict_format import StrictFormat
from gateway.application.strict_json import Fault, JsonRules
from gateway.domain.breaker import BreakerPolicy
from gateway.domain.calls import CallPolicy
from gateway.domain.codes import Code
from gateway.domain.office import Office
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.retry import RetryPolicy
from gateway.domain.service_standard import ServiceStandard
from gateway.domain.tracking import TrackingSchedule

T = TypeVar("T")

_LINE = re.compile(r"at line (\d+)")
"""Where TOML is broken, in the words of the library."""

_RULES = JsonRules(codes=dict.fromkeys(Fault, Code.RULE_INVALID))


@dataclass(frozen=True, kw_only=True)
class OfficeFile:
    """`offices.toml`."""

    office: tuple[Office, ...] = field(metadata={"min_length": 1})


@dataclass(frozen=True, kw_only=True)
class ServiceStandardFile:
    """`service_standards.toml`."""

    standard: tuple[ServiceStandard, ...] = field(metadata={"min_length": 1})


@dataclass(frozen=True, kw_only=True)
class RetrySchedule:
    """The longest waits before the second, third, … try of a channel, its grace, and how long a report is waited for,
    in minutes."""

    wait_minutes: tuple[int, ...] = field(metadata={"min_length": 1, "max_length": 50})
    grace_minutes: int = field(metadata={"ge": 0, "le": 1440})
    report_minutes: int = field(metadata={"ge": 0, "le": 1440})
    channel: str | None = field(default=None, metadata={"pattern": "^[a-z][a-z0-9-]{1,40}$"})
    """Left out: of every channel without a schedule of its own."""


@dataclass(frozen=True, kw_only=True)
class RetryFile:
    """`retry.toml`."""

    retry: tuple[RetrySchedule, ...] = field(metadata={"min_length": 1})


@dataclass(frozen=True, kw_only=True)
class BreakerFile:
    """`[breaker]` of `destinations.toml`."""

    failures: int = field(metadata={"ge": 1, "le": 1000})
    first_wait_seconds: int = field(metadata={"ge": 1, "le": 86_400})
    longest_wait_seconds: int = field(metadata={"ge": 1, "le": 86_400})
    outage_minutes: int = field(metadata={"ge": 1, "le": 10_080})


@dataclass(frozen=True, kw_only=True)
class DestinationFile:
    """`destinations.toml`."""

    breaker: BreakerFile


@dataclass(frozen=True, kw_only=True)
class CallFile:
    """`calls.toml`."""

    wait_seconds: tuple[int, ...] = field(metadata={"min_length": 1, "max_length": 50})
    suspend_after_hours: int = field(metadata={"ge": 1, "le": 8_760})
    keep_days: int = field(metadata={"ge": 1, "le": 3_650})


def read_rules(name: str, text: str, shape: type[T]) -> T:
    """The rule file `name` from its text. Raises SetupWrong (rule.invalid) with `name:place` as `where`."""
    try:
        raw = json.dumps(tomllib.loads(text)).encode()
        read: T = _format(shape).read(raw)  # type: ignore[arg-type]  # a class is hashable; mypy asks its instances
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        raise SetupWrong(Code.RULE_INVALID, where=f"{name}:{line[1]}" if line else name) from None
    except TypeError:
        # json knows no dates, and no rule file has any.
        raise SetupWrong(Code.RULE_INVALID, where=name) from None
    except InputRefused as refused:
        raise SetupWrong(Code.RULE_INVALID, where=f"{name}:{refused.where}", **refused.facts) from None
    return read


@cache
def _format(shape: type) -> StrictFormat[Any]:
    return StrictFormat(shape, _RULES)


@cache
def offices() -> Mapping[str, Office]:
    """The offices by id."""
    found = read_rules("offices.toml", rule_text("offices.toml"), OfficeFile).office
    return {office.id: office for office in found}


@cache
def service_standards() -> tuple[ServiceStandard, ...]:
    """The service standards, the first that fits a package being its own."""
    name = "service_standards.toml"
    return read_rules(name, rule_text(name), ServiceStandardFile).standard


def retry_policy(channel: str) -> RetryPolicy:
    """When the channel tries again: an installed channel of somebody else's has the schedule of all."""
    policies = _retry_policies()
    return policies.get(channel) or policies[None]


@cache
def _retry_policies() -> Mapping[str | None, RetryPolicy]:
    name = "retry.toml"
    return {
        table.channel: RetryPolicy(
            waits=tuple(dt.timedelta(minutes=minutes) for minutes in table.wait_minutes),
            grace=dt.timedelta(minutes=table.grace_minutes),
            report=dt.timedelta(minutes=table.report_minutes),
        )
        for table in read_rules(name, rule_text(name), RetryFile).retry
    }


def breaker_policy(probe: dt.timedelta) -> BreakerPolicy:
    """When a destination that does not answer is left alone. probe: after that long a probe counts as lost."""
    breaker = _breaker()
    return BreakerPolicy(
        failures=breaker.failures,
        first_wait=dt.timedelta(seconds=breaker.first_wait_seconds),
        longest_wait=dt.timedelta(seconds=breaker.longest_wait_seconds),
        probe=probe,
        outage=dt.timedelta(minutes=breaker.outage_minutes),
    )


@cache
def call_policy() -> CallPolicy:
    """When endpoints that do not answer are called again, and how long what was told is kept."""
    name = "calls.toml"
    read = read_rules(name, rule_text(name), CallFile)
    return CallPolicy(
        waits=tuple(dt.timedelta(seconds=one) for one in read.wait_seconds),
        suspend_after=dt.timedelta(hours=read.suspend_after_hours),
        keep=dt.timedelta(days=read.keep_days),
    )


@cache
def tracking_schedule() -> TrackingSchedule:
    """How often carriers are asked about envelopes."""
    name = "tracking.toml"
    return read_rules(name, rule_text(name), TrackingSchedule)


@cache
def _breaker() -> BreakerFile:
    name = "destinations.toml"
    return read_rules(name, rule_text(name), DestinationFile).breaker


def rule_text(name: str) -> str:
    """The text of a rule file of the house."""
    return (resources.files("gateway") / "rules" / name).read_text(encoding="utf-8")
