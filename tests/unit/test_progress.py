"""What becomes of a delivery when an attempt ends or its lease runs out."""

import datetime as dt
from dataclasses import replace

import pytest

from gateway.domain.delivery import AttemptResult, Delivery, DeliveryState, HandedOver, ResultName
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.parties import PreferredLanguage, Role
from gateway.domain.progress import CALLING_A_PERSON, Ended, after_attempt, after_lapse, after_waiting, result_name
from gateway.domain.reasons import Reason
from gateway.domain.retry import RetryPolicy, Turn

NOW = dt.datetime(2026, 11, 20, 15, 0, tzinfo=dt.UTC)
REPORT = dt.timedelta(minutes=90)
POLICY = RetryPolicy(waits=(dt.timedelta(minutes=2), dt.timedelta(hours=1)), report=REPORT)
PAUSE = dt.timedelta(minutes=1)


def sending(*, attempts: int = 1, plan: tuple[str, ...] = ("encrypted-email",)) -> Delivery:
    return Delivery(
        id="d1",
        dispatch="x1",
        participant="m1",
        roles=(Role.MINISTER_COUNSEL,),
        recipient="cbsa",
        language=PreferredLanguage.EN,
        state=DeliveryState.SENDING,
        reason=None,
        plan=plan,
        attempts=attempts,
        fence=3,
        lease_until=NOW + dt.timedelta(minutes=1),
    )


def ended(result: AttemptResult, *, left_us: bool = True, jitter: float = 0.0) -> Ended:
    return Ended(result=result, left_us=left_us, now=NOW, jitter=jitter, pause=PAUSE)


def test_a_handover_ends_the_attempt_and_is_not_a_delivery() -> None:
    after = after_attempt(sending(), ended(HandedOver(words="250 Ok")), POLICY)
    assert after.state is DeliveryState.HANDED_OVER
    assert not after.settled
    assert after.next_action_at is None
    assert after.lease_until is None


@pytest.mark.parametrize(
    ("attempts", "jitter", "wait"),
    [
        (1, 0.0, dt.timedelta(minutes=2)),
        (1, 0.5, dt.timedelta(minutes=1)),
        (2, 0.0, dt.timedelta(hours=1)),
    ],
)
def test_what_did_not_leave_us_is_tried_again_after_the_wait_of_its_try(
    attempts: int, jitter: float, wait: dt.timedelta
) -> None:
    result = NotSent(reason=Reason.SMTP_TEMPORARY)
    after = after_attempt(sending(attempts=attempts), ended(result, jitter=jitter), POLICY)
    assert after.state is DeliveryState.DEFERRED
    assert after.next_action_at == NOW + wait
    assert after.reason is Reason.SMTP_TEMPORARY


def test_tries_are_capped_and_the_last_way_leads_to_a_person() -> None:
    after = after_attempt(sending(attempts=3), ended(NotSent(reason=Reason.SMTP_TEMPORARY)), POLICY)
    assert after.state is DeliveryState.FAILED
    assert after.reason is Reason.ATTEMPTS_EXHAUSTED
    assert after.next_action_at is None


def test_when_a_way_is_spent_the_next_of_the_plan_is_due_at_once_with_its_own_tries() -> None:
    result = NotSent(reason=Reason.SMTP_TEMPORARY)
    after = after_attempt(sending(attempts=3, plan=("encrypted-email", "courier")), ended(result), POLICY)
    assert (after.state, after.channel, after.attempts) == (DeliveryState.READY, "courier", 0)
    assert after.next_action_at == NOW


def test_an_unknown_end_is_unconfirmed_and_waits_for_its_report() -> None:
    after = after_attempt(sending(), ended(MaybeSent(reason=Reason.SMTP_UNCERTAIN)), POLICY)
    assert after.state is DeliveryState.UNCONFIRMED
    assert after.next_action_at == NOW + REPORT


def test_a_refusal_by_the_carrier_on_the_last_way_is_a_failure() -> None:
    after = after_attempt(sending(), ended(Refused(reason=Reason.SMTP_REFUSED)), POLICY)
    assert after.state is DeliveryState.FAILED


def test_a_refusal_before_anything_left_calls_a_person() -> None:
    after = after_attempt(sending(), ended(Refused(reason=Reason.KEY_EXPIRED), left_us=False), POLICY)
    assert after.state is DeliveryState.NEEDS_PERSON
    assert after.reason is Reason.KEY_EXPIRED


@pytest.mark.parametrize("reason", sorted(CALLING_A_PERSON))
def test_a_place_that_may_be_somebody_elses_calls_a_person_whatever_way_is_left(reason: Reason) -> None:
    after = after_attempt(sending(plan=("secure-upload", "courier")), ended(Refused(reason=reason)), POLICY)
    assert (after.state, after.reason, after.channel) == (DeliveryState.NEEDS_PERSON, reason, "secure-upload")


def test_our_own_misconfiguration_spends_no_try() -> None:
    after = after_attempt(sending(attempts=3), ended(Misconfigured(reason=Reason.SMTP_TLS)), POLICY)
    assert after.state is DeliveryState.DEFERRED
    assert after.attempts == 2
    assert after.next_action_at == NOW + PAUSE


def test_our_own_misconfiguration_does_not_hold_a_delivery_beyond_its_channels_time() -> None:
    turn = Turn(tries=1, since=NOW - PAUSE, until=NOW + PAUSE / 2, last=False)
    over = replace(ended(Misconfigured(reason=Reason.SMTP_TLS)), turn=turn)
    after = after_attempt(sending(plan=("encrypted-email", "courier")), over, POLICY)
    assert (after.state, after.channel, after.reason) == (DeliveryState.READY, "courier", Reason.TIME_OVER)


@pytest.mark.parametrize("plan", [("encrypted-email",), ("encrypted-email", "courier")])
def test_what_waited_for_a_closed_channel_goes_on_with_the_next_or_to_a_person(plan: tuple[str, ...]) -> None:
    waiting = replace(sending(plan=plan, attempts=3), state=DeliveryState.DEFERRED, lease_until=None)
    after = after_waiting(waiting, NOW)
    last = len(plan) == 1
    assert after.state is (DeliveryState.NEEDS_PERSON if last else DeliveryState.READY)
    assert (after.channel, after.attempts) == (("encrypted-email", 3) if last else ("courier", 0))
    assert after.next_action_at == (None if last else NOW)
    assert after.reason is Reason.TIME_OVER


def test_a_lease_that_ran_out_before_the_start_is_simply_due_again() -> None:
    after = after_lapse(sending(), started=False, lapses=1, most_lapses=5, policy=POLICY, now=NOW)
    assert after.state is DeliveryState.READY
    assert after.attempts == 0
    assert after.next_action_at == NOW


def test_a_lease_that_ran_out_after_the_start_is_unconfirmed() -> None:
    after = after_lapse(sending(), started=True, lapses=1, most_lapses=5, policy=POLICY, now=NOW)
    assert after.state is DeliveryState.UNCONFIRMED
    assert after.next_action_at == NOW + REPORT


def test_a_lapsed_lease_shuts_out_the_worker_that_held_it() -> None:
    after = after_lapse(sending(), started=True, lapses=1, most_lapses=5, policy=POLICY, now=NOW)
    assert after.fence == sending().fence + 1


def test_a_delivery_that_kills_its_worker_again_and_again_goes_to_a_person() -> None:
    after = after_lapse(sending(), started=False, lapses=5, most_lapses=5, policy=POLICY, now=NOW)
    assert after.state is DeliveryState.NEEDS_PERSON


@pytest.mark.parametrize(
    ("result", "name"),
    [
        (HandedOver(words=""), ResultName.HANDED_OVER),
        (NotSent(reason=Reason.SMTP_CUT), ResultName.NOT_SENT),
        (MaybeSent(reason=Reason.SMTP_UNCERTAIN), ResultName.MAYBE_SENT),
        (Refused(reason=Reason.SMTP_REFUSED), ResultName.REFUSED),
        (Misconfigured(reason=Reason.SMTP_TLS), ResultName.MISCONFIGURED),
    ],
)
def test_each_result_has_the_name_of_the_interface(result: AttemptResult, name: ResultName) -> None:
    assert result_name(result) is name
