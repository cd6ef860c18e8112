"""How it is recorded that a recall stopped a delivery, whoever finds it to stop."""

import datetime as dt

from gateway.domain.delivery import Delivery
from gateway.domain.events import Event, EventName
from gateway.domain.recall import Containment


def recalled_event(
    before: Delivery, after: Delivery, containment: Containment, at: dt.datetime, *, actor: str
) -> Event:
    """The event. Why it was recalled stands with the dispatch."""
    return Event(
        name=EventName.DELIVERY_RECALLED,
        at=at,
        actor=actor,
        dispatch=after.dispatch,
        delivery=after.id,
        facts={"containment": containment.value, "from": before.state.value, "to": after.state.value},
    )
