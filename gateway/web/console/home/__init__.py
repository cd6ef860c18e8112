"""Home: what needs a person now."""

from fastapi import Response

from gateway.domain.accounts import Permission
from gateway.domain.breach import Breach
from gateway.web.console.door import Door
from gateway.web.console.visit import Visit


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("", shown)


def shown(at: Visit) -> Response:
    """The page."""
    waiting = at.console.work.waiting()
    lists = [{"name": one.value, "count": count} for one, count in waiting.lists.items()]
    breaches = [_breach(at, one) for one in waiting.breaches] if at.may(Permission.RECALL) else []
    nothing = not any(one["count"] for one in lists)
    return at.page("home", lists=lists, waiting=waiting, breaches=breaches, nothing=nothing)


def _breach(at: Visit, breach: Breach) -> dict[str, str]:
    due = at.words.moment(breach.due_at) if breach.due_at else ""
    return {"dispatch": breach.dispatch, "number": breach.number, "due": due}
