"""What a person is told of their sign-in until they say that they read it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gateway.domain.codes import Code
from gateway.domain.console import SignInNews
from gateway.domain.events import EventName
from gateway.domain.problem import InputRefused
from gateway.web.console.visit import Visit


def news_of(at: Visit) -> Mapping[str, Any] | None:
    """The lines, and the moment of the newest; None where there is nothing to tell."""
    news = at.console.sign_in.news(at.actor)
    if not news:
        return None
    return {"lines": [_line(at, one) for one in news], "until": news[0].at.isoformat()}


def until_of(text: str) -> dt.datetime:
    """The moment of the newest line that was read. Raises InputRefused (request.invalid)."""
    try:
        until = dt.datetime.fromisoformat(text)
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise InputRefused(Code.REQUEST_INVALID, where="until", expected="RFC 3339")
    return until


def _line(at: Visit, one: SignInNews) -> str:
    rests = one.name is EventName.CONSOLE_SIGN_IN_FAILED
    what = at.words.text("my-sign-in.rests") if rests else at.words.event(one.name.value)
    return at.words.text("my-sign-in.news-line", what=what, moment=at.words.moment(one.at))
