"""The work list: what is wrong in plain words, the next step, and the filters in the address."""

import datetime as dt
from urllib.parse import urlencode

from fastapi import Response

from gateway.application.console.bulk import FOR_SEVERAL
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.parties import ChannelName
from gateway.domain.problem import NoSuchThing
from gateway.domain.urgency import Urgency
from gateway.domain.work_list import Place, WorkList, WorkRow
from gateway.web.console.door import Door
from gateway.web.console.visit import Visit
from gateway.web.console.work import bulk
from gateway.web.safety import with_script


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/lists/{which}", shown)
    bulk.add_to(door)


def shown(at: Visit) -> Response:
    """One list. Raises NoSuchThing (request.not-found) for what is no list or filter of ours."""
    asked = at.request.query_params
    try:
        which = WorkList(at.request.path_params["which"])
        division = Division(asked["division"]) if asked.get("division") else None
        channel = ChannelName(asked["channel"]) if asked.get("channel") else None
        after = _place(asked["after"]) if asked.get("after") else None
    except ValueError:
        raise NoSuchThing(Code.REQUEST_NOT_FOUND) from None
    page = at.console.work.page(which, division=division, channel=channel, after=after)
    filters = {name: str(value) for name, value in (("division", division), ("channel", channel)) if value}
    shown_page = at.page(
        "work",
        which=which.value,
        lists=[one.value for one in WorkList],
        counts={one.value: count for one, count in at.console.work.waiting().lists.items()},
        rows=[_row(at, row, urgency) for row, urgency in page.rows],
        divisions=[one.value for one in Division],
        channels=[one.value for one in ChannelName],
        division=division,
        channel=channel,
        several=[one.value for one in FOR_SEVERAL] if at.may(Permission.RESOLVE) else [],
        kept=f"?{urlencode(filters)}" if filters else "",
        first=f"?{urlencode(filters)}" if after else "",
        more=f"?{urlencode(filters | {'after': _written(page.next)})}" if page.next else "",
    )
    return with_script(shown_page)


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
