"""Channels: how each stands; a carrier that stands still is declared and lifted, a channel of ours paused and resumed,
each after a summary of what that will change."""

from collections.abc import Callable, Sequence

from fastapi import Response

from gateway.application.console.channels import ChannelStands, InHand
from gateway.domain.accounts import Permission
from gateway.domain.breaker import BreakerState
from gateway.domain.problem import Conflict, InputRefused, Problem
from gateway.domain.ways import MAIL
from gateway.web.console.door import Door
from gateway.web.console.moments import moment_of
from gateway.web.console.visit import Fields, Visit
from gateway.web.console.words import Words
from templates.words import capitalized

_DONE = frozenset({"suspended", "restored", "paused", "resumed"})
_CARRIED = MAIL
"""Channels whose carrier may stand still."""


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/channels", listed)
    door.shows("/channels/{channel}", shown)
    door.does("/channels/{channel}/suspend", suspend, needs=Permission.CALENDAR)
    door.does("/channels/{channel}/restore", restore, needs=Permission.CALENDAR)
    door.does("/channels/{channel}/pause", pause, needs=Permission.CALENDAR)
    door.does("/channels/{channel}/resume", resume, needs=Permission.CALENDAR)


def listed(at: Visit) -> Response:
    """Every channel."""
    return at.page("channels", channels=[line_of(at.words, one) for one in at.console.channels.all()])


def shown(at: Visit) -> Response:
    """One of them, with what each act would change."""
    done = at.request.query_params.get("done", "")
    return _page(at, done=done if done in _DONE else "")


def suspend(at: Visit, fields: Fields) -> Response:
    """Its carrier does not deliver."""

    def act(channel: str, reason: str) -> None:
        told = fields.get("since", "")
        since = moment_of(told, at.words.zone, field="since") if told else None
        at.gateway.calendar.suspend(channel, since, actor=at.actor, reason=reason)

    return _done(at, fields, "suspend", act, done="suspended")


def restore(at: Visit, fields: Fields) -> Response:
    """Its carrier delivers again."""

    def act(channel: str, reason: str) -> None:
        at.gateway.calendar.restore(channel, actor=at.actor, reason=reason)

    return _done(at, fields, "restore", act, done="restored")


def pause(at: Visit, fields: Fields) -> Response:
    """Nothing is taken for it."""

    def act(channel: str, reason: str) -> None:
        at.gateway.pauses.pause(channel, actor=at.actor, reason=reason)

    return _done(at, fields, "pause", act, done="paused")


def resume(at: Visit, fields: Fields) -> Response:
    """It takes what waits for it again."""

    def act(channel: str, reason: str) -> None:
        at.gateway.pauses.resume(channel, actor=at.actor, reason=reason)

    return _done(at, fields, "resume", act, done="resumed")


def line_of(words: Words, stands: ChannelStands) -> dict[str, object]:
    """How a channel stands, in words; also on home."""
    suspension, paused = stands.suspension, stands.pause
    told = [words.text("channels.suspended", since=words.moment(suspension.since))] if suspension else []
    told += [words.text("channels.paused", since=words.moment(paused.since))] if paused else []
    silent = [one for one in stands.destinations if one.breaker.state is not BreakerState.CLOSED]
    told += [
        words.text("figures.silent", destination=one.name, since=words.moment(one.breaker.since))
        for one in silent
        if one.breaker.since
    ]
    return {
        "channel": stands.channel,
        "name": capitalized(words.word("channel", stands.channel)),
        "set_up": stands.set_up,
        "told": told,
    }


def _done(at: Visit, fields: Fields, asked: str, act: Callable[[str, str], None], *, done: str) -> Response:
    """Does it. Who clicks twice is told that it is done; who comes too late, who was quicker."""
    stands, _ = at.console.channels.one(_channel(at))
    try:
        act(stands.channel, fields.get("reason", ""))
    except InputRefused as problem:
        return _page(at, problem=problem, asked=asked, typed=fields)
    except Conflict as conflict:
        who, told = _quicker(at, asked)
        if who != at.actor:
            return _page(at, problem=conflict, quicker=told)
    return at.to(f"/channels/{stands.channel}", done=done)


def _quicker(at: Visit, asked: str) -> tuple[str, str]:
    """Who did that last, and what the page says of it; nobody where nobody ever did."""
    who, moment = "", None
    if asked in {"pause", "resume"}:
        event = at.console.channels.last_pause(_channel(at))
        who, moment = (event.actor, event.at) if event else ("", None)
    elif (last := at.console.channels.last_suspension(_channel(at))) is not None:
        entered = asked == "suspend"
        who, moment = (last.entered_by, last.entered_at) if entered else (last.restored_by or "", last.restored_at)
    if moment is None:
        return "", ""
    return who, at.words.text(f"channels.quicker-{asked}", who=who, moment=at.words.moment(moment))


def _page(
    at: Visit,
    *,
    done: str = "",
    problem: Problem | None = None,
    asked: str = "",
    typed: Fields | None = None,
    quicker: str = "",
) -> Response:
    stands, in_hand = at.console.channels.one(_channel(at))
    may_act, suspension = at.may(Permission.CALENDAR), stands.suspension
    where = problem.where or "" if problem else ""
    return at.page(
        "channel",
        status=problem.http_status if problem else 200,
        one=line_of(at.words, stands),
        acts=_acts(at.words, stands, in_hand) if may_act else [],
        made=at.words.text("channels.made", who=suspension.entered_by, moment=at.words.moment(suspension.entered_at))
        if suspension
        else "",
        reason=at.gateway.calendar.reason(suspension.id, suspension.reason) if suspension and may_act else "",
        done=done,
        asked=asked,
        wrong=quicker or (at.words.wrong(problem, where, area="channels") if problem else ""),
        wrong_where=where,
        typed=dict(typed or {}),
    )


def _acts(words: Words, stands: ChannelStands, in_hand: InHand) -> Sequence[dict[str, object]]:
    """What may be done now, each with what it will change."""
    acts = []
    if stands.suspension is not None:
        acts.append(("restore", [words.text("channels.will-plan", count=in_hand.waiting), *_again(words)]))
    elif stands.channel in _CARRIED:
        acts.append(("suspend", _stopping(words, in_hand)))
    if stands.pause is not None:
        acts.append(("resume", [words.text("channels.will-go", count=in_hand.to_go)]))
    elif stands.set_up:
        held = words.text("channels.will-hold", count=in_hand.to_go + in_hand.batched)
        acts.append(("pause", [held, words.text("channels.will-move-on")]))
    return [
        {
            "code": code,
            "title": words.text(f"channels.{code}"),
            "hint": words.text(f"channels.{code}-hint"),
            "will": will,
        }
        for code, will in acts
    ]


def _stopping(words: Words, in_hand: InHand) -> list[str]:
    return [
        words.text("channels.will-leave", count=in_hand.to_go),
        words.text("channels.will-take-out", count=in_hand.batched),
        words.text("channels.will-not-count", count=in_hand.left),
        words.text("channels.will-not-plan"),
    ]


def _again(words: Words) -> list[str]:
    return [words.text("channels.will-count-again"), words.text("channels.will-plan-again")]


def _channel(at: Visit) -> str:
    return str(at.request.path_params["channel"])
