"""What was due and when it was sent, by division and way: the service standards, and the paper that was avoided."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.domain.outcomes import Division
from gateway.domain.parties import ChannelName

PAPERLESS_GOAL = 80
"""Per cent of outgoing paper mail that the Board's memorandum on the project says may be avoided."""
PAPER = frozenset(
    {
        ChannelName.COURIER,
        ChannelName.REGISTERED_MAIL,
        ChannelName.PRIORITY_POST,
        ChannelName.REGULAR_MAIL,
        ChannelName.HAND_DELIVERY,
    }
)


@dataclass(frozen=True, kw_only=True)
class SentCount:
    """How many of those due went so. channel: None where nothing is known to have been sent. in_time: they were handed
    over before the end of the day on which they were due."""

    division: Division
    channel: str | None
    in_time: bool
    count: int


def added(counts: Iterable[SentCount]) -> tuple[SentCount, ...]:
    """Those of several days as one."""
    found: dict[SentCount, int] = {}
    for one in counts:
        same = replace(one, count=0)
        found[same] = found.get(same, 0) + one.count
    return tuple(replace(one, count=count) for one, count in found.items())


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of a whole, both counted."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """Rounded down: nothing short of all is all. None of nothing."""
        return self.part * 100 // self.whole if self.whole else None


def in_time(counts: Iterable[SentCount], division: Division) -> Share:
    """How many of the division's went in time."""
    own = [one for one in counts if one.division is division]
    return Share(part=sum(one.count for one in own if one.in_time), whole=sum(one.count for one in own))


def by_channel(counts: Iterable[SentCount]) -> dict[str, int]:
    """How many went by each way, the most first."""
    found: dict[str, int] = {}
    for one in counts:
        if one.channel is not None:
            found[one.channel] = found.get(one.channel, 0) + one.count
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def without_paper(counts: Iterable[SentCount]) -> Share:
    """How many of those sent went without paper."""
    ways = by_channel(counts)
    paper = sum(count for channel, count in ways.items() if channel in PAPER)
    return Share(part=sum(ways.values()) - paper, whole=sum(ways.values()))
