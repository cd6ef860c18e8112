"""One act on several deliveries of a list: a summary of what will happen first, then what came of each."""

from collections.abc import Sequence

from fastapi import Response

from gateway.application.console.bulk import FOR_SEVERAL, Ahead, Came
from gateway.application.console.work import PAGE
from gateway.domain.accounts import Permission
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, NoSuchThing, Problem
from gateway.domain.work_list import WorkList
from gateway.web.console.door import MOST_FIELDS, Door
from gateway.web.console.visit import Fields, Visit

_CHOSEN = "d-"
"""What the name of a field begins with that chooses a delivery; its value: how the delivery stood."""
_FIELDS = PAGE + MOST_FIELDS


def add_to(door: Door) -> None:
    """Its routes."""
    door.does("/lists/{which}/several", summed_up, needs=Permission.RESOLVE, fields=_FIELDS)
    door.does("/lists/{which}/several/done", done, needs=Permission.RESOLVE, fields=_FIELDS)


def summed_up(at: Visit, fields: Fields) -> Response:
    """What will happen to each, before anything does."""
    return _summary(at, _action(fields), list(_chosen(fields)))


def done(at: Visit, fields: Fields) -> Response:
    """Each by itself, and what came of it."""
    action, chosen = _action(fields), _chosen(fields)
    try:
        came = at.console.act_on_several(chosen, action, actor=at.actor, reason=fields.get("reason", ""))
    except InputRefused as problem:
        return _summary(at, action, list(chosen), problem=problem, typed=fields)
    return at.page(
        "several-done",
        which=_which(at).value,
        title=at.words.text(f"act.{action.value}.title"),
        done=[one.delivery for one in came if one.problem is None],
        refused=_refused(at, came),
        files=_files(at, [one.delivery for one in came]),
    )


def _summary(
    at: Visit, action: Action, chosen: Sequence[str], *, problem: Problem | None = None, typed: Fields | None = None
) -> Response:
    ahead = at.console.act_on_several.ahead(chosen, action, viewer=at.actor)
    return at.page(
        "several",
        status=problem.http_status if problem else 200,
        which=_which(at).value,
        action=action.value,
        title=at.words.text(f"act.{action.value}.title"),
        hint=at.words.text(f"act.{action.value}.hint"),
        will=[_line(at, one) for one in ahead if one.possible],
        closed=[_line(at, one) for one in ahead if not one.possible],
        wrong=at.words.wrong(problem, "reason") if problem else "",
        wrong_where="reason",
        typed=dict(typed or {}),
    )


def _line(at: Visit, ahead: Ahead) -> dict[str, str]:
    delivery, dispatch = ahead.look.delivery, ahead.look.dispatch
    return {
        "id": delivery.id,
        "seen": ahead.look.seen,
        "files": ", ".join(dispatch.files),
        "roles": ", ".join(at.words.word("role", one.value) for one in delivery.roles),
        "state": at.words.word("delivery-state", delivery.state.value),
    }


def _refused(at: Visit, came: Sequence[Came]) -> list[tuple[str, str]]:
    return [(one.delivery, at.words.told(one.problem)[1]) for one in came if one.problem is not None]


def _files(at: Visit, deliveries: Sequence[str]) -> dict[str, str]:
    return {
        one.delivery.id: ", ".join(one.dispatch.files) for one in at.console.look_at.stands(deliveries, viewer=at.actor)
    }


def _chosen(fields: Fields) -> dict[str, str]:
    """By delivery how it stood; a page of a list at most."""
    chosen = {name.removeprefix(_CHOSEN): seen for name, seen in fields.items() if name.startswith(_CHOSEN)}
    return dict(list(chosen.items())[:PAGE])


def _action(fields: Fields) -> Action:
    """Raises NoSuchThing (request.not-found)."""
    found = next((one for one in FOR_SEVERAL if one.value == fields.get("action")), None)
    if found is None:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND)
    return found


def _which(at: Visit) -> WorkList:
    """Raises NoSuchThing (request.not-found)."""
    try:
        return WorkList(at.request.path_params["which"])
    except ValueError:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND) from None
