"""The lists that a person saved under names of theirs: how much stands in each now, another name, and taken away."""

from fastapi import Response

from gateway.application.console.desk import NamedView
from gateway.domain.problem import Conflict, InputRefused, Problem
from gateway.domain.work_list import MOST_COUNTED
from gateway.web.console.door import Door
from gateway.web.console.visit import Fields, Visit
from gateway.web.console.work import place_of

_DONE = frozenset({"named", "gone"})


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/views", shown)
    door.does("/views/{view}/name", renamed, needs=None)
    door.does("/views/{view}/removal", removed, needs=None)


def shown(at: Visit) -> Response:
    """The page."""
    done = at.request.query_params.get("done", "")
    return _page(at, done=at.words.text(f"views.done-{done}") if done in _DONE else "")


def renamed(at: Visit, fields: Fields) -> Response:
    """Under another name. Raises NoSuchThing (request.not-found)."""
    name = fields.get("name", "")
    try:
        at.console.desk.rename(at.actor, _id(at), name)
    except (InputRefused, Conflict) as problem:
        return _page(at, problem=problem, typed=name)
    return at.to("/views", done="named")


def removed(at: Visit, _fields: Fields) -> Response:
    """Gone."""
    at.console.desk.remove(at.actor, _id(at))
    return at.to("/views", done="gone")


def _page(at: Visit, *, done: str = "", problem: Problem | None = None, typed: str = "") -> Response:
    faulty = _id(at) if problem else ""
    return at.page(
        "views",
        status=problem.http_status if problem else 200,
        views=[_line(at, named, count) for named, count in at.console.desk.counted(at.actor)],
        done=done,
        faulty=faulty,
        typed=typed,
        wrong=at.words.wrong(problem, "name", area="views") if problem else "",
    )


def _line(at: Visit, named: NamedView, count: int) -> dict[str, str]:
    words, view = at.words, named.view
    narrowed = [words.word("division.code", view.division.value)] if view.division else []
    narrowed += [words.word("channel", view.channel)] if view.channel else []
    return {
        "id": view.id,
        "name": named.name,
        "place": place_of(view),
        "shows": " · ".join([words.text(f"list.{view.which.value}"), *narrowed]),
        "count": words.text("views.or-more", count=words.number(count))
        if count == MOST_COUNTED
        else words.number(count),
    }


def _id(at: Visit) -> str:
    return str(at.request.path_params["view"])
