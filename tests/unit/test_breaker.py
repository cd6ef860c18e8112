"""The breaker's whole table, and what it means for who may go."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.breaker import (
    SILENCE,
    TRANSITIONS,
    Breaker,
    BreakerEvent,
    BreakerPolicy,
    BreakerState,
    Passage,
    after_end,
    passage,
    probing,
    told_by,
)
from gateway.domain.delivery import HandedOver
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason

NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
POLICY = BreakerPolicy(
    failures=3, first_wait=10 * SECOND, longest_wait=35 * SECOND, probe=60 * SECOND, outage=3600 * SECOND
)
OPEN = Breaker(state=BreakerState.OPEN, failures=3, openings=1, since=NOW, until=NOW + 10 * SECOND)
HALF = replace(OPEN, state=BreakerState.HALF_OPEN, until=NOW + 60 * SECOND, probe="probe")
STANDING = {BreakerState.CLOSED: Breaker(failures=1), BreakerState.OPEN: OPEN, BreakerState.HALF_OPEN: HALF}


def reached(state: BreakerState, event: BreakerEvent) -> BreakerState:
    """Where the functions that move it lead, for each pair of the table."""
    breaker = STANDING[state]
    match event:
        case BreakerEvent.PROBE_SENT:
            return probing(breaker, POLICY, "another", NOW).state
        case BreakerEvent.PROBE_SILENT:
            return after_end(breaker, BreakerEvent.SILENT, POLICY, "probe", NOW).state
        case BreakerEvent.PROBE_UNTRIED:
            return after_end(breaker, None, POLICY, "probe", NOW).state
        case BreakerEvent.SILENT_TOO_OFTEN:
            return after_end(replace(breaker, failures=2), BreakerEvent.SILENT, POLICY, "any", NOW).state
        case _:
            return after_end(breaker, event, POLICY, "any", NOW).state


def test_the_whole_table_is_what_the_functions_do() -> None:
    for state, events in TRANSITIONS.items():
        for event, after in events.items():
            assert reached(state, event) is after, (state, event)


def test_every_state_and_event_is_in_the_table_and_can_be_reached() -> None:
    assert set(TRANSITIONS) == set(BreakerState)
    assert {event for events in TRANSITIONS.values() for event in events} == set(BreakerEvent)
    assert {after for events in TRANSITIONS.values() for after in events.values()} == set(BreakerState)


def test_what_cannot_happen_is_a_defect_that_shows() -> None:
    with pytest.raises(KeyError):
        probing(Breaker(), POLICY, "probe", NOW)


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (HandedOver(words="250"), BreakerEvent.ANSWERED),
        (Refused(reason=Reason.SMTP_REFUSED), BreakerEvent.ANSWERED),
        (NotSent(reason=Reason.SMTP_TEMPORARY), BreakerEvent.ANSWERED),
        (Misconfigured(reason=Reason.SMTP_TLS), BreakerEvent.ANSWERED),
        (MaybeSent(reason=Reason.UNFORESEEN), BreakerEvent.ANSWERED),
        (NotSent(reason=Reason.SMTP_CONNECT), BreakerEvent.SILENT),
        (NotSent(reason=Reason.SMTP_CUT), BreakerEvent.SILENT),
        (MaybeSent(reason=Reason.SMTP_UNCERTAIN), BreakerEvent.SILENT),
    ],
)
def test_only_silence_counts_never_a_word_about_the_recipient(
    result: HandedOver | NotSent | MaybeSent | Refused | Misconfigured, told: BreakerEvent
) -> None:
    assert told_by(result, left_us=True) is told
    assert told_by(result, left_us=False) is None


def test_silences_in_a_row_open_it_and_an_answer_between_starts_the_count_again() -> None:
    breaker = Breaker()
    for told in (BreakerEvent.SILENT, BreakerEvent.SILENT, BreakerEvent.ANSWERED, BreakerEvent.SILENT):
        breaker = after_end(breaker, told, POLICY, "a", NOW)
    assert (breaker.state, breaker.failures) == (BreakerState.CLOSED, 1)
    for _ in range(2):
        breaker = after_end(breaker, BreakerEvent.SILENT, POLICY, "a", NOW)
    assert (breaker.state, breaker.since, breaker.until) == (BreakerState.OPEN, NOW, NOW + 10 * SECOND)


def test_waits_double_up_to_the_longest() -> None:
    breaker, waits = OPEN, []
    for _ in range(4):
        breaker = after_end(probing(breaker, POLICY, "p", NOW), BreakerEvent.SILENT, POLICY, "p", NOW)
        assert breaker.until is not None
        waits.append((breaker.until - NOW) // SECOND)
    assert waits == [20, 35, 35, 35]


def test_a_probe_that_never_came_back_is_replaced() -> None:
    assert passage(HALF, POLICY, NOW + 59 * SECOND) is Passage.NONE
    assert passage(HALF, POLICY, NOW + 60 * SECOND) is Passage.ONE


def test_a_probe_that_was_not_tried_lets_the_next_one_go_at_once() -> None:
    after = after_end(HALF, None, POLICY, "probe", NOW)
    assert (after.state, passage(after, POLICY, NOW)) == (BreakerState.OPEN, Passage.ONE)
    assert after_end(HALF, None, POLICY, "another", NOW) == HALF


def test_an_outage_longer_than_the_policy_holds_nobody_back() -> None:
    for breaker in (OPEN, HALF):
        assert passage(breaker, POLICY, NOW + POLICY.outage - SECOND) is Passage.ONE
        assert passage(replace(breaker, until=NOW + 2 * POLICY.outage), POLICY, NOW + POLICY.outage) is Passage.ALL


@given(
    told=st.lists(st.tuples(st.sampled_from([BreakerEvent.ANSWERED, BreakerEvent.SILENT, None]), st.integers(0, 50))),
)
def test_one_probe_at_a_time_and_never_open_for_longer_than_the_longest_wait(
    told: list[tuple[BreakerEvent | None, int]],
) -> None:
    breaker, now, probes = Breaker(), NOW, 0
    for what, seconds in told:
        now += seconds * SECOND
        may = passage(breaker, POLICY, now)
        if breaker.state is BreakerState.OPEN:
            assert breaker.until is not None
            assert breaker.until - now <= POLICY.longest_wait
        if may is Passage.ONE:
            probes += 1
            breaker = probing(breaker, POLICY, f"probe-{probes}", now)
            assert passage(breaker, POLICY, now) is Passage.NONE
        breaker = after_end(breaker, what, POLICY, f"probe-{probes}", now)
        assert (breaker.state is BreakerState.CLOSED) == (breaker.since is None)


def test_what_counts_as_silence_are_reasons_of_the_far_end() -> None:
    assert {reason.value.partition(".")[0] for reason in SILENCE} == {"smtp", "exchange"}
