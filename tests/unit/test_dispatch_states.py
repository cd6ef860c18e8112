"""The state of a dispatch, derived from its deliveries."""

import pytest

from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import DispatchState, Step, dispatch_state
from tests.contracts.samples import a_delivery


@pytest.mark.parametrize(
    ("step", "states", "state"),
    [
        (Step.PLAN, [], DispatchState.IN_PROGRESS),
        (Step.STUCK, [], DispatchState.NEEDS_PERSON),
        (Step.DONE, [], DispatchState.COMPLETE),
        (Step.DONE, [DeliveryState.READY], DispatchState.IN_PROGRESS),
        (Step.DONE, [DeliveryState.READY, DeliveryState.NEEDS_PERSON], DispatchState.NEEDS_PERSON),
        (Step.DONE, [DeliveryState.RECALLED], DispatchState.RECALLED),
        (Step.RECALLED, [], DispatchState.RECALLED),
        (Step.RECALLED, [DeliveryState.RECALLED, DeliveryState.HANDED_OVER], DispatchState.RECALLED),
        (Step.RECALLED, [DeliveryState.RECALLED, DeliveryState.SENDING], DispatchState.IN_PROGRESS),
        (Step.RECALLED, [DeliveryState.RECALLED, DeliveryState.UNCONFIRMED], DispatchState.IN_PROGRESS),
        (Step.DONE, [DeliveryState.RECALLED, DeliveryState.CANCELLED], DispatchState.CANCELLED),
    ],
)
def test_a_dispatch_without_deliveries_is_complete_once_it_is_planned(
    step: Step, states: list[DeliveryState], state: DispatchState
) -> None:
    """All was handed over in the hearing room: nothing is left to do, and nothing waits for ever."""
    assert dispatch_state(step, [a_delivery("x", state=one) for one in states]) is state
