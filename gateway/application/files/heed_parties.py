"""A word about a file's parties that concerns what waits to be sent: heeded at once, not only when its turn comes.

Whatever happens here, the parties are asked again just before each attempt: this tells the person earlier, and lets who
must be provided instead be planned for.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gateway.application.acts.set_going import held_with_dispatch, plan_for_others, set_going
from gateway.application.sealed import DataKey, package_key
from gateway.domain.delivery import Delivery, DeliveryEvent, DeliveryState, next_state
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.reasons import Reason
from gateway.ports.database import Database, Transaction

HeldBack = Callable[[Dispatch, Delivery, str, DataKey], Reason | None]
Waiting = Callable[[Transaction], Sequence[Delivery]]

_ASKED_AT_SENDING = frozenset({None, Reason.PARTIES_NOT_CONFIRMED})
"""Nothing changed for the delivery, or a message is missing, which may come before its turn does."""
_OTHER_WAYS = frozenset({Reason.CONSENT_WITHDRAWN})
"""The same participant may be provided by another channel: planned anew. Of all else a person decides."""


def heed(
    database: Database,
    held_back: HeldBack,
    waiting_in: Waiting,
    *,
    because: Mapping[str, str | int | bool],
    actor: str,
    now: dt.datetime,
) -> int:
    """Stops or plans anew what waits and must not go as it was planned; how many deliveries those are.

    waiting_in: what the word may concern. because: whose word it was, for the record.
    """
    with database.look_up() as tx:
        waiting = waiting_in(tx)
        dispatches = [tx.dispatches.get(one.dispatch) for one in waiting]
        keys = [package_key(tx.registry, one) for one in dispatches]
    count = 0
    for dispatch, delivery, key in zip(dispatches, waiting, keys, strict=True):
        reason = held_back(dispatch, delivery, delivery.channel or "", key)
        if reason is not None and reason not in _ASKED_AT_SENDING:
            called = Event(
                name=EventName.PERSON_CALLED,
                at=now,
                actor=actor,
                dispatch=dispatch.id,
                delivery=delivery.id,
                facts={**because, "reason": reason.value},
            )
            with database.write() as tx:
                stopped = _stop(tx, delivery, reason, called)
                if stopped:
                    held = tx.dispatches.get(dispatch.id, lock=True)
                    plan_for_others(tx, held, reason, because=because, actor=actor, now=now)
                count += stopped
    return count


def _stop(tx: Transaction, looked_at: Delivery, reason: Reason, called: Event) -> bool:
    """False where somebody moved the delivery meanwhile: then its next attempt asks."""
    _, delivery = held_with_dispatch(tx, looked_at.id)
    if delivery != looked_at:
        return False
    in_hand = delivery.state is DeliveryState.AWAITING_PERSON  # it may have gone: whoever has it says first
    state = delivery.state if in_hand else next_state(delivery.state, DeliveryEvent.PERSON_NEEDED)
    stopped = replace(delivery, state=state, reason=reason, next_action_at=None)
    tx.deliveries.save(stopped)
    tx.records.append(called)
    if reason in _OTHER_WAYS and not in_hand:
        set_going(tx, stopped, because="parties-changed", actor=called.actor, now=called.at)
    return True
