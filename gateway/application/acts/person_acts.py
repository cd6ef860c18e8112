"""A person's act on a delivery: what it makes of the state, and its record with name, time and sealed reason."""

from collections.abc import Mapping

from gateway.application import contexts
from gateway.application.sealed import DataKey, Vault, package_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import TRANSITIONS, Delivery, DeliveryEvent, DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Transaction

_EVENT_OF: Mapping[Action, DeliveryEvent] = {
    Action.RETRY: DeliveryEvent.RETRY_ASKED,
    Action.REROUTE: DeliveryEvent.REROUTED,
    Action.CONFIRM_SENT: DeliveryEvent.CONFIRMED_SENT,
    Action.CONFIRM_NOT_SENT: DeliveryEvent.CONFIRMED_NOT_SENT,
    Action.RECORD_SERVICE: DeliveryEvent.SERVICE_RECORDED,
    Action.CORRECT_ADDRESS: DeliveryEvent.READDRESSED,
    Action.REPLACE_RECIPIENT: DeliveryEvent.READDRESSED,
    Action.RE_SERVE: DeliveryEvent.RE_SERVED,
    Action.HOLD: DeliveryEvent.HELD,
    Action.RELEASE: DeliveryEvent.RELEASED,
    Action.CANCEL: DeliveryEvent.CANCELLED,
}

_CONFIRMING = frozenset({Action.CONFIRM_SENT, Action.CONFIRM_NOT_SENT})
_OF_SHOWN_SENT = _CONFIRMING | {Action.RECORD_SERVICE}
"""All that is possible once a receipt shows that it may be with the recipient: anything else could send it twice, or
hide that it was sent."""


def state_after(delivery: Delivery, action: Action) -> DeliveryState:
    """The state after the act. Raises Conflict (delivery.action-not-possible, delivery.shown-sent)."""
    shown_sent = delivery.reason is Reason.SHOWN_SENT
    if shown_sent and action not in _OF_SHOWN_SENT:
        raise Conflict(Code.DELIVERY_SHOWN_SENT, where=delivery.id, action=action.value)
    after = TRANSITIONS[delivery.state].get(_EVENT_OF[action])
    unasked = action in _CONFIRMING and delivery.state is DeliveryState.NEEDS_PERSON and not shown_sent
    if after is None or unasked:
        raise Conflict(Code.DELIVERY_ACTION_NOT_POSSIBLE, state=delivery.state.value, action=action.value)
    return after


class PersonActs:
    """Records what people do. No act goes without a reason."""

    def __init__(self, *, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def record(
        self,
        tx: Transaction,
        before: Delivery,
        after: Delivery,
        action: Action,
        *,
        actor: str,
        reason: str,
        facts: Mapping[str, str | int | bool] | None = None,
    ) -> None:
        """Saves the delivery and appends the act. Raises InputRefused (request.invalid: no reason), Conflict
        (retention.expired)."""
        tx.deliveries.save(after)
        key = package_key(tx.registry, tx.dispatches.get(before.dispatch))
        moved = {"action": action.value, "from": before.state.value, "to": after.state.value}
        tx.records.append(
            Event(
                name=EventName.DELIVERY_RESOLVED,
                at=self._clock.now(),
                actor=actor,
                dispatch=before.dispatch,
                delivery=before.id,
                facts=moved | dict(facts or {}),
                reason=self.sealed(key, before.id, reason),
            )
        )

    def sealed(self, key: DataKey, subject_id: str, reason: str) -> bytes:
        """The reason, sealed. Raises InputRefused (request.invalid) when none is given."""
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        return self._vault.seal(key, contexts.reason(subject_id), reason.encode())
