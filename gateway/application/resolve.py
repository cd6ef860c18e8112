"""What a person settles: an unconfirmed attempt, a delivery that waits for a person, a dispatch that is stuck.

The whole set of actions comes with the receipts; these are what an open end needs.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from gateway.application import contexts
from gateway.application.examine import RELEASABLE
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryEvent, DeliveryState, next_state
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database

_EVENT_OF = {
    Action.RETRY: DeliveryEvent.RETRY_ASKED,
    Action.CONFIRM_SENT: DeliveryEvent.CONFIRMED_SENT,
    Action.CONFIRM_NOT_SENT: DeliveryEvent.CONFIRMED_NOT_SENT,
    Action.RELEASE: DeliveryEvent.RELEASED,
}

_REASON_AFTER: Mapping[Action, Reason | None] = {
    Action.CONFIRM_SENT: None,
    Action.RELEASE: Reason.RELEASED_BY_PERSON,
}


class Resolve:
    """Records a person's act with name, time and reason, and moves what it is about."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, delivery_id: str, action: Action, *, actor: str, reason: str) -> Delivery:
        """The delivery after the act.

        Raises NoSuchThing, Conflict (delivery.action-not-possible), InputRefused (request.invalid: no reason).
        """
        with self._database.write() as tx:
            before = tx.deliveries.get(delivery_id, lock=True)
            after = self._moved(before, action)
            tx.deliveries.save(after)
            if after.state is DeliveryState.PLANNED:
                tx.dispatches.save(planned_again(tx.dispatches.get(before.dispatch, lock=True), self._clock.now()))
            key = data_key(tx.registry, tx.dispatches.get(before.dispatch).data_key)
            tx.records.append(
                Event(
                    name=EventName.DELIVERY_RESOLVED,
                    at=self._clock.now(),
                    actor=actor,
                    dispatch=before.dispatch,
                    delivery=before.id,
                    facts={"action": action.value, "from": before.state.value, "to": after.state.value},
                    reason=self._sealed(key, before.id, reason),
                )
            )
        return after

    def retry(self, dispatch_id: str, *, actor: str, reason: str) -> Dispatch:
        """The dispatch whose planning or rendering is stuck, due again; what was planned or sent already stands.

        Raises NoSuchThing (dispatch.unknown), Conflict (dispatch.not-stuck), InputRefused (request.invalid).
        """
        now = self._clock.now()
        with self._database.write() as tx:
            before = tx.dispatches.get(dispatch_id, lock=True)
            if before.step is not Step.STUCK:
                raise Conflict(Code.DISPATCH_NOT_STUCK, where=dispatch_id)
            after = planned_again(before, now)
            tx.dispatches.save(after)
            key = data_key(tx.registry, before.data_key)
            tx.records.append(
                Event(
                    name=EventName.DISPATCH_RETRIED,
                    at=now,
                    actor=actor,
                    dispatch=before.id,
                    reason=self._sealed(key, before.id, reason),
                )
            )
        return after

    def _sealed(self, key: DataKey, subject_id: str, reason: str) -> bytes:
        """The reason, sealed. Raises InputRefused (request.invalid) when none is given: no act goes without one."""
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        return self._vault.seal(key, contexts.reason(subject_id), reason.encode())

    def _moved(self, before: Delivery, action: Action) -> Delivery:
        if action is Action.RELEASE and before.reason not in RELEASABLE:
            raise Conflict(Code.DELIVERY_ACTION_NOT_POSSIBLE, state=before.state.value, action=action.value)
        state = next_state(before.state, _EVENT_OF[action])
        due_now = state is DeliveryState.READY
        return replace(
            before,
            state=state,
            reason=_REASON_AFTER.get(action, Reason.RESOLVED_BY_PERSON),
            position=0 if before.state is DeliveryState.FAILED else before.position,
            attempts=0 if action is Action.RETRY else before.attempts,
            next_action_at=self._clock.now() if due_now else None,
        )


def planned_again(dispatch: Dispatch, now: dt.datetime) -> Dispatch:
    """The dispatch due to be planned, whatever step it stands at.

    The fence grows: who plans or renders it at this moment looked before the change, and must not end the step.
    """
    return replace(dispatch, step=Step.PLAN, attempts=0, fence=dispatch.fence + 1, next_action_at=now, lease_until=None)
