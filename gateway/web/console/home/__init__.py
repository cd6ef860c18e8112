"""Home: what needs a person now, what is still to be sent, and how the ways and the standards stand."""

import json

from fastapi import Response

from gateway.domain.accounts import Permission
from gateway.domain.breach import Breach
from gateway.domain.figures import PAPERLESS_GOAL, without_paper
from gateway.web.console.channels import line_of
from gateway.web.console.door import Door
from gateway.web.console.figures import standards, trend_of, ways_of
from gateway.web.console.my_sign_in.news import news_of
from gateway.web.console.visit import Visit
from gateway.web.safety import guard, with_script

_AGAIN_AFTER = 5000
"""Milliseconds after which a browser asks for the counts again."""


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("", shown)
    door.shows("/counts", counts)


def shown(at: Visit) -> Response:
    """The page."""
    waiting, standing, words = at.console.work.waiting(viewer=at.actor), at.console.figures(viewer=at.actor), at.words
    lists = [{"name": one.value, "count": count} for one, count in waiting.lists.items()]
    breaches = [_breach(at, one) for one in waiting.breaches] if at.may(Permission.RECALL) else []
    page = at.page(
        "home",
        news=news_of(at),
        lists=lists,
        waiting=waiting,
        breaches=breaches,
        fresh=at.console.work.is_fresh(),
        nothing=not any(one["count"] for one in lists),
        backlog=at.console.work.backlog(viewer=at.actor),
        trend=trend_of(standing.late),
        week=standards(words, standing.week),
        month=standards(words, standing.month),
        ways=ways_of(words, standing.month),
        spared=without_paper(standing.month).percent,
        goal=PAPERLESS_GOAL,
        counted=words.text("figures.counted", moment=words.moment(standing.counted_at)),
        channels=[line_of(words, one) for one in at.console.channels.all() if one.set_up or not one.goes],
        feed=_feed(at),
    )
    return with_script(page)


def counts(at: Visit) -> Response:
    """What waits, as one server-sent event; the browser asks again by itself (HTML, 9.2), and no connection is held."""
    waiting = at.console.work.waiting(viewer=at.actor)
    told = {one.value: at.words.number(count) for one, count in waiting.lists.items()}
    told |= {"proposals": at.words.number(waiting.proposals), "receipts": at.words.number(waiting.receipts)}
    event = f"retry: {_AGAIN_AFTER}\ndata: {json.dumps(told)}\n\n"
    return guard(Response(event, media_type="text/event-stream"), secure=at.console.secure)


def _breach(at: Visit, breach: Breach) -> dict[str, str]:
    due = at.words.moment(breach.due_at) if breach.due_at else ""
    return {"dispatch": breach.dispatch, "number": breach.number, "due": due}


def _feed(at: Visit) -> str:
    """How the outcome feed stands; empty where there is none."""
    parts = at.gateway.case_systems.feed
    if parts is None:
        return ""
    standing = parts.standing.at_hand(viewer=at.actor)
    return at.words.text(
        "home.feed",
        owed=at.words.number(standing.owed),
        open=at.words.number(len(standing.open_batches)),
        work=at.words.number(len(standing.work)),
    )
