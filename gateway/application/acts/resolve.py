"""What a person settles by their word alone: an unconfirmed attempt, what waits for them, what is to wait or to end.

`Reroute` and `RecordService` are the acts that need more than a word.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from gateway.application.acts.person_acts import PersonActs, state_after
from gateway.application.papers.examine import RELEASABLE
from gateway.application.people.own_offices import check_dispatch
from gateway.application.sealed import Vault, data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.recall import if_recalled
from gateway.ports.clock import Clock
from gateway.ports.database import Database

_REASON_AFTER: Mapping[Action, Reason | None] = {
    Action.CONFIRM_SENT: None,
    Action.HOLD: Reason.HELD_BY_PERSON,
    Action.CANCEL: Reason.CANCELLED_BY_PERSON,
}


class Resolve:
    """Records a person's act with name, time and reason, and moves what it is about."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._acts = PersonActs(vault=vault, clock=clock)
        self._clock = clock

    def __call__(self, delivery_id: str, action: Action, *, actor: str, reason: str) -> Delivery:
        """The delivery after the act.

        Raises NoSuchThing, Conflict (delivery.action-not-possible, delivery.shown-sent), InputRefused
        (request.invalid: no reason).
        """
        with self._database.write() as tx:
            # A recall takes its locks in this order too.
            dispatch = tx.dispatches.get(tx.deliveries.get(delivery_id).dispatch, lock=True)
            before = tx.deliveries.get(delivery_id, lock=True)
            after = if_recalled(self._moved(before, action), dispatch)
            self._acts.record(tx, before, after, action, actor=actor, reason=reason)
            if after.state is DeliveryState.PLANNED:
                tx.dispatches.save(planned_again(dispatch, self._clock.now()))
        return after

    def retry(self, dispatch_id: str, *, actor: str, reason: str) -> Dispatch:
        """The dispatch whose planning or rendering is stuck, due again; what was planned or sent already stands.

        Raises NoSuchThing (dispatch.unknown), Conflict (dispatch.not-stuck), InputRefused (request.invalid), NotAllowed
        (account.other-office).
        """
        now = self._clock.now()
        with self._database.write() as tx:
            before = check_dispatch(tx, tx.dispatches.get(dispatch_id, lock=True), actor)
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
                    reason=self._acts.sealed(key, before.id, reason),
                )
            )
        return after

    def _moved(self, before: Delivery, action: Action) -> Delivery:
        held_back = before.reason in RELEASABLE
        if action is Action.RELEASE and before.state is DeliveryState.NEEDS_PERSON and not held_back:
            raise Conflict(Code.DELIVERY_ACTION_NOT_POSSIBLE, state=before.state.value, action=action.value)
        if action is Action.CONFIRM_SENT and before.state is DeliveryState.AWAITING_PERSON:
            # A clerk's word is not enough: what the exchange showed them is kept with it.
            raise InputRefused(Code.REQUEST_INVALID, where=action.value, expected="conversation, file")
        state = state_after(before, action)
        due_now = state is DeliveryState.READY
        return replace(
            before,
            state=state,
            reason=_reason_after(action, held_back=held_back),
            position=0 if before.state is DeliveryState.FAILED else before.position,
            attempts=0 if action is Action.RETRY else before.attempts,
            next_action_at=self._clock.now() if due_now else None,
        )


def _reason_after(action: Action, *, held_back: bool) -> Reason | None:
    """A release of what a person held says nothing of its papers: they are examined again."""
    if action is Action.RELEASE:
        return Reason.RELEASED_BY_PERSON if held_back else None
    return _REASON_AFTER.get(action, Reason.RESOLVED_BY_PERSON)


def planned_again(dispatch: Dispatch, now: dt.datetime) -> Dispatch:
    """The dispatch due to be planned, whatever step it stands at; one that was recalled stays so.

    The fence grows: who plans or renders it at this moment looked before the change, and must not end the step.
    """
    if dispatch.step is Step.RECALLED:
        return dispatch
    return replace(dispatch, step=Step.PLAN, attempts=0, fence=dispatch.fence + 1, next_action_at=now, lease_until=None)
