"""How the items of a manifest stand."""

from collections.abc import Mapping, Sequence

from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.manifest import BatchedItem, ItemState
from gateway.ports.database import Transaction


def states_of(tx: Transaction, items: Sequence[BatchedItem]) -> Mapping[str, ItemState]:
    """By attempt. What is batched by another attempt than the item's own left this manifest."""
    attempts = tx.deliveries.attempts_of([one.delivery for one in items])
    dispatched = tx.deliveries.of_dispatches(list(dict.fromkeys(one.dispatch for one in items)))
    deliveries = {one.id: one for some in dispatched.values() for one in some}
    states = {}
    for item in items:
        own = next(one for one in attempts[item.delivery] if one.id == item.attempt)
        if own.result is ResultName.HANDED_OVER:
            states[item.attempt] = ItemState.HANDED_OVER
            continue
        batched = deliveries[item.delivery].state is DeliveryState.BATCHED
        last = attempts[item.delivery][-1].id == item.attempt
        states[item.attempt] = ItemState.LISTED if batched and last else ItemState.WITHDRAWN
    return states
