"""That what came back on a delivery calls a person to it."""

import datetime as dt

from gateway.domain.delivery import CALLING, Delivery
from gateway.domain.events import Event, EventName
from gateway.ports.database import Transaction


def tell_if_called(tx: Transaction, before: Delivery, after: Delivery, now: dt.datetime) -> None:
    """Records it, where the delivery has left us and now stands with a reason to call."""
    if after.reason in CALLING and after.reason is not before.reason:
        tx.records.append(
            Event(
                name=EventName.PERSON_CALLED,
                at=now,
                actor="gateway",
                dispatch=after.dispatch,
                delivery=after.id,
                facts={"reason": after.reason.value, "channel": after.channel or ""},
            )
        )
