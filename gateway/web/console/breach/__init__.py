"""The report on a privacy breach: what the policy asks for, saved version by version, and the paper."""

from typing import Any, cast

from fastapi import Response

from gateway.domain.accounts import Permission
from gateway.domain.breach import BreachData
from gateway.domain.problem import Conflict, InputRefused, Problem
from gateway.web.console.breach.asking import told_of, typed_of
from gateway.web.console.door import Door
from gateway.web.console.visit import Fields, Visit
from gateway.web.safety import guard


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/dispatches/{dispatch}/breach", shown, needs=Permission.RECALL)
    door.does("/dispatches/{dispatch}/breach", save, needs=Permission.RECALL)
    door.shows("/dispatches/{dispatch}/breach/paper", paper, needs=Permission.RECALL)


def shown(at: Visit) -> Response:
    """The report as it stands, or an empty one."""
    return _page(at, done="saved" if at.request.query_params.get("done") == "saved" else "")


def save(at: Visit, fields: Fields) -> Response:
    """A new version."""
    seen = fields.get("seen", "")
    try:
        told = told_of(fields, at.words.zone)
        at.gateway.recalls.breaches.save(
            _id(at), told, actor=at.actor, seen=int(seen) if seen.isascii() and seen.isdecimal() else -1
        )
    except (InputRefused, Conflict) as problem:
        return _page(at, problem=problem, typed=fields)
    return at.to(f"/dispatches/{_id(at)}/breach", done="saved")


def paper(at: Visit) -> Response:
    """The newest version as a PDF."""
    kinds = {one: at.words.text(f"breach.data-{one.value}") for one in BreachData}
    content = at.gateway.recalls.breaches.paper(_id(at), at.language, kinds, viewer=at.actor)
    headers = {"Content-Disposition": 'attachment; filename="breach-report.pdf"'}
    return guard(Response(content, headers=headers, media_type="application/pdf"), secure=at.console.secure)


def _page(at: Visit, *, done: str = "", problem: Problem | None = None, typed: Fields | None = None) -> Response:
    words, look = at.words, at.gateway.recalls.breaches.look(_id(at), viewer=at.actor)
    view = at.gateway.views.dispatch(_id(at))
    breach = look.breach if look else None
    standing = typed_of(look.told, words.zone) if look else {}
    where = problem.where or "" if problem else ""
    deliveries = cast("list[dict[str, Any]]", view["deliveries"])
    return at.page(
        "breach",
        status=problem.http_status if problem else 200,
        dispatch=_id(at),
        files=", ".join(cast("list[str]", view["files"])),
        deliveries=[
            (one["delivery"], f"{', '.join(words.word('role', role) for role in one['roles'])} ({one['participant']})")
            for one in deliveries
        ],
        kinds=[(one.value, words.text(f"breach.data-{one.value}")) for one in BreachData],
        number=breach.number if breach else "",
        due=words.moment(breach.due_at) if breach and breach.due_at else "",
        made=words.text("breach.made", who=breach.made_by, moment=words.moment(breach.made_at)) if breach else "",
        seen=breach.version if breach else 0,
        done=done,
        wrong=words.wrong(problem, where, area="breach") if problem else "",
        wrong_where=where,
        typed=dict(typed) if typed is not None else standing,
    )


def _id(at: Visit) -> str:
    return str(at.request.path_params["dispatch"])
