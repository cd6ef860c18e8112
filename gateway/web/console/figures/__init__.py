"""How the work goes: charts with a table beside each, and how the ways stand. Apart from home, which stays quick."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response

from gateway.domain.breaker import BreakerState
from gateway.domain.destination import Destination
from gateway.domain.figures import PAPERLESS_GOAL, SentCount, by_channel, in_time, without_paper
from gateway.domain.outcomes import Division
from gateway.ports.registry import ChannelPause
from gateway.web.console.door import Door
from gateway.web.console.visit import Visit
from gateway.web.console.words import Words
from templates.words import capitalized


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/figures", shown)


def shown(at: Visit) -> Response:
    """The page."""
    standing, words = at.console.figures(viewer=at.actor), at.words
    spared = without_paper(standing.month)
    return at.page(
        "figures",
        periods=[("week", standards(words, standing.week)), ("month", standards(words, standing.month))],
        ways=ways_of(words, standing.month),
        spared=spared.percent,
        goal=PAPERLESS_GOAL,
        trend=trend_of(standing.late),
        counted=words.text("figures.counted", moment=words.moment(standing.counted_at)),
        pauses=[_pause(words, one) for one in standing.pauses],
        outages=[_outage(words, one) for one in standing.destinations if one.breaker.state is not BreakerState.CLOSED],
        answering=sum(one.breaker.state is BreakerState.CLOSED for one in standing.destinations),
    )


def standards(words: Words, counts: Sequence[SentCount]) -> list[dict[str, Any]]:
    """A bar and a line for each division of which something was due."""
    shares = ((one, in_time(counts, one)) for one in Division)
    return [
        {
            "name": words.word("division.code", one.value),
            "percent": share.percent,
            "part": words.number(share.part),
            "whole": words.number(share.whole),
        }
        for one, share in shares
        if share.percent is not None
    ]


def ways_of(words: Words, counts: Sequence[SentCount]) -> list[dict[str, Any]]:
    ways = by_channel(counts)
    whole = sum(ways.values())
    return [
        {
            "name": capitalized(words.word("channel", channel)),
            "percent": count * 100 // whole,
            "part": words.number(count),
            "whole": words.number(whole),
        }
        for channel, count in ways.items()
    ]


def trend_of(late: Mapping[dt.date, int]) -> dict[str, Any]:
    """The bars of the days, the highest as high as the chart."""
    most = max(late.values(), default=0)
    days = sorted(late)
    return {
        "most": most,
        "bars": [_bar(place, day, late[day], most) for place, day in enumerate(days)],
        "wide": len(days) * 16 + 4,
    }


def _bar(place: int, day: dt.date, count: int, most: int) -> dict[str, Any]:
    return {"x": place * 16 + 2, "height": round(count * 100 / most, 1) if most else 0, "day": day, "count": count}


def _pause(words: Words, pause: ChannelPause) -> str:
    channel = capitalized(words.word("channel", pause.channel))
    return words.text("figures.paused", channel=channel, since=words.moment(pause.since))


def _outage(words: Words, destination: Destination) -> str:
    since = destination.breaker.since
    moment = words.moment(since) if since else words.text("figures.unknown")
    return words.text("figures.silent", destination=destination.name, since=moment)
