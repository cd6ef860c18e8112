"""The schedules of retention as data, and what is due by them."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache

from gateway.application.rules import read_rules, rule_text
from gateway.domain.retention import Kept, RetentionRule


@dataclass(frozen=True, kw_only=True)
class RetentionFile:
    """`retention.toml`."""

    rule: tuple[RetentionRule, ...] = field(metadata={"min_length": 1})


@cache
def retention_rules() -> tuple[RetentionRule, ...]:
    """The schedules; the first that fits is the one."""
    name = "retention.toml"
    return read_rules(name, rule_text(name), RetentionFile).rule


@dataclass(frozen=True, kw_only=True)
class Due:
    """What of a dispatch was kept long enough. held: a legal hold keeps it all the same."""

    dispatch: str
    kept_until: dt.datetime
    rule: str
    held: bool
    what: Kept = Kept.PACKAGE
