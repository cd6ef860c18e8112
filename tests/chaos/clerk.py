"""The clerk and the operator, who see to what waits for a person once the worst is over."""

import time
from collections.abc import Callable, Mapping
from functools import partial

from gateway.bootstrap import Gateway, open_gateway
from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.problem import Problem
from tests.chaos.house import FORWARD, LEASE, Surroundings
from tests.chaos.record import counts

LONGEST = 3600  # seconds until all must be at its end


def finish(standing: Surroundings, ends: Mapping[str, int], arrived: Callable[[], set[str]]) -> int:
    """Waits until the deliveries are in these states, so many in each, and plays clerk and operator meanwhile. Returns
    how often they acted. arrived: the references of all that is with the mail server or in the exchange."""
    world, acts, end = standing.world, 0, time.monotonic() + LONGEST
    while (now := counts(world)) != ends:
        print(f"{LONGEST - (end - time.monotonic()):.0f} s after the last package: {dict(now)}", flush=True)
        assert time.monotonic() < end, now
        time.sleep(LEASE)
        standing.start_what_ended()
        standing.move(FORWARD)
        gateway = open_gateway(world.home, clock=world.clock)
        try:
            acts += _settle(gateway, arrived())
        finally:
            gateway.close()
    return acts


def _settle(gateway: Gateway, arrived: set[str]) -> int:
    """The clerk looks whether what is unconfirmed came, and has what was refused tried again."""
    with gateway.database.read() as tx:
        waiting = {
            state: tx.deliveries.find(state=state, channel=None, limit=10_000)
            for state in (DeliveryState.UNCONFIRMED, DeliveryState.FAILED, DeliveryState.NEEDS_PERSON)
        }
        attempts = tx.deliveries.attempts_of([one.id for found in waiting.values() for one in found])
        stuck = [one.id for one in tx.dispatches.newest(10_000) if one.step is Step.STUCK]
    acts = 0
    for state, found in waiting.items():
        for one in found:
            action = Action.RETRY
            if state is DeliveryState.UNCONFIRMED:
                sent = attempts[one.id][-1].reference in arrived
                action = Action.CONFIRM_SENT if sent else Action.CONFIRM_NOT_SENT
            acts += _acted(partial(gateway.resolve, one.id, action, actor="test", reason="asked"))
    for dispatch in stuck:
        acts += _acted(partial(gateway.resolve.retry, dispatch, actor="test", reason="disk emptied"))
    return acts


def _acted(act: Callable[[], object]) -> int:
    """A worker may have moved it on meanwhile: then there is nothing to settle."""
    try:
        act()
    except Problem:
        return 0
    return 1
