"""The work list: what is wrong in plain words, the next step, and the filters in the address."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Response

from gateway.application.console.bulk import FOR_SEVERAL
from gateway.application.console.desk import NamedView
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.desk import SavedView
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Problem
from gateway.domain.urgency import Urgency
from gateway.domain.work_list import Place, WorkList, WorkRow
from gateway.web.console.door import Door
from gateway.web.console.visit import Fields, Visit
from gateway.web.console.work import bulk
from gateway.web.safety import with_script


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/lists/{which}", shown)
    door.does("/lists/{which}/views", saved, needs=None)
    bulk.add_to(door)


def shown(at: Visit) -> Response:
    """One list. Raises NoSuchThing (request.not-found) for what is no list or filter of ours."""
    return _page(at, _asked(at, at.request.query_params))


def saved(at: Visit, fields: Fields) -> Response:
    """The list with what narrows it, under a name of the person's. Raises as `shown`."""
    asked, name = _asked(at, fields), fields.get("name", "")
    try:
        at.console.desk.save(at.actor, name, which=asked.which, division=asked.division, channel=asked.channel)
    except (InputRefused, Conflict) as problem:
        return _page(at, asked, problem=problem, typed=name)
    return at.to(f"/lists/{asked.which.value}", **asked.filters)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A list, what narrows it, and where its page begins."""

    which: WorkList
    division: Division | None
    channel: str | None
    after: Place | None

    @property
    def filters(self) -> dict[str, str]:
        """As they stand in the address."""
        return filters_of(self.division, self.channel)


def filters_of(division: Division | None, channel: str | None) -> dict[str, str]:
    """What narrows a list, as it stands in its address."""
    return {name: str(value) for name, value in (("division", division), ("channel", channel)) if value}


def _asked(at: Visit, fields: Mapping[str, str]) -> _Asked:
    try:
        return _Asked(
            which=WorkList(at.request.path_params["which"]),
            division=Division(fields["division"]) if fields.get("division") else None,
            channel=at.gateway.known_channel(fields["channel"], where="channel") if fields.get("channel") else None,
            after=_place(fields["after"]) if fields.get("after") else None,
        )
    except (ValueError, InputRefused):
        raise NoSuchThing(Code.REQUEST_NOT_FOUND) from None


def _page(at: Visit, asked: _Asked, *, problem: Problem | None = None, typed: str = "") -> Response:
    which, division, channel, filters = asked.which, asked.division, asked.channel, asked.filters
    page = at.console.work.page(which, viewer=at.actor, division=division, channel=channel, after=asked.after)
    shown_page = at.page(
        "work",
        status=problem.http_status if problem else 200,
        views=[_view(asked, one) for one in at.console.desk.views(at.actor)],
        wrong=at.words.wrong(problem, "name", area="views") if problem else "",
        typed=typed,
        which=which.value,
        lists=[one.value for one in WorkList],
        counts={one.value: count for one, count in at.console.work.waiting(viewer=at.actor).lists.items()},
        rows=[_row(at, row, urgency) for row, urgency in page.rows],
        divisions=[one.value for one in Division],
        channels=at.gateway.channel_names,
        division=division,
        channel=channel,
        several=[one.value for one in FOR_SEVERAL] if at.may(Permission.RESOLVE) else [],
        kept=f"?{urlencode(filters)}" if filters else "",
        first=f"?{urlencode(filters)}" if asked.after else "",
        more=f"?{urlencode(filters | {'after': _written(page.next)})}" if page.next else "",
    )
    return with_script(shown_page)


def _view(asked: _Asked, named: NamedView) -> dict[str, object]:
    view = named.view
    here = (asked.which, asked.division, asked.channel) == (view.which, view.division, view.channel)
    return {"name": named.name, "place": place_of(view), "here": here}


def place_of(view: SavedView) -> str:
    """Where a view leads, below the language."""
    filters = filters_of(view.division, view.channel)
    return f"/lists/{view.which.value}" + (f"?{urlencode(filters)}" if filters else "")


def _row(at: Visit, row: WorkRow, urgency: Urgency | None) -> dict[str, object]:
    delivery, words = row.delivery, at.words
    reason = delivery.reason.value if delivery.reason else None
    state = f"state.{delivery.state.value}"
    return {
        "id": delivery.id,
        "files": ", ".join(row.files),
        "division": words.word("division.code", row.division.value),
        "roles": ", ".join(words.word("role", one.value) for one in delivery.roles),
        "channel": words.word("channel", delivery.channel) if delivery.channel else "",
        "state": words.word("delivery-state", delivery.state.value),
        "wrong": words.reason(reason, "meaning") if reason else words.text(f"{state}.meaning"),
        "next": words.reason(reason, "action") if reason else words.text(f"{state}.action"),
        "due": words.date(delivery.due) if delivery.due else "",
        "urgency": urgency.value if urgency and urgency is not Urgency.ON_TIME else "",
    }


def _written(place: Place) -> str:
    return f"{(place.due or dt.date.max).isoformat()}.{place.ordinal}"


def _place(text: str) -> Place:
    """Raises ValueError."""
    day, _, ordinal = text.partition(".")
    return Place(due=dt.date.fromisoformat(day), ordinal=int(ordinal))
