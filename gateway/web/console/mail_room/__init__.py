"""The mail room: what waits for its carrier, and the manifests that were closed last."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import Response

from gateway.domain.accounts import Permission
from gateway.domain.work_list import WorkList
from gateway.web.console.door import Door
from gateway.web.console.mail_room import batch, manifest
from gateway.web.console.mail_room.waiting import batch_line
from gateway.web.console.visit import Visit
from gateway.web.console.words import Words
from templates.words import capitalized

_MOST_SHOWN = 30
"""Manifests: older ones are found by their number."""


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/mail-room", shown)
    door.shows("/mail-room/manifests", found)
    batch.add_to(door)
    manifest.add_to(door)


def shown(at: Visit) -> Response:
    """The page."""
    view = cast("Mapping[str, Sequence[Mapping[str, Any]]]", at.gateway.mail_room.views.all(viewer=at.actor))
    waiting = at.console.work.waiting(viewer=at.actor)
    aside = at.request.query_params.get("aside", "")
    return at.page(
        "mail-room",
        batches=[batch_line(at.words, one) for one in view["waiting"]],
        manifests=[_line(at.words, one) for one in view["manifests"][:_MOST_SHOWN]],
        may_act=at.may(Permission.RESOLVE),
        aside=int(aside) if aside.isascii() and aside.isdecimal() else 0,
        returned=waiting.lists[WorkList.CAME_BACK],
        receipts=waiting.receipts,
    )


def found(at: Visit) -> Response:
    """The manifest whose number was typed or scanned."""
    number = "".join(at.request.query_params.get("number", "").split()).upper()
    return at.to(f"/mail-room/manifests/{number}") if number.replace("-", "").isalnum() else at.to("/mail-room")


def _line(words: Words, view: Mapping[str, Any]) -> dict[str, object]:
    handed = view["handed_over_at"]
    return {
        "number": view["manifest"],
        "name": capitalized(words.word("channel", view["channel"])),
        "place": words.word("office", view["office"]),
        "carrier": words.word("carrier", view["carrier"]),
        "count": words.number(view["items"]),
        "closed": words.moment(dt.datetime.fromisoformat(view["closed_at"])),
        "handed": words.moment(dt.datetime.fromisoformat(handed)) if handed else "",
    }
