"""The last net under every promise: a delivery that nothing would ever move again goes to a person.

Nothing should ever be caught in it. What is, is a defect of ours, counted as an alarm.
"""

from dataclasses import replace

from gateway.domain.delivery import Delivery, DeliveryEvent, next_state
from gateway.domain.events import Event, EventName
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database


class CatchForgotten:
    """Looks for deliveries without a next action. Safe to run anywhere, any number of times."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self, limit: int) -> int:
        """How many were handed to a person, at most `limit`."""
        with self._database.look_up() as tx:
            forgotten = tx.deliveries.forgotten(limit=limit)
        return sum(self._hand_over(one) for one in forgotten)

    def _hand_over(self, delivery: Delivery) -> bool:
        state = next_state(delivery.state, DeliveryEvent.PERSON_NEEDED)
        after = replace(delivery, state=state, reason=Reason.NO_NEXT_ACTION, next_action_at=None)
        with self._database.write() as tx:
            if tx.deliveries.get(delivery.id, lock=True) != delivery:
                return False  # somebody was quicker
            tx.deliveries.save(after)
            tx.records.append(
                Event(
                    name=EventName.PERSON_CALLED,
                    at=self._clock.now(),
                    actor="gateway",
                    dispatch=delivery.dispatch,
                    delivery=delivery.id,
                    facts={"reason": Reason.NO_NEXT_ACTION.value, "from": delivery.state.value},
                )
            )
        return True
