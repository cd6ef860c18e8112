"""How early each channel must be begun, as data: `gateway/rules/lead_times.toml`."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from gateway.application.rules import read_rules, rule_text
from gateway.domain.codes import Code
from gateway.domain.lead_time import LeadTime
from gateway.domain.problem import SetupWrong

_FILE = "lead_times.toml"
_DAYS = {"ge": 0, "le": 20}
_TIME = {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}


@dataclass(frozen=True, kw_only=True)
class PersonLead:
    """Of a person, where no channel is left."""

    working_days: int = field(metadata=_DAYS)
    by: str = field(metadata=_TIME)


@dataclass(frozen=True, kw_only=True)
class ChannelLead:
    """Of a channel; `channel` left out: of every one without a lead time of its own."""

    working_days: int = field(metadata=_DAYS)
    by: str = field(metadata=_TIME)
    channel: str | None = field(default=None, metadata={"pattern": "^[a-z][a-z0-9-]{1,40}$"})


@dataclass(frozen=True, kw_only=True)
class LeadTimeFile:
    """`lead_times.toml`."""

    lead: tuple[ChannelLead, ...] = field(metadata={"min_length": 1})
    person: PersonLead


@dataclass(frozen=True, kw_only=True)
class LeadTimes:
    """By channel, None being every other; and a person's."""

    channels: Mapping[str | None, LeadTime]
    person: LeadTime

    def of(self, channel: str) -> LeadTime:
        """The channel's: an installed channel of somebody else's has that of all."""
        return self.channels.get(channel) or self.channels[None]


@cache
def lead_times() -> LeadTimes:
    """Those of the house."""
    return read_lead_times(rule_text(_FILE))


def read_lead_times(text: str) -> LeadTimes:
    """The lead times of a rule file. Raises SetupWrong (rule.invalid): also where a channel has two of them, or
    none stands for the rest."""
    read = read_rules(_FILE, text, LeadTimeFile)
    channels = {one.channel: _lead(one) for one in read.lead}
    if None not in channels or len(channels) != len(read.lead):
        raise SetupWrong(Code.RULE_INVALID, where=f"{_FILE}:$.lead")
    return LeadTimes(channels=channels, person=_lead(read.person))


def _lead(table: ChannelLead | PersonLead) -> LeadTime:
    return LeadTime(working_days=table.working_days, by=dt.time.fromisoformat(table.by))
