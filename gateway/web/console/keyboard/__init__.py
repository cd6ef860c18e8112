"""The keys that act by themselves: what each does, and off or on for the person (WCAG 2.2, 2.1.4)."""

from fastapi import Response

from gateway.web.console.door import Door
from gateway.web.console.visit import Fields, Visit

_STANDS = {"on": True, "off": False}


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/keyboard", shown)
    door.does("/keyboard", turned, needs=None)


def shown(at: Visit) -> Response:
    """The page."""
    return at.page("keyboard")


def turned(at: Visit, fields: Fields) -> Response:
    """On or off from now on."""
    on = _STANDS.get(fields.get("keys", ""))
    if on is not None:
        at.console.desk.set_shortcuts(at.actor, on=on)
    return at.to("/keyboard")
