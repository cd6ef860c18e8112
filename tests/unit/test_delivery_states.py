"""The state machine of a delivery: the whole product of states and events, and the promises that hang on it."""

import itertools

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import NEEDING_PERSON, TRANSITIONS, DeliveryEvent, DeliveryState, next_state
from gateway.domain.problem import Conflict


@pytest.mark.parametrize(("state", "event"), list(itertools.product(DeliveryState, DeliveryEvent)))
def test_every_pair_of_state_and_event_either_moves_as_the_table_says_or_is_refused(
    state: DeliveryState, event: DeliveryEvent
) -> None:
    after = TRANSITIONS[state].get(event)
    if after is None:
        with pytest.raises(Conflict) as refused:
            next_state(state, event)
        assert refused.value.code is Code.DELIVERY_ACTION_NOT_POSSIBLE
        assert refused.value.facts == {"state": state.value, "action": event.value}
    else:
        assert next_state(state, event) is after


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(DeliveryState)


def test_every_event_moves_something() -> None:
    assert {event for row in TRANSITIONS.values() for event in row} == set(DeliveryEvent)


def test_what_may_have_been_sent_is_never_sent_again_without_a_person_saying_that_it_was_not() -> None:
    ways_out = {
        event for event, after in TRANSITIONS[DeliveryState.UNCONFIRMED].items() if after is DeliveryState.READY
    }
    assert ways_out == {DeliveryEvent.CONFIRMED_NOT_SENT}
    assert DeliveryEvent.CLAIMED not in TRANSITIONS[DeliveryState.UNCONFIRMED]


def test_only_what_is_ready_or_deferred_can_be_claimed() -> None:
    claimable = {state for state, row in TRANSITIONS.items() if DeliveryEvent.CLAIMED in row}
    assert claimable == {DeliveryState.READY, DeliveryState.DEFERRED}


def test_a_handover_never_becomes_a_delivery_by_an_attempt() -> None:
    events = {event for row in TRANSITIONS.values() for event, after in row.items() if after is DeliveryState.DELIVERED}
    assert events == {DeliveryEvent.SERVICE_RECORDED, DeliveryEvent.TAKEN}


def test_a_failure_and_an_unknown_end_wait_for_a_person() -> None:
    assert {DeliveryState.FAILED, DeliveryState.UNCONFIRMED, DeliveryState.NEEDS_PERSON} <= NEEDING_PERSON
