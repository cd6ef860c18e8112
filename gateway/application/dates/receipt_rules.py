"""The rules of receipt and service as data: deemed receipt, closing rules, the exchange's patience, clocks that run."""

from dataclasses import dataclass, field, replace
from functools import cache

from gateway.application.rules import read_rules, rule_text
from gateway.domain.closing import ClosingRule
from gateway.domain.deemed_receipt import DeemedReceiptRule, RollsPast
from gateway.domain.exchange_patience import PatienceRule
from gateway.domain.outcomes import Division
from gateway.domain.recourse_clock import RecourseClock

_FILLED = {"min_length": 1}


@dataclass(frozen=True, kw_only=True)
class DeemedReceiptFile:
    """`deemed_receipt.toml`."""

    rule: tuple[DeemedReceiptRule, ...] = field(metadata=_FILLED)


@dataclass(frozen=True, kw_only=True)
class ClosingFile:
    """`closing.toml`."""

    rule: tuple[ClosingRule, ...] = field(metadata=_FILLED)


@dataclass(frozen=True, kw_only=True)
class PatienceFile:
    """`exchange.toml`."""

    rule: tuple[PatienceRule, ...] = field(metadata=_FILLED)


@dataclass(frozen=True, kw_only=True)
class RecourseClockFile:
    """`recourse_clocks.toml`."""

    clock: tuple[RecourseClock, ...] = field(metadata=_FILLED)


@cache
def deemed_receipt_rules(*, iad_rolls: bool = False) -> tuple[DeemedReceiptRule, ...]:
    """The rules of deemed receipt. iad_rolls: whether the registry decided that IAD receipt rolls to a working day."""
    name = "deemed_receipt.toml"
    rules = read_rules(name, rule_text(name), DeemedReceiptFile).rule
    return tuple(
        replace(rule, rolls_past=RollsPast.NON_WORKING_DAYS) if iad_rolls and rule.division is Division.IAD else rule
        for rule in rules
    )


@cache
def closing_rules() -> tuple[ClosingRule, ...]:
    """What ends a delivery; the first rule that fits is the one."""
    name = "closing.toml"
    return read_rules(name, rule_text(name), ClosingFile).rule


@cache
def patience_rules() -> tuple[PatienceRule, ...]:
    """How long papers may lie uncollected; the first rule that fits is the one."""
    name = "exchange.toml"
    return read_rules(name, rule_text(name), PatienceFile).rule


@cache
def recourse_clocks() -> tuple[RecourseClock, ...]:
    """The clocks that run for a recipient."""
    name = "recourse_clocks.toml"
    return read_rules(name, rule_text(name), RecourseClockFile).clock
