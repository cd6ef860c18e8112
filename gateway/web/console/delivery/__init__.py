"""A delivery: its time line, why it goes the way it goes, and what can be done about it now, each with its form."""

from fastapi import Response

from gateway.application.acts.service_record import MOST_OCTETS
from gateway.domain.accounts import Permission
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.events import Event
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Problem
from gateway.web.console.delivery.asking import asked_of, tidied, where_of
from gateway.web.console.delivery.looks import acts, head, proof_papers, route, time_line
from gateway.web.console.door import Brings, Door
from gateway.web.console.visit import Fields, Visit
from gateway.web.safety import guard

PDF = "application/pdf"
_MOST_DIGITS = 3
_DONE = frozenset({"acted", "proposed"})


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/deliveries/{delivery}", shown)
    door.does("/deliveries/{delivery}/words", words, needs=Permission.RESOLVE)
    door.does("/deliveries/{delivery}/papers/{place}", paper, needs=Permission.RESOLVE)
    door.does("/deliveries/{delivery}/{action}", act, needs=Permission.RESOLVE, brings=Brings(octets=MOST_OCTETS))


def shown(at: Visit) -> Response:
    """The delivery as it stands."""
    done = at.request.query_params.get("done", "")
    return _page(at, done=done if done in _DONE else "")


def words(at: Visit, _fields: Fields) -> Response:
    """The same with what the carriers said; that it was read is recorded."""
    return _page(at, words=at.console.look_at.words(_id(at), actor=at.actor))


def paper(at: Visit, _fields: Fields) -> Response:
    """A paper as the recipient gets it; that it was opened is recorded."""
    place = str(at.request.path_params["place"])
    if not place.isdecimal() or len(place) > _MOST_DIGITS:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND)
    media_type, content = at.console.look_at.paper(_id(at), int(place), actor=at.actor)
    headers = {"Content-Disposition": 'attachment; filename="paper.pdf"' if media_type == PDF else "attachment"}
    return guard(Response(content, headers=headers, media_type=media_type), secure=at.console.secure)


def act(at: Visit, fields: Fields) -> Response:
    """Does what the form asks for. What was done by the same person a moment ago is not done twice."""
    try:
        action = Action(at.request.path_params["action"])
    except ValueError:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND) from None
    typed = tidied(fields)
    try:
        asked = asked_of(action, typed, at.files, at.words.zone)
        acted = at.console.look_at.act(_id(at), asked, actor=at.actor, seen=fields.get("seen", ""))
    except (InputRefused, Conflict) as problem:
        if problem.code is Code.DELIVERY_CHANGED_MEANWHILE:
            return _changed(at, action)
        return _page(at, problem=problem, asked=typed.get("card", action.value), typed=typed)
    return at.to(f"/deliveries/{_id(at)}", done="acted" if acted.proposal is None else "proposed")


def _changed(at: Visit, action: Action) -> Response:
    """Somebody or something acted first: who, and what; nothing was changed. A double click is told that it is done."""
    last = at.console.look_at(_id(at), viewer=at.actor, reasons=False).last_act
    if last is not None and (last.actor, last.facts.get("action")) == (at.actor, action.value):
        return at.to(f"/deliveries/{_id(at)}", done="acted")
    return _page(at, problem=Conflict(Code.DELIVERY_CHANGED_MEANWHILE, where=_id(at)), changed=last)


def _page(
    at: Visit,
    *,
    done: str = "",
    words: Fields | None = None,
    problem: Problem | None = None,
    asked: str = "",
    typed: Fields | None = None,
    changed: Event | None = None,
) -> Response:
    may_act = at.may(Permission.RESOLVE)
    look = at.console.look_at(_id(at), viewer=at.actor, reasons=may_act or at.may(Permission.APPROVE))
    return at.page(
        "delivery",
        status=problem.http_status if problem else 200,
        **head(at.words, look),
        lines=time_line(at.words, look),
        route=route(at.words, look),
        attempts=[(one.id, at.words.word("channel", one.channel)) for one in look.attempts],
        words=words,
        papers=look.papers if may_act else (),
        proof=proof_papers(at.words, at.gateway.evidence.papers.listed(_id(at))) if may_act else (),
        has_words=any(one.words for one in look.attempts),
        may_act=may_act,
        may_recall=at.may(Permission.RECALL),
        acts=acts(at.words, look) if may_act else [],
        seen=look.seen,
        done=done,
        wrong=at.words.wrong(problem, where_of(problem)) if problem else "",
        wrong_where=where_of(problem) if problem else "",
        asked=asked,
        typed=typed or {},
        changed=_told(at, changed) if changed else "",
    )


def _told(at: Visit, event: Event) -> str:
    what = at.words.act(event.facts["action"])
    return at.words.text("delivery.changed", who=event.actor, what=what, moment=at.words.moment(event.at))


def _id(at: Visit) -> str:
    return str(at.request.path_params["delivery"])
