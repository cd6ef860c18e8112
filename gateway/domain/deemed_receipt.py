"""When a document sent by regular mail is considered to be received (`gateway/rules/deemed_receipt.toml`).

The rules deem receipt of regular mail alone: RPD r.41(2), RAD r.35(2), ID r.31(2), IAD r.40(2). Everything else needs
evidence, or is closed by its closing rule. «After» leaves the day of mailing out (Interpretation Act, s.27).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.calendar import Bars, Closed, DayKind, DayStep, count_calendar_days, kind_of, nothing_bars
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.domain.suspension import Suspension

_NEXT = dt.timedelta(days=1)


class RollsPast(StrEnum):
    """Days on which a document is not considered to be received; the next working day takes their place."""

    NOTHING = "nothing"
    NON_WORKING_DAYS = "non-working-days"
    """Saturdays, Sundays and days on which the Board's offices are closed (RPD r.1, RAD r.1)."""
    STATUTORY_HOLIDAYS = "statutory-holidays"
    """Saturdays, Sundays and other statutory holidays (ID r.31(2)); an office closed for a storm is none."""


@dataclass(frozen=True, kw_only=True)
class DeemedReceiptRule:
    """One rule. days: calendar days after mailing. abroad: sent to or from a place outside Canada; left out: both."""

    rule: str
    division: Division
    days: int = field(metadata={"ge": 1, "le": 60})
    rolls_past: RollsPast
    source: str
    source_fr: str
    abroad: bool | None = None


@dataclass(frozen=True, kw_only=True)
class OfficeDays:
    """The days of an office: when it is closed, and which weekdays are statutory holidays where it is."""

    closed: Closed
    statutory: Closed

    def no_working_day(self, day: dt.date) -> DayKind | None:
        """Why the office does not work on the day."""
        kind = kind_of(day, self.closed)
        return None if kind is DayKind.WORKING else kind

    def no_ordinary_day(self, day: dt.date) -> DayKind | None:
        """Whether the day is a Saturday, a Sunday or a statutory holiday, and which of them."""
        weekend = kind_of(day, lambda _: False) is DayKind.WEEKEND
        return DayKind.WEEKEND if weekend else DayKind.HOLIDAY if self.statutory(day) else None

    def bars(self, rolls_past: RollsPast) -> tuple[Bars, Bars]:
        """Why nothing is received on the last day of a count, and on a day that follows one that is barred."""
        match rolls_past:
            case RollsPast.NOTHING:
                return nothing_bars, nothing_bars
            case RollsPast.NON_WORKING_DAYS:
                return self.no_working_day, self.no_working_day
            case RollsPast.STATUTORY_HOLIDAYS:
                # «The next working day»: neither a holiday nor a day on which the office is closed for another reason.
                return self.no_ordinary_day, lambda day: self.no_ordinary_day(day) or self.no_working_day(day)


@dataclass(frozen=True, kw_only=True)
class DeemedReceipt:
    """The day of deemed receipt and how it was counted; no day while the carrier is suspended until further notice."""

    date: dt.date | None
    steps: tuple[DayStep, ...]
    rule: DeemedReceiptRule
    halted_by: Suspension | None = None


def find_deemed_rule(rules: Iterable[DeemedReceiptRule], division: Division, *, abroad: bool) -> DeemedReceiptRule:
    """The first rule that fits. Raises SetupWrong (rule.invalid): the rule file must have one for each."""
    for rule in rules:
        if rule.division is division and rule.abroad in (None, abroad):
            return rule
    raise SetupWrong(Code.RULE_INVALID, where="deemed_receipt.toml", division=division.value)


def deemed_receipt(
    rule: DeemedReceiptRule, mailed: dt.date, days: OfficeDays, suspensions: Sequence[Suspension] = ()
) -> DeemedReceipt:
    """When what was mailed on a day is considered to be received.

    Days on which the carrier is suspended do not count, and nothing is received on one.
    """
    mail = [one for one in suspensions if one.channel == ChannelName.REGULAR_MAIL]
    lasting = next((one for one in mail if one.until is None), None)
    ended = [one for one in mail if one.until is not None]
    bars, bars_next = days.bars(rule.rolls_past)
    steps = count_calendar_days(
        mailed,
        rule.days,
        bars=bars,
        bars_next=bars_next,
        skips=lambda day: any(one.covers(day) for one in ended),
    )
    if lasting is None or steps[-1].date < lasting.since:
        return DeemedReceipt(date=steps[-1].date, steps=steps, rule=rule)
    before = tuple(step for step in steps if step.date < max(lasting.since, mailed + _NEXT))
    stopped = DayStep(date=before[-1].date + _NEXT, why=DayKind.SUSPENDED, counts=False)
    return DeemedReceipt(date=None, steps=(*before, stopped), rule=rule, halted_by=lasting)
